import { type Deployed, functionName, type PlanCase, queueName, roleName, ruleName } from '../support.js';

const line = `~ log group       /aws/lambda/${functionName}`;

const onlyTheGroup = ({ logGroup }: Deployed) => ({
  retryQueue: undefined,
  executionRole: undefined,
  function: {},
  permission: undefined,
  retrySource: undefined,
  rule: undefined,
  logGroup,
});

export const logGroupCases: PlanCase[] = [
  { name: 'as deployed: nothing to do', lines: [], writes: [] },
  {
    name: 'missing',
    observed: () => ({ logGroup: undefined }),
    lines: [`+ log group       /aws/lambda/${functionName}`, '    + retention: 30 days'],
    writes: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
  },
  {
    name: 'managed, without its retention',
    observed: ({ logGroup: { tags } }) => ({ logGroup: { tags } }),
    lines: [line, '    ~ retention: never expires -> 30 days'],
    writes: ['logs:PutRetentionPolicy'],
  },
  {
    name: 'not managed, without a retention: left alone',
    observed: () => ({ logGroup: { tags: {} } }),
    lines: [],
    writes: [],
  },
  {
    name: 'a retention that others set: left alone',
    observed: ({ logGroup }) => ({ logGroup: { ...logGroup, retention: 7 } }),
    lines: [],
    writes: [],
  },
  {
    name: 'missing, and no retention requested',
    observed: () => ({ logGroup: undefined }),
    settings: { logRetention: false },
    lines: [`+ log group       /aws/lambda/${functionName}`, '    + retention: never expires'],
    writes: ['logs:CreateLogGroup'],
  },
  {
    name: 'without its retention, and no retention requested: left alone',
    observed: ({ logGroup: { tags } }) => ({ logGroup: { tags } }),
    settings: { logRetention: false, logRetentionDays: 60 },
    lines: [],
    writes: [],
  },
  {
    name: 'a longer retention requested',
    settings: { logRetentionDays: 60 },
    lines: [line, '    ~ retention: 30 days -> 60 days'],
    writes: ['logs:PutRetentionPolicy'],
  },
  {
    name: 'a shorter retention requested: needs confirmation',
    settings: { logRetentionDays: 7 },
    lines: [line, '    ~ retention: 30 days -> 7 days'],
    writes: ['logs:PutRetentionPolicy'],
    destroys: ['delete log lines older than 7 days'],
  },
  {
    name: 'not managed, a retention requested: needs confirmation, and no tags',
    observed: () => ({ logGroup: { tags: {} } }),
    settings: { logRetentionDays: 60 },
    lines: [line, '    ~ retention: never expires -> 60 days'],
    writes: ['logs:PutRetentionPolicy'],
    destroys: ['delete log lines older than 60 days'],
  },
  {
    name: 'a tag requested: on every managed resource',
    settings: { tags: { team: 'mail' } },
    lines: [
      line,
      '    + tag team: mail',
      `~ retry queue     ${queueName}`,
      '    + tag team: mail',
      `~ execution role  ${roleName}`,
      '    + tag team: mail',
      `~ function        ${functionName}`,
      '    + tag team: mail',
      `~ rule            ${ruleName}`,
      '    + tag team: mail',
    ],
    writes: ['logs:TagResource', 'sqs:TagQueue', 'iam:TagRole', 'lambda:TagResource', 'events:TagResource'],
  },
  {
    name: 'teardown, with --delete-logs: needs confirmation',
    observed: onlyTheGroup,
    command: 'teardown',
    settings: { deleteLogs: true },
    lines: [`- log group       /aws/lambda/${functionName}`],
    writes: ['logs:DeleteLogGroup'],
    destroys: ['delete the log lines'],
  },
  {
    name: 'teardown, without --delete-logs',
    observed: onlyTheGroup,
    command: 'teardown',
    lines: [],
    writes: [],
  },
];
