/** deploy.sh's installation beside the new path: what differs from what the script makes keeps all of it, and the plan says why. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import t from 'tap';
import { oldNotification, oldRolePolicy, oldStatement } from '../../../src/stack/legacy/deploy-sh.js';
import type { OldFunction } from '../../../src/stack/legacy/state.js';
import type { ExecutionRoleState } from '../../../src/stack/resources/execution-role.js';
import {
  account,
  checkNotes,
  checkPlans,
  type Deployed,
  entriesOf,
  functionArn,
  notesOn,
  type PlanCase,
  scopeWith,
  trustOf,
} from './support.js';

const name = 'agentkeys-ses-router';
const oldRoleName = `${name}-lambda-role`;
const oldArn = `arn:aws:lambda:us-east-1:${account}:function:${name}`;
const scope = scopeWith();
const statement = oldStatement(scope);
const notification = oldNotification(scope.identity);
const managed = { 'managed-by': 'agentkeys-ses-routing' };

const configuration: FunctionConfiguration = {
  Runtime: 'python3.13',
  Handler: 'handler.handler',
  MemorySize: 128,
  Timeout: 10,
  Architectures: ['x86_64'],
  Role: `arn:aws:iam::${account}:role/${oldRoleName}`,
};
const oldFunction: OldFunction = { configuration, tags: {}, reservedConcurrency: 10, statements: [statement] };
const oldRole: ExecutionRoleState = {
  arn: `arn:aws:iam::${account}:role/${oldRoleName}`,
  id: 'AROAOLDROUTER',
  trust: trustOf('lambda.amazonaws.com'),
  policy: oldRolePolicy(scope.names),
  tags: {},
  otherInline: [],
  attached: [],
};

/** The old path as the script makes it, beside a new one that is up to date since a month, with changes. */
interface Change {
  fn?: Partial<OldFunction>;
  configuration?: FunctionConfiguration;
  role?: Partial<ExecutionRoleState>;
  notifications?: (typeof notification)[];
}

const beside =
  (change: Change = {}) =>
  ({ legacy, bucketEvents }: Deployed) => ({
    legacy: {
      ...legacy,
      function: { ...oldFunction, ...change.fn, configuration: { ...configuration, ...change.configuration } },
      role: { ...oldRole, ...change.role },
    },
    bucketEvents: { ...bucketEvents, LambdaFunctionConfigurations: change.notifications ?? [notification] },
  });

const removed = {
  notification: [
    `- notification    ${name}-inbound`,
    "    deploy.sh's router is no longer needed: EventBridge delivers, and the new",
    '    path is up to date',
  ],
  permission: [`- permission      ${name}-s3-invoke`],
  function: [`- function        ${name}`, `    its logs stay, in /aws/lambda/${name}`],
  role: [`- execution role  ${oldRoleName}`, '    if anything else uses this role, keep it with --keep-legacy'],
};
const destroys = {
  notification: `delete the notification ${name}-inbound, which deploy.sh made`,
  permission: `delete the permission ${name}-s3-invoke, which deploy.sh made`,
  function: `delete the function ${name}, which deploy.sh made`,
  role: `delete the execution role ${oldRoleName}, which deploy.sh made`,
};

/** The writes that remove what deploy.sh made, the notification first. */
const allRemovals = [
  's3:PutBucketNotificationConfiguration',
  'lambda:RemovePermission',
  'lambda:DeleteFunction',
  'iam:DeleteRolePolicy',
  'iam:DeleteRole',
];

const removals: PlanCase[] = [
  {
    name: 'as the script makes it: removed, the notification first',
    observed: beside(),
    lines: Object.values(removed).flat(),
    writes: allRemovals,
    destroys: Object.values(destroys),
  },
  {
    name: 'without the notification, the statement and the reserved concurrency: the rest is removed',
    observed: beside({ notifications: [], fn: { statements: [], reservedConcurrency: undefined } }),
    lines: [...removed.function, ...removed.role],
    writes: ['lambda:DeleteFunction', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
    destroys: [destroys.function, destroys.role],
  },
  {
    name: 'only a role without its policy',
    observed: (stack) => {
      const { policy, ...role } = oldRole;
      return { legacy: { ...stack.legacy, role } };
    },
    lines: removed.role,
    writes: ['iam:DeleteRole'],
    destroys: [destroys.role],
  },
  {
    name: 'only the notification',
    observed: (stack) => ({ bucketEvents: beside()(stack).bucketEvents }),
    lines: removed.notification,
    writes: ['s3:PutBucketNotificationConfiguration'],
    destroys: [destroys.notification],
  },
  {
    name: 'as the script makes it, and then added to by AWS: the filter in another case, an empty network',
    observed: beside({
      notifications: [
        { ...notification, Filter: { Key: { FilterRules: [{ Name: 'Prefix' as 'prefix', Value: 'inbound/' }] } } },
      ],
      configuration: { VpcConfig: { VpcId: '' } },
    }),
    lines: Object.values(removed).flat(),
    writes: allRemovals,
    destroys: Object.values(destroys),
  },
];

checkPlans(t, removals);

t.test('what the new path does not route is part of the question', async (t) => {
  const settings = { prefixes: ['xy'], mailDomain: 'bots.example' };
  // The deployed function has these settings already.
  const observed = (stack: Deployed) => {
    const { Variables } = stack.function.existing.configuration.Environment ?? {};
    Object.assign(Variables ?? {}, { PREFIXES: 'xy', MAIL_DOMAIN: 'bots.example' });
    return beside()(stack);
  };
  const [first] = entriesOf({ observed, settings }).flatMap((entry) => entry.destroys ?? []);
  t.equal(
    first,
    `${destroys.notification}, and so stop routing mail to or-0x…, and mail to any domain but bots.example`,
  );
});

const notificationDiffers = `the notification ${name}-inbound has other events, another filter or another function`;
const otherBucket = { ...statement, Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::b' } } };
const archive = { Id: 'archive', LambdaFunctionArn: oldArn, Events: ['s3:ObjectRemoved:*' as const] };

const differing: Array<[what: string, change: Change, reason: string]> = [
  ['runtime', { configuration: { Runtime: 'python3.12' } }, "the function's runtime is python3.12, not python3.13"],
  ['handler', { configuration: { Handler: 'main.run' } }, "the function's handler is main.run, not handler.handler"],
  ['memory', { configuration: { MemorySize: 512 } }, "the function's memory is 512 MiB, not 128 MiB"],
  ['timeout', { configuration: { Timeout: 60 } }, "the function's timeout is 60 s, not 10 s"],
  ['architecture', { configuration: { Architectures: ['arm64'] } }, "the function's architecture is arm64, not x86_64"],
  [
    'role of the function',
    { configuration: { Role: 'arn:x' } },
    `the function's execution role is arn:x, not arn:aws:iam::${account}:role/${oldRoleName}`,
  ],
  ['description', { configuration: { Description: 'ours' } }, "the function's description is ours, not none"],
  [
    'environment: names only, since a value may be a secret',
    { configuration: { Environment: { Variables: { TOKEN: 'secret' } } } },
    "the function's environment is TOKEN, not none",
  ],
  ['layer', { configuration: { Layers: [{ Arn: 'arn:x' }] } }, "the function's layer is arn:x, not none"],
  ['network', { configuration: { VpcConfig: { VpcId: 'vpc-1' } } }, "the function's network is vpc-1, not none"],
  [
    'dead-letter queue',
    { configuration: { DeadLetterConfig: { TargetArn: 'arn:q' } } },
    "the function's dead-letter queue is arn:q, not none",
  ],
  ['reserved concurrency', { fn: { reservedConcurrency: 50 } }, "the function's reserved concurrency is 50, not 10"],
  ['tag of the function', { fn: { tags: { team: 'mail' } } }, 'the function has the tag team'],
  [
    'tags of the function that the caller may not read',
    { fn: { tags: undefined } },
    "the function's tags can't be read (lambda:ListTags)",
  ],
  [
    'statement of others',
    { fn: { statements: [statement, { ...statement, Sid: 'audit', Principal: { Service: 'sns.amazonaws.com' } }] } },
    "the function's policy has a statement that is not the script's: audit",
  ],
  [
    "statement with the script's ID, for another bucket",
    { fn: { statements: [otherBucket] } },
    `the function's policy has a statement that is not the script's: ${name}-s3-invoke`,
  ],
  [
    'notification with another prefix',
    { notifications: [{ ...notification, Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'mail/' }] } } }] },
    notificationDiffers,
  ],
  ['notification without a filter', { notifications: [{ ...notification, Filter: undefined }] }, notificationDiffers],
  [
    'notification of another function',
    { notifications: [{ ...notification, LambdaFunctionArn: functionArn }] },
    notificationDiffers,
  ],
  [
    'notification of other events',
    { notifications: [{ ...notification, Events: ['s3:ObjectCreated:Put'] }] },
    notificationDiffers,
  ],
  [
    'another notification to the function',
    { notifications: [notification, archive] },
    'the notification archive invokes the function too',
  ],
  [
    'a notification to an alias of the function',
    { notifications: [notification, { ...archive, LambdaFunctionArn: `${oldArn}:live` }] },
    'the notification archive invokes the function too',
  ],
  ['trust policy', { role: { trust: trustOf('ec2.amazonaws.com') } }, "the role's trust policy is another"],
  [
    'policy of the role',
    { role: { policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] } } },
    `the role's policy ${oldRoleName}-inline is another`,
  ],
  [
    'one more inline policy',
    { role: { otherInline: ['more'] } },
    "the role has a policy that is not the script's: more",
  ],
  ['a managed policy', { role: { attached: ['arn:p'] } }, "the role has a policy that is not the script's: arn:p"],
  ['a permissions boundary', { role: { boundary: 'arn:b' } }, 'the role has a permissions boundary: arn:b'],
  ['tag of the role', { role: { tags: { team: 'mail' } } }, 'the role has the tag team'],
  [
    'two differences',
    { role: { boundary: 'arn:b' }, configuration: { Timeout: 60 } },
    "the function's timeout is 60 s, not 10 s; the role has a permissions boundary: arn:b",
  ],
];

t.test('a difference keeps all of it, for good', async (t) => {
  for (const [what, change, reason] of differing) {
    const entries = entriesOf({ observed: beside(change) });
    t.strictSame(
      entries.filter(({ writes }) => writes.length > 0),
      [],
      what,
    );
    t.match(
      entries.filter(({ resource }) => resource === 'old router'),
      [{ name, action: 'attention', note: `left alone: it is not as deploy.sh makes it: ${reason}` }],
      what,
    );
  }
});

const unready: Array<[what: string, given: Pick<PlanCase, 'observed' | 'settings'>, reason: string]> = [
  [
    'the rule is disabled',
    { observed: (stack) => ({ ...beside()(stack), rule: { ...stack.rule, state: 'DISABLED' } }) },
    'rule of the new path must be up to date first; deploy again',
  ],
  [
    'no target, and no permission',
    { observed: (stack) => ({ ...beside()(stack), rule: { ...stack.rule, targets: [] }, permission: undefined }) },
    'permission and target of the new path must be up to date first; deploy again',
  ],
  [
    'this run changes the new function',
    { observed: beside(), settings: { memory: 512 } },
    'function of the new path must be up to date first; deploy again',
  ],
  [
    'the new function is being updated',
    {
      observed: (stack) => {
        stack.function.existing.configuration.LastUpdateStatus = 'InProgress';
        return beside()(stack);
      },
    },
    'the new function is not active yet; deploy again',
  ],
  [
    'a reserved concurrency of 0',
    {
      observed: (stack) => ({
        ...beside()(stack),
        function: { existing: { ...stack.function.existing, reservedConcurrency: 0 } },
      }),
    },
    'a reserved concurrency of 0 keeps the new function from running',
  ],
  [
    'EventBridge is off',
    { observed: (stack) => ({ ...beside()(stack), bucketEvents: { LambdaFunctionConfigurations: [notification] } }) },
    'it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  ],
  [
    'EventBridge is on, without the tag that says since when',
    { observed: (stack) => ({ ...beside()(stack), rule: { ...stack.rule, tags: managed } }) },
    'it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  ],
  [
    'the tag is no time',
    {
      observed: (stack) => ({
        ...beside()(stack),
        rule: { ...stack.rule, tags: { ...managed, 'eventbridge-on-since': 'not yet' } },
      }),
    },
    'it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  ],
  [
    'EventBridge is on since less than ten minutes',
    {
      observed: (stack) => {
        const { legacy, ...others } = beside()(stack);
        return { ...others, legacy: { ...legacy, readAt: Date.parse('2026-01-01T00:09:59Z') } };
      },
    },
    'S3 takes about five minutes until it delivers to EventBridge; deploy again at 2026-01-01T00:10:00Z or later',
  ],
];

t.test('it is kept until the new path is up to date, even if this run repairs that', async (t) => {
  for (const [what, given, reason] of unready) {
    const entries = entriesOf(given);
    t.match(
      entries.filter(({ resource }) => resource === 'old router'),
      [{ name, action: 'attention', note: `kept for now: ${reason}` }],
      what,
    );
    t.notOk(
      entries.some(({ action }) => action === 'delete'),
      what,
    );
  }
});

checkNotes(
  t,
  ['old router'],
  [
    {
      name: '--keep-legacy',
      observed: beside(),
      settings: { keepLegacy: true },
      lines: [`! old router      ${name}`, '    not looked at, and left alone: --keep-legacy'],
    },
    {
      name: 'a teardown leaves it alone',
      observed: beside(),
      command: 'teardown',
      lines: [`! old router      ${name}`, '    left alone: deploy.sh made it, not this tool'],
    },
    { name: 'nothing of it: nothing to note', lines: [] },
  ],
);

t.test('a name of it that this tool is to use', async (t) => {
  for (const settings of [{ functionName: name }, { roleName: oldRoleName }]) {
    const [entry] = notesOn(['old router'], { observed: beside(), settings });
    t.equal(entry?.note, 'left alone: a name of it is in use here (--function-name, --role-name)');
  }
});
