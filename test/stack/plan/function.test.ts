import t from 'tap';
import type { ExistingFunction } from '../../../src/stack/resources/function/state.js';
import { configured, tagged } from './cases/function.js';
import {
  checkPlans,
  code,
  entriesOf,
  environment,
  functionName,
  type PlanCase,
  permissionId,
  queueArn,
  roleArn,
  roleName,
  scopeWith,
  versionTag,
} from './support.js';

const line = `~ function        ${functionName}`;
const interimRole = scopeWith().names.interimRoleName;
const other = 'c29tZWJvZHkgZWxzZQ==';

const variable = (name: string, value: string): PlanCase => ({
  name: `environment ${name}`,
  observed: configured({ Environment: { Variables: { ...environment, [name]: 'something-else' } } }),
  lines: [line, `    ~ environment ${name}: something-else -> ${value}`],
  writes: ['lambda:UpdateFunctionConfiguration'],
});

checkPlans(t, [
  {
    name: 'code',
    observed: configured({ CodeSha256: other }),
    lines: [line, `    ~ code: SHA-256 ${other} -> SHA-256 ${code.codeSha256}`],
    writes: ['lambda:UpdateFunctionCode'],
  },
  {
    name: 'deployed by a version that set no version tag',
    observed: tagged({ 'agentkeys-ses-routing:version': undefined }),
    lines: [line, `    + tag agentkeys-ses-routing:version: ${versionTag}`],
    writes: ['lambda:TagResource'],
  },
  {
    name: 'architecture',
    observed: configured({ Architectures: ['x86_64'] }),
    lines: [line, '    ~ architecture: x86_64 -> arm64'],
    writes: ['lambda:UpdateFunctionCode'],
  },
  {
    name: 'runtime',
    observed: configured({ Runtime: 'nodejs22.x' }),
    lines: [line, '    ~ runtime: nodejs22.x -> nodejs24.x'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'another architecture and runtime requested',
    settings: { architecture: 'x86_64', runtime: 'nodejs22.x' },
    lines: [line, '    ~ architecture: arm64 -> x86_64', '    ~ runtime: nodejs24.x -> nodejs22.x'],
    writes: ['lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'a role under a path: its own ARN',
    observed: ({ executionRole }) => ({
      executionRole: { ...executionRole, arn: roleArn.replace(':role/', ':role/service-role/') },
    }),
    lines: [line, `    ~ role: ${roleArn} ->`, `      ${roleArn.replace(':role/', ':role/service-role/')}`],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'handler',
    observed: configured({ Handler: 'other.main' }),
    lines: [line, '    ~ handler: other.main -> index.handler'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'memory',
    observed: configured({ MemorySize: 128 }),
    lines: [line, '    ~ memory: 128 MiB -> 256 MiB'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'timeout',
    observed: configured({ Timeout: 3 }),
    lines: [line, '    ~ timeout: 3 s -> 30 s'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'role of the function',
    observed: configured({ Role: 'arn:aws:iam::111122223333:role/another' }),
    lines: [line, '    ~ role: arn:aws:iam::111122223333:role/another ->', `      ${roleArn}`],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  // That the stack moves from another bucket is confirmed once, for all of it: test/stack/stacks.test.ts.
  ...['ACCOUNT_ID', 'BUCKET', 'DELETE_SOURCE', 'LOG_LEVEL'].map((name) =>
    variable(name, String(environment[name as keyof typeof environment])),
  ),
  // Without a domain in the settings, the mail of every domain is routed: nothing stops, and more is routed.
  {
    ...variable('MAIL_DOMAIN', '(empty)'),
    widens: ['route mail to any domain, no longer to something-else only (--mail-domain, MAIL_DOMAIN)'],
  },
  { ...variable('PREFIXES', 'or'), destroys: ['stop routing mail to something-else-0x…'] },
  {
    name: 'no environment',
    observed: configured({ Environment: { Variables: {} } }),
    lines: [
      line,
      '    + environment ACCOUNT_ID: 111122223333',
      '    + environment BUCKET: agentkeys-mail-111122223333',
      '    + environment DELETE_SOURCE: false',
      '    + environment LOG_LEVEL: info',
      '    + environment MAIL_DOMAIN: (empty)',
      '    + environment PREFIXES: or',
    ],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'a log level requested',
    settings: { logLevel: 'error' },
    lines: [line, '    ~ environment LOG_LEVEL: info -> error'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'a mail domain requested: needs confirmation',
    settings: { mailDomain: 'bots.litentry.org' },
    lines: [line, '    ~ environment MAIL_DOMAIN: (empty) -> bots.litentry.org'],
    writes: ['lambda:UpdateFunctionConfiguration'],
    destroys: ['stop routing mail to any domain but bots.litentry.org'],
  },
  {
    name: 'no mail domain given, where one was: opens the router, and needs confirmation',
    observed: configured({ Environment: { Variables: { ...environment, MAIL_DOMAIN: 'bots.litentry.org' } } }),
    lines: [line, '    ~ environment MAIL_DOMAIN: bots.litentry.org -> (empty)'],
    writes: ['lambda:UpdateFunctionConfiguration'],
    widens: ['route mail to any domain, no longer to bots.litentry.org only (--mail-domain, MAIL_DOMAIN)'],
  },
  {
    name: 'messages are to be deleted once they are routed: needs confirmation',
    settings: { deleteSource: true },
    lines: [
      `~ execution role  ${roleName}`,
      '    + policy agentkeys-ses-routing-role-inline: Allow s3:DeleteObject on',
      '      arn:aws:s3:::agentkeys-mail-111122223333/inbound/*',
      line,
      '    ~ environment DELETE_SOURCE: false -> true',
    ],
    writes: ['iam:PutRolePolicy', 'lambda:UpdateFunctionConfiguration'],
    widens: ['delete messages from inbound/ once they are routed'],
  },
  {
    name: 'log settings: JSON, with levels',
    observed: configured({
      LoggingConfig: {
        LogFormat: 'JSON',
        ApplicationLogLevel: 'ERROR',
        SystemLogLevel: 'WARN',
        LogGroup: '/aws/lambda/agentkeys-ses-routing',
      },
    }),
    lines: [
      line,
      '    ~ log format: JSON -> Text',
      '    - application log level: ERROR',
      '    - system log level: WARN',
    ],
    writes: ['lambda:UpdateFunctionConfiguration'],
    destroys: ["reset the function's log format, application log level, system log level"],
  },
  {
    name: 'log settings: another group',
    observed: configured({ LoggingConfig: { LogFormat: 'Text', LogGroup: '/shared' } }),
    lines: [line, '    ~ log group: /shared -> /aws/lambda/agentkeys-ses-routing'],
    writes: ['lambda:UpdateFunctionConfiguration'],
    destroys: ["reset the function's log group"],
  },
  {
    name: 'the last update failed: code and configuration are sent again, although they look the same',
    observed: configured({
      LastUpdateStatus: 'Failed',
      LastUpdateStatusReason: 'The subnet has no free addresses',
      LastUpdateStatusReasonCode: 'SubnetOutOfIPAddresses',
    }),
    lines: [
      line,
      '    ~ last update: Failed: The subnet has no free addresses',
      '      (SubnetOutOfIPAddresses) -> Successful',
    ],
    writes: ['lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'the creation failed: deleted and created again, with its permission and its reservation',
    observed: ({ function: { existing } }) => ({
      function: {
        existing: {
          ...existing,
          reservedConcurrency: 5,
          configuration: { ...existing.configuration, State: 'Failed' },
        },
      },
    }),
    lines: [
      line,
      '    Lambda failed to create it, and accepts no update of such a function: it is',
      '    deleted and created again',
      '    ~ state: Failed: no reason given -> Active',
      `+ permission      ${permissionId}`,
      '    + statement: Allow lambda:InvokeFunction on',
      '      arn:aws:lambda:us-east-1:111122223333:function:agentkeys-ses-routing for',
      '      events.amazonaws.com when AWS:SourceArn ArnLike',
      '      arn:aws:events:us-east-1:111122223333:rule/agentkeys-ses-routing-inbound',
      `+ destination     ${functionName}`,
      `    + on failure: ${queueArn}`,
    ],
    writes: [
      'lambda:DeleteFunction',
      'lambda:CreateFunction',
      'lambda:PutFunctionConcurrency',
      'lambda:AddPermission',
      'lambda:PutFunctionEventInvokeConfig',
    ],
    destroys: [`delete the function ${functionName}, with what others configured on it, and create it again`],
  },
  {
    name: 'idle: woken before an update that is due',
    observed: configured({ State: 'Inactive', MemorySize: 128 }),
    lines: [line, '    ~ memory: 128 MiB -> 256 MiB'],
    writes: ['lambda:Invoke', 'lambda:UpdateFunctionConfiguration'],
  },
  { name: 'idle, and nothing to update', observed: configured({ State: 'Inactive' }), lines: [], writes: [] },
  {
    name: 'an interim role left by an interrupted run',
    observed: ({ function: { existing } }) => ({ function: { existing: { ...existing, interimRole: true } } }),
    lines: [line, `    - role left by an interrupted run: ${interimRole}`],
    writes: ['iam:DeleteRole'],
  },
  {
    name: 'not managed: adopted, tagged last',
    observed: tagged({ 'managed-by': undefined }, { MemorySize: 128 }),
    lines: [
      `> function        ${functionName}`,
      '    ~ memory: 128 MiB -> 256 MiB',
      '    + tag managed-by: agentkeys-ses-routing',
    ],
    writes: ['lambda:UpdateFunctionConfiguration', 'lambda:TagResource'],
  },
]);

const arn = 'arn:aws:lambda:us-east-1:111122223333:layer:monitoring:3';
const queue = 'arn:aws:sqs:us-east-1:111122223333:failed';
const topic = 'arn:aws:sns:us-east-1:111122223333:failed';
const vpc = { VpcConfig: { VpcId: 'vpc-1' } };

/** What the plan notes of the function, and whether that blocks it. */
function notesOf(given: Parameters<typeof entriesOf>[0]) {
  const entries = entriesOf(given).filter(({ resource, action }) => resource === 'function' && action === 'attention');
  return entries.map(({ note, blocks = false }) => ({ note, blocks }));
}

t.test('what others configured is noted, and changes nothing', async (t) => {
  const cases: Array<[configuration: ExistingFunction['configuration'], note: RegExp]> = [
    [vpc, /^runs in the VPC vpc-1, .* without a route to S3/],
    [{ Layers: [{ Arn: arn }] }, /^has layers .*layer:monitoring:3$/],
    [{ FileSystemConfigs: [{ Arn: 'arn:aws:elasticfilesystem:x', LocalMountPath: '/mnt/x' }] }, /^mounts file systems/],
    [{ DeadLetterConfig: { TargetArn: queue } }, /^sends events .*:failed, which this tool did not configure/],
    [{ TracingConfig: { Mode: 'Active' } }, /^has active tracing/],
    [{ KMSKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1' }, /^has its environment encrypted with .*:key\/1/],
    [{ SigningProfileVersionArn: 'arn:aws:signer:x' }, /^has signed code/],
    [{ State: 'Inactive' }, /^is idle/],
  ];
  for (const [configuration, note] of cases) {
    const observed = configured(configuration);
    t.match(notesOf({ observed }), [{ note, blocks: false }]);
    t.strictSame(
      entriesOf({ observed }).flatMap(({ writes }) => writes),
      [],
    );
  }
  const none = {
    VpcConfig: { VpcId: '' },
    Layers: [],
    DeadLetterConfig: {},
    TracingConfig: { Mode: 'PassThrough' as const },
  };
  t.strictSame(notesOf({ observed: configured(none) }), []);
});

t.test('a role that Lambda would reject for the function is refused in the plan', async (t) => {
  const Role = 'arn:aws:iam::111122223333:role/another';
  const change = (configuration: ExistingFunction['configuration'], attached: string[] = []) =>
    notesOf({
      observed: (stack) => ({
        ...configured(configuration)(stack),
        executionRole: { ...stack.executionRole, attached },
      }),
    }).at(-1);
  t.match(change({ ...vpc, Role }), {
    note: /^Lambda would reject the role .*: it must allow ec2:Create/,
    blocks: true,
  });
  t.match(change({ DeadLetterConfig: { TargetArn: queue }, Role }), {
    note: /sqs:SendMessage on .*:failed/,
    blocks: true,
  });
  t.match(change({ DeadLetterConfig: { TargetArn: topic }, Role }), { note: /sns:Publish on .*:failed/, blocks: true });
  t.match(change({ ...vpc, Role }, ['arn:aws:iam::aws:policy/VpcAccess']), {
    note: /^Lambda accepts the role .* only if it allows ec2:.* one of its other policies must$/,
    blocks: false,
  });
  t.match(change({ ...vpc, MemorySize: 128 }), { note: /^runs in the VPC/, blocks: false }, 'the role stays');
  const recreated = notesOf({
    observed: (stack) => ({
      ...configured(vpc)(stack),
      executionRole: { ...stack.executionRole, id: 'AROAANOTHER', attached: ['arn:aws:iam::aws:policy/VpcAccess'] },
    }),
  }).at(-1);
  t.match(recreated, { note: /^Lambda would reject a role without permissions/, blocks: true });
  const absent = notesOf({
    observed: (stack) => ({ ...configured({ ...vpc, Role })(stack), executionRole: undefined }),
  });
  t.match(absent.at(-1), { blocks: true });
});

t.test(
  'a function that Lambda failed to create, and that this tool did not create, is left to its owner',
  async (t) => {
    const observed = tagged(
      { 'managed-by': undefined },
      { State: 'Failed', StateReason: 'No.', StateReasonCode: 'InternalError' },
    );
    t.match(notesOf({ observed }), [
      { note: /^Lambda failed to create it, and this tool did not create it/, blocks: true },
    ]);
  },
);

t.test('more prefixes than the environment can hold are refused in the plan', async (t) => {
  const prefixes = Array.from({ length: 600 }, (_, index) => `prefix${index}`);
  const [entry] = notesOf({ settings: { prefixes } });
  t.match(entry, {
    note: /^its environment would have \d+ bytes, and Lambda accepts 4096: 600 prefixes/,
    blocks: true,
  });
  // The record of reviews is a variable, too.
  const rest = Buffer.byteLength(JSON.stringify(environment)) - environment.PREFIXES.length;
  const full = { prefixes: ['x'.repeat(4_096 - rest)] };
  t.notOk(notesOf({ settings: full }).some(({ blocks }) => blocks));
  t.ok(notesOf({ settings: { ...full, tosReviewed: { openrouter: '2026-01-02' } } }).some(({ blocks }) => blocks));
});
