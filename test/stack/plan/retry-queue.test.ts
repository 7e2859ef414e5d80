import t from 'tap';
import type { Observed } from '../../../src/stack/index.js';
import {
  account,
  checkPlans,
  type Deployed,
  entriesOf,
  executionPolicy,
  functionArn,
  functionName,
  ruleArn,
} from './support.js';

const queueName = `${functionName}-retry`;
const queueArn = `arn:aws:sqs:us-east-1:${account}:${queueName}`;
const url = `https://sqs.us-east-1.amazonaws.com/${account}/${queueName}`;
const own = {
  Sid: 'UndeliveredEventsOfTheRule',
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: queueArn,
  Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
};
const policyWith = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const attributes: Record<string, string> = {
  VisibilityTimeout: '180',
  MessageRetentionPeriod: '1209600',
  SqsManagedSseEnabled: 'true',
  Policy: policyWith(own),
  ApproximateNumberOfMessages: '0',
};
const mapping = {
  UUID: 'uuid',
  FunctionArn: functionArn,
  State: 'Enabled',
  BatchSize: 10,
  MaximumBatchingWindowInSeconds: 0,
  FunctionResponseTypes: ['ReportBatchItemFailures' as const],
  ScalingConfig: { MaximumConcurrency: 2 },
};

/** The parts of a stack with a retry queue, as a deploy leaves it. */
const retrying = ({ executionRole, rule }: Deployed) =>
  ({
    retryQueue: { url, attributes: { ...attributes }, tags: { 'managed-by': 'agentkeys-ses-routing' } },
    retrySource: { mappings: [mapping], onFailure: queueArn },
    executionRole: {
      ...executionRole,
      policy: {
        ...executionPolicy,
        Statement: [
          ...executionPolicy.Statement,
          {
            Effect: 'Allow' as const,
            Action: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            Resource: queueArn,
          },
        ],
      },
    },
    rule: { ...rule, targets: rule.targets.map((target) => ({ ...target, DeadLetterConfig: { Arn: queueArn } })) },
  }) satisfies Partial<Observed>;

/** With other attributes of the queue. */
const withAttributes = (changed: Record<string, string | undefined>) => (stack: Deployed) => {
  const parts = retrying(stack);
  const all = Object.entries({ ...attributes, ...changed }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return { ...parts, retryQueue: { ...parts.retryQueue, attributes: Object.fromEntries(all) } };
};
const settings = { retryQueue: true };
const queueLine = `~ retry queue     ${queueName}`;
const statementLines = [
  '    + policy: Allow sqs:SendMessage on',
  `      ${queueArn} for`,
  '      events.amazonaws.com when aws:SourceArn ArnEquals',
  `      ${ruleArn}`,
];
const sourceLine = `~ event source    ${queueName}`;

checkPlans(t, [
  { name: 'all as it should be', settings, observed: retrying, lines: [], writes: [] },
  {
    name: 'a longer visibility timeout, and a policy laid out in another way: no difference',
    settings,
    observed: withAttributes({
      VisibilityTimeout: '900',
      Policy: policyWith({
        ...own,
        Action: ['sqs:SendMessage'],
        Condition: { ArnEquals: { 'aws:SourceArn': [ruleArn] } },
      }),
    }),
    lines: [],
    writes: [],
  },
  {
    name: 'a longer time-out of the function',
    settings: { ...settings, timeout: 60 },
    observed: retrying,
    lines: [
      queueLine,
      '    ~ visibility timeout: 180 s -> 360 s',
      `~ function        ${functionName}`,
      '    ~ timeout: 30 s -> 60 s',
    ],
    writes: ['sqs:SetQueueAttributes', 'lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'not encrypted, and without its policy',
    settings,
    observed: withAttributes({ SqsManagedSseEnabled: 'false', Policy: undefined }),
    lines: [queueLine, '    ~ encryption: none -> SSE-SQS', ...statementLines],
    writes: ['sqs:SetQueueAttributes'],
  },
  {
    name: 'its own statement opened, beside one of others',
    settings,
    observed: withAttributes({ Policy: policyWith({ ...own, Condition: undefined }, { ...own, Sid: 'theirs' }) }),
    lines: [
      queueLine,
      '    - policy: Allow sqs:SendMessage on',
      `      ${queueArn} for`,
      '      events.amazonaws.com',
      ...statementLines,
    ],
    writes: ['sqs:SetQueueAttributes'],
  },
  {
    name: 'a filter, which makes Lambda delete events',
    settings,
    observed: (stack) => ({
      ...retrying(stack),
      retrySource: {
        mappings: [{ ...mapping, FilterCriteria: { Filters: [{ Pattern: '{}' }] } }],
        onFailure: queueArn,
      },
    }),
    lines: [sourceLine, '    - filters: present'],
    writes: ['lambda:UpdateEventSourceMapping'],
  },
  {
    name: 'a mapping that Lambda is enabling: no difference',
    settings,
    observed: (stack) => ({
      ...retrying(stack),
      retrySource: { mappings: [{ ...mapping, State: 'Enabling' }], onFailure: queueArn },
    }),
    lines: [],
    writes: [],
  },
  {
    name: 'without a destination; one for successes stays',
    settings,
    observed: (stack) => ({
      ...retrying(stack),
      retrySource: { mappings: [mapping], onSuccess: 'arn:aws:sns:us-east-1:111122223333:theirs' },
    }),
    lines: [`+ on-failure destination ${functionName}`, `    + queue: ${queueArn}`],
    writes: ['lambda:PutFunctionEventInvokeConfig'],
  },
  {
    name: 'torn down with one event in it',
    settings,
    command: 'teardown',
    observed: withAttributes({ ApproximateNumberOfMessagesNotVisible: '1', ApproximateNumberOfMessagesDelayed: '0' }),
    lines: [
      '- target          agentkeys-ses-routing',
      '- rule            agentkeys-ses-routing-inbound',
      `- event source    ${queueName}`,
      `- function        ${functionName}`,
      '- execution role  agentkeys-ses-routing-role',
      `- retry queue     ${queueName}`,
    ],
    writes: [
      'events:RemoveTargets',
      'events:DeleteRule',
      'lambda:DeleteEventSourceMapping',
      'lambda:DeleteFunction',
      'iam:DeleteRolePolicy',
      'iam:DeleteRole',
      'sqs:DeleteQueue',
    ],
    destroys: ['delete an event that waits in the retry queue; the mail itself stays in inbound/'],
  },
]);

/** The entries of a kind, as notes. */
const notes = (resource: string, given: Parameters<typeof entriesOf>[0]) =>
  entriesOf(given).flatMap((entry) => (entry.resource === resource ? [`${entry.action}: ${entry.note}`] : []));

t.test('what is said without a change', async (t) => {
  t.match(
    notes('retry queue', { settings, observed: withAttributes({ Policy: policyWith(own, { ...own, Sid: 'x' }) }) }),
    [
      'none: undefined',
      /^attention: its policy has statements that this tool does not manage, left alone: Allow sqs:SendMessage/,
    ],
  );
  for (const [count, note] of [
    ['1', '1 event to be retried'],
    ['2', '2 events to be retried'],
  ] as const)
    t.strictSame(notes('retry queue', { settings, observed: withAttributes({ ApproximateNumberOfMessages: count }) }), [
      `none: ${note}`,
    ]);
  const unmanaged = (stack: Deployed) => {
    const parts = retrying(stack);
    return { ...parts, retryQueue: { ...parts.retryQueue, tags: {} } };
  };
  t.strictSame(notes('retry queue', { settings, command: 'teardown', observed: unmanaged }), [
    'attention: left alone: it does not carry our tag',
  ]);
  t.strictSame(notes('retry queue', { settings, command: 'teardown' }), [], 'there is none');
  t.strictSame(notes('retry queue', {}), []);
  t.strictSame(notes('retry queue', { command: 'teardown' }), []);
});

t.test('the settings of a function that is created again are gone', async (t) => {
  const observed = (stack: Deployed) => {
    const { existing } = stack.function;
    const failed = { ...existing, configuration: { ...existing.configuration, State: 'Failed' as const } };
    return { ...retrying(stack), function: { existing: failed } };
  };
  const writes = entriesOf({ settings, observed }).flatMap((entry) => entry.writes.map(({ call }) => call));
  t.ok(writes.includes('lambda:PutFunctionEventInvokeConfig'));
  t.notOk(writes.includes('lambda:CreateEventSourceMapping'), 'Lambda keeps the mapping of the name');
});

t.test('all calls that a filter and a destination take', async (t) => {
  const observed = (stack: Deployed) => ({
    ...retrying(stack),
    retrySource: {
      mappings: [{ ...mapping, FilterCriteria: { Filters: [{ Pattern: '{}' }] } }],
      onSuccess: 'arn:aws:sns:us-east-1:111122223333:theirs',
    },
  });
  t.match(
    entriesOf({ settings, observed }).flatMap(({ writes }) => writes),
    [
      { call: 'lambda:UpdateEventSourceMapping', input: { UUID: 'uuid', FilterCriteria: {}, Enabled: true } },
      {
        call: 'lambda:PutFunctionEventInvokeConfig',
        input: {
          MaximumRetryAttempts: 2,
          MaximumEventAgeInSeconds: 21_600,
          DestinationConfig: {
            OnSuccess: { Destination: 'arn:aws:sns:us-east-1:111122223333:theirs' },
            OnFailure: { Destination: queueArn },
          },
        },
      },
    ],
  );
});
