/**
 * What verify finds about the retry queue, each time with one fault.
 */
import t from 'tap';
import type { Check } from '../../../src/commands/verify/check.js';
import { retryQueueCheck } from '../../../src/commands/verify/retry-queue.js';
import { type Deployed, startDeployed } from './operator.js';

const QueueName = 'agentkeys-ses-routing-retry';
const inSync = (what: string) => `the stack is in sync > ${what}`;
const probe = 'a live probe of routing > an event in the retry queue is routed';
const others = "the retry queue's policy allows nobody but EventBridge's rule";

const queueOf = ({ sandbox }: Deployed) => sandbox.state.sqs.queues.get(QueueName)?.attributes;
const leftIn = ({ sandbox, bucket }: Deployed) => [...(sandbox.state.s3.buckets.get(bucket)?.objects.keys() ?? [])];

interface Fault {
  name: string;
  sabotage(operator: Deployed): unknown;
  failed: string[];
  skipped?: string[];
  /** How long a probe that does not arrive is waited for, seconds. */
  timeout?: string;
}

const theirs = { Effect: 'Allow', Principal: '*', Action: 'sqs:ReceiveMessage', Resource: '*' };

const faults: Fault[] = [
  { name: 'nothing', sabotage: () => undefined, failed: [] },
  ...(
    [
      ['retention', 'MessageRetentionPeriod', '60'],
      ['visibility', 'VisibilityTimeout', '30'],
      ['encryption', 'SqsManagedSseEnabled', 'false'],
    ] as const
  ).map(([name, attribute, value]) => ({
    name,
    sabotage: (operator: Deployed) => queueOf(operator)?.set(attribute, value),
    failed: [inSync(`retry queue ${QueueName}`)],
    skipped: [probe],
  })),
  {
    name: 'a policy for any rule',
    sabotage: (operator) =>
      queueOf(operator)?.set('Policy', String(queueOf(operator)?.get('Policy')).replace('rule/agentkeys', 'rule/*')),
    failed: [inSync(`retry queue ${QueueName}`)],
    skipped: [probe],
  },
  {
    name: 'a policy with a statement of others',
    sabotage(operator) {
      const policy = JSON.parse(String(queueOf(operator)?.get('Policy')));
      queueOf(operator)?.set('Policy', JSON.stringify({ ...policy, Statement: [...policy.Statement, theirs] }));
    },
    failed: [others],
    skipped: [inSync(`retry queue ${QueueName} (2)`)],
  },
  ...(
    [
      ['disabled', { enabled: false }],
      ['one record a batch', { batchSize: 1 }],
      ['without partial batch responses', { responseTypes: [] }],
      ['without a maximum concurrency', { maximumConcurrency: undefined }],
    ] as const
  ).map(([name, changed]) => ({
    name: `the mapping: ${name}`,
    sabotage({ sandbox }: Deployed) {
      for (const mapping of sandbox.state.lambda.mappings.values()) Object.assign(mapping, changed);
    },
    failed: [inSync(`event source ${QueueName}`)],
    skipped: [probe],
  })),
  {
    name: 'no destination',
    sabotage: ({ sandbox }) =>
      Object.assign(sandbox.state.lambda.functions.get('agentkeys-ses-routing') ?? {}, { eventInvoke: undefined }),
    failed: [inSync('destination agentkeys-ses-routing')],
  },
  {
    name: 'may not send',
    sabotage: ({ sandbox }) =>
      sandbox.intercept(({ operation }) =>
        operation === 'SendMessage' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
      ),
    failed: [],
    skipped: [probe],
  },
  {
    name: 'what is sent gets lost',
    // Taken from the queue before Lambda polls it.
    sabotage: ({ sandbox }) =>
      sandbox.intercept(({ operation }) => {
        if (operation === 'SendMessage') sandbox.state.lambda.mappings.clear();
        return undefined;
      }),
    failed: [probe],
    timeout: '20',
  },
];

const session = "a live session with an agent's token";
const all = (checks: Check[]): Check[] => checks.flatMap((check) => [check, ...all(check.checks ?? [])]);

t.test('each fault is found, and nothing else', async (t) => {
  for (const { name, sabotage, failed, skipped = [], timeout = '300' } of faults) {
    const operator = await startDeployed(t);
    await sabotage(operator);
    const found = await operator.verify(['--timeout', timeout]);
    t.strictSame(found.failed, failed, name);
    t.strictSame(
      found.skipped.filter((one) => one !== session),
      skipped,
      name,
    );
    t.strictSame(leftIn(operator), [], name);
    for (const { outcome, fix } of all(found.checks)) t.ok(outcome !== 'FAIL' || fix !== '', name);
  }
});

t.test('without a queue, and with --delete-source, nothing is put into it', async (t) => {
  const operator = await startDeployed(t);
  for (const flags of [['--no-retry-queue'], ['--delete-source']]) {
    if (flags.includes('--delete-source')) await operator.deploy(...flags);
    const found = await operator.verify(flags);
    t.strictSame(found.failed, []);
    t.ok(found.skipped.includes(probe));
    t.notOk(found.calls.some(({ operation }) => operation === 'SendMessage'));
  }
});

t.test('a queue without a policy', async (t) => {
  const scope = { names: { retryQueueName: QueueName } } as Parameters<typeof retryQueueCheck>[1];
  const { outcome } = retryQueueCheck({ retryQueue: { url: '', attributes: {}, tags: {} } }, scope);
  t.equal(outcome, 'OK');
});

t.test('an error of SQS that is no denial ends the run, and leaves nothing in the bucket', async (t) => {
  const operator = await startDeployed(t);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'SendMessage' ? { kind: 'refuse', code: 'KmsDisabled', status: 400 } : undefined,
  );
  const found = await operator.verify(['--timeout', '300']);
  t.equal(found.status, 1);
  t.match(found.stderr, /KmsDisabled.* The probe objects have been deleted from the bucket\./);
  t.strictSame(leftIn(operator), []);
});
