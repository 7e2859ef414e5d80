/** What a teardown deletes, in the reverse of a deploy's order, and what it leaves alone. */

import t from 'tap';
import type { Observed } from '../../../src/stack/index.js';
import {
  brokerName,
  bucket,
  bucketArn,
  checkNotes,
  checkPlans,
  type Deployed,
  functionName,
  permissionId,
  queueName,
  roleName,
  ruleName,
} from './support.js';

const command = 'teardown';
const managedKinds = ['execution role', 'function', 'permission', 'rule', 'target', 'log group', 'bucket events'];

const lines = {
  target: '- target          agentkeys-ses-routing',
  rule: `- rule            ${ruleName}`,
  function: `- function        ${functionName}`,
  source: `- event source    ${queueName}`,
  role: `- execution role  ${roleName}`,
  queue: `- retry queue     ${queueName}`,
  logGroup: `- log group       /aws/lambda/${functionName}`,
};
const stackLines = [lines.target, lines.rule, lines.source, lines.function, lines.role, lines.queue];
const writes = {
  target: 'events:RemoveTargets',
  rule: 'events:DeleteRule',
  source: 'lambda:DeleteEventSourceMapping',
  function: 'lambda:DeleteFunction',
  role: ['iam:DeleteRolePolicy', 'iam:DeleteRole'],
  queue: 'sqs:DeleteQueue',
};

/** The resources as others made them: without this tool's tag. */
const unmanaged = ({
  retryQueue,
  executionRole,
  function: { existing },
  rule,
  logGroup,
}: Deployed): Partial<Observed> => ({
  retryQueue: { ...retryQueue, tags: {} },
  executionRole: { ...executionRole, tags: {} },
  function: { existing: { ...existing, tags: {} } },
  rule: { ...rule, tags: {} },
  logGroup: { ...logGroup, tags: {} },
});

const othersTarget = ({ rule }: Deployed): Partial<Observed> => ({
  rule: { ...rule, targets: [...rule.targets, { Id: 'audit', Arn: 'arn:x' }] },
});

const nothing = (): Partial<Observed> => ({
  retryQueue: undefined,
  retrySource: undefined,
  executionRole: undefined,
  function: {},
  permission: undefined,
  rule: undefined,
  logGroup: undefined,
  bucketEvents: {},
});

checkPlans(t, [
  {
    name: 'the stack: its log group and the broker policy stay',
    command,
    lines: stackLines,
    writes: [writes.target, writes.rule, writes.source, writes.function, ...writes.role, writes.queue],
  },
  {
    name: 'with --broker and --delete-logs',
    command,
    settings: { teardownBroker: true, deleteLogs: true },
    lines: [
      `- broker policy   ${brokerName}/agentkeys-ses-routing-broker`,
      '    - statement: Allow s3:GetObject on',
      `      ${bucketArn}/inbound/*`,
      `    - statement: Allow s3:ListBucket on ${bucketArn}`,
      '      when s3:prefix StringLike inbound/*',
      '    - statement: Deny s3:* on',
      `      ${bucketArn}/bots/*/inbound/*`,
      '    - statement: Deny s3:ListBucket, s3:ListBucketVersions on',
      `      ${bucketArn} when s3:prefix StringLike`,
      '      bots/*/inbound or bots/*/inbound/*',
      '    - tag agentkeys-ses-routing:reads-inbound: true',
      ...stackLines,
      lines.logGroup,
    ],
    writes: [
      'iam:DeleteRolePolicy',
      'iam:UntagRole',
      writes.target,
      writes.rule,
      writes.source,
      writes.function,
      ...writes.role,
      writes.queue,
      'logs:DeleteLogGroup',
    ],
    destroys: [
      `remove ${brokerName}'s access to inbound/, which magic-link login needs, and its deny on routed mail`,
      'delete the log lines',
    ],
  },
  {
    name: "unmanaged resources stay: only what carries this tool's exact name on them is removed",
    command,
    settings: { deleteLogs: true },
    observed: unmanaged,
    lines: [lines.target, lines.source, `- destination     ${functionName}`, `- permission      ${permissionId}`],
    writes: [writes.target, writes.source, 'lambda:PutFunctionEventInvokeConfig', 'lambda:RemovePermission'],
  },
  {
    name: "a rule with others' targets stays",
    command,
    observed: othersTarget,
    lines: [lines.target, lines.source, lines.function, lines.role, lines.queue],
    writes: [writes.target, writes.source, writes.function, ...writes.role, writes.queue],
  },
  {
    name: 'policies that others added to the managed role are deleted with it',
    command,
    observed: ({ executionRole }) => ({
      executionRole: { ...executionRole, otherInline: ['extra'], attached: ['arn:p'] },
    }),
    lines: [...stackLines.slice(0, -1), '    - policy: extra', '    - policy: arn:p', lines.queue],
    writes: [
      writes.target,
      writes.rule,
      writes.source,
      writes.function,
      'iam:DetachRolePolicy',
      'iam:DeleteRolePolicy',
      ...writes.role,
      writes.queue,
    ],
  },
  {
    name: 'half a stack: no function, and a role without its policy',
    command,
    observed: ({ executionRole: { policy, ...role } }) => ({
      executionRole: role,
      function: {},
      permission: undefined,
    }),
    lines: [lines.target, lines.rule, lines.source, lines.role, lines.queue],
    writes: [writes.target, writes.rule, writes.source, 'iam:DeleteRole', writes.queue],
  },
  { name: 'nothing there', command, observed: nothing, lines: [], writes: [] },
]);

const eventsStay = [`= bucket events   ${bucket}`, '    EventBridge stays on: others may rely on it'];
const leftAlone = '    left alone: it does not carry our tag';

checkNotes(t, managedKinds, [
  {
    name: 'what stays of a stack',
    command,
    lines: [...eventsStay, `= log group       /aws/lambda/${functionName}`, '    kept (--delete-logs deletes it)'],
  },
  {
    name: 'unmanaged resources are left alone',
    command,
    settings: { deleteLogs: true },
    observed: unmanaged,
    lines: [
      ...eventsStay,
      `! rule            ${ruleName}`,
      leftAlone,
      `! function        ${functionName}`,
      leftAlone,
      `! execution role  ${roleName}`,
      leftAlone,
      `! log group       /aws/lambda/${functionName}`,
      '    left alone: not tagged managed-by=agentkeys-ses-routing',
    ],
  },
  {
    name: "a rule with others' targets",
    command,
    settings: { deleteLogs: true },
    observed: othersTarget,
    lines: [
      ...eventsStay,
      `! rule            ${ruleName}`,
      '    left alone: it has targets that this tool does not manage: audit',
    ],
  },
  { name: 'nothing there: nothing to note', command, observed: nothing, lines: [] },
]);

checkNotes(
  t,
  ['broker policy'],
  [
    {
      name: 'the broker policy stays',
      command,
      lines: [`= broker policy   ${brokerName}`, '    kept: magic-link login needs it (teardown --broker removes it)'],
    },
    {
      name: '--broker without a role',
      command,
      settings: { teardownBroker: true },
      observed: () => ({ broker: { why: 'skipped: there is no role' } }),
      lines: [`! broker policy   ${brokerName}`, '    skipped: there is no role'],
    },
    {
      name: 'without --broker, a missing role is not noted',
      command,
      observed: () => ({ broker: { why: 'skipped: there is no role' } }),
      lines: [],
    },
  ],
);
