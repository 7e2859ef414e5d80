import t from 'tap';
import {
  checkPlans,
  type Deployed,
  entriesOf,
  executionPolicy,
  functionName,
  mapping,
  policyWith,
  queueArn,
  queueName,
  queueStatement,
  ruleArn,
} from './support.js';

/** With other attributes of the queue. */
const withAttributes =
  (changed: Record<string, string | undefined>) =>
  ({ retryQueue }: Deployed) => {
    const all = Object.entries({ ...retryQueue.attributes, ...changed }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return { retryQueue: { ...retryQueue, attributes: Object.fromEntries(all) } };
  };
/** A stack that never had a queue. */
const withoutQueue = ({ executionRole, rule }: Deployed) => ({
  retryQueue: undefined,
  retrySource: undefined,
  executionRole: {
    ...executionRole,
    policy: { ...executionPolicy, Statement: executionPolicy.Statement.slice(0, -1) },
  },
  rule: { ...rule, targets: rule.targets.map(({ DeadLetterConfig: _queue, ...target }) => target) },
});
const queueLine = `~ retry queue     ${queueName}`;
const statementLines = [
  '    + policy: Allow sqs:SendMessage on',
  `      ${queueArn} for`,
  '      events.amazonaws.com when aws:SourceArn ArnEquals',
  `      ${ruleArn}`,
];
const sourceLine = `~ event source    ${queueName}`;

checkPlans(t, [
  { name: 'all as it should be', lines: [], writes: [] },
  {
    name: 'with --no-retry-queue, one that is in use stays in use',
    settings: { retryQueue: false },
    observed: () => ({ retryQueue: undefined, retrySource: undefined }),
    lines: [],
    writes: [],
  },
  {
    name: 'with --no-retry-queue, where there is none',
    settings: { retryQueue: false },
    observed: withoutQueue,
    lines: [],
    writes: [],
  },

  {
    name: 'a longer visibility timeout, and a policy laid out in another way: no difference',
    observed: withAttributes({
      VisibilityTimeout: '900',
      Policy: policyWith({
        ...queueStatement,
        Action: ['sqs:SendMessage'],
        Condition: { ArnEquals: { 'aws:SourceArn': [ruleArn] } },
      }),
    }),
    lines: [],
    writes: [],
  },
  {
    name: 'a longer time-out of the function',
    settings: { timeout: 60 },
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
    observed: withAttributes({ SqsManagedSseEnabled: 'false', Policy: undefined }),
    lines: [queueLine, '    ~ encryption: none -> SSE-SQS', ...statementLines],
    writes: ['sqs:SetQueueAttributes'],
  },
  {
    name: 'its own statement opened, beside one of others',
    observed: withAttributes({
      Policy: policyWith({ ...queueStatement, Condition: undefined }, { ...queueStatement, Sid: 'theirs' }),
    }),
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
    observed: () => ({
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
    observed: () => ({
      retrySource: { mappings: [{ ...mapping, State: 'Enabling' }], onFailure: queueArn },
    }),
    lines: [],
    writes: [],
  },
  {
    name: 'without a destination; one for successes stays',
    observed: () => ({
      retrySource: { mappings: [mapping], onSuccess: 'arn:aws:sns:us-east-1:111122223333:theirs' },
    }),
    lines: [`+ destination     ${functionName}`, `    + on failure: ${queueArn}`],
    writes: ['lambda:PutFunctionEventInvokeConfig'],
  },
  {
    name: 'torn down with one event in it',
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
    notes('retry queue', {
      observed: withAttributes({ Policy: policyWith(queueStatement, { ...queueStatement, Sid: 'x' }) }),
    }),
    [
      'none: undefined',
      /^attention: its policy has statements that this tool does not manage, left alone: Allow sqs:SendMessage/,
    ],
  );
  for (const [count, note] of [
    ['1', '1 event to be retried'],
    ['2', '2 events to be retried'],
  ] as const)
    t.strictSame(notes('retry queue', { observed: withAttributes({ ApproximateNumberOfMessages: count }) }), [
      `none: ${note}`,
    ]);
  const unmanaged = ({ retryQueue }: Deployed) => ({ retryQueue: { ...retryQueue, tags: {} } });
  t.strictSame(notes('retry queue', { command: 'teardown', observed: unmanaged }), [
    'attention: left alone: it does not carry our tag',
  ]);
  t.strictSame(notes('retry queue', { command: 'teardown', observed: withoutQueue }), [], 'there is none');
  const off = { settings: { retryQueue: false } };
  const unread = () => ({ retryQueue: undefined, retrySource: undefined });
  t.strictSame(notes('retry queue', { ...off, observed: unread }), [
    'none: in use, and neither checked nor changed with --no-retry-queue',
  ]);
  t.strictSame(notes('retry queue', { ...off, command: 'teardown', observed: unread }), [
    'attention: kept: run teardown without --no-retry-queue to delete it',
  ]);
  t.strictSame(notes('retry queue', { ...off, observed: withoutQueue }), []);
  t.strictSame(notes('retry queue', { ...off, command: 'teardown', observed: withoutQueue }), []);
});

t.test('the settings of a function that is created again are gone', async (t) => {
  const observed = (stack: Deployed) => {
    const { existing } = stack.function;
    const failed = { ...existing, configuration: { ...existing.configuration, State: 'Failed' as const } };
    return { function: { existing: failed } };
  };
  const writes = entriesOf({ observed }).flatMap((entry) => entry.writes.map(({ call }) => call));
  t.ok(writes.includes('lambda:PutFunctionEventInvokeConfig'));
  t.notOk(writes.includes('lambda:CreateEventSourceMapping'), 'Lambda keeps the mapping of the name');
});

t.test('all calls that a filter and a destination take', async (t) => {
  const observed = () => ({
    retrySource: {
      mappings: [{ ...mapping, FilterCriteria: { Filters: [{ Pattern: '{}' }] } }],
      onSuccess: 'arn:aws:sns:us-east-1:111122223333:theirs',
    },
  });
  t.match(
    entriesOf({ observed }).flatMap(({ writes }) => writes),
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

t.test('a slot whose ARN no tag can record stays with others', async (t) => {
  const bus = `arn:aws:events:us-east-1:111122223333:event-bus/${'b'.repeat(220)}`;
  const [entry] = entriesOf({
    settings: { takeRetrySlots: true },
    observed: () => ({ retrySource: { mappings: [mapping], onFailure: bus } }),
  }).filter(({ resource }) => resource === 'destination');
  t.match(entry, {
    action: 'attention',
    note: /The ARN is too long for the tag that would record it$/,
    offer: undefined,
    writes: [],
  });
});
