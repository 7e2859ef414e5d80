/**
 * The retry queue on the embedded AWS: deploy, drift, teardown, and that every message is routed in the end with nobody acting.
 */
import * as events from '@aws-sdk/client-eventbridge';
import * as sqs from '@aws-sdk/client-sqs';
import t, { type Test } from 'tap';
import { deliver, readMessages, routedKeys } from '../../src/commands/demo/mail.js';
import { type Operator, quickClock, startDeployed, startOperator } from '../support/operator.js';

const { messages, mailDomain } = await readMessages('fixtures/messages');
const FunctionName = 'agentkeys-ses-routing';
const QueueName = `${FunctionName}-retry`;
const Rule = 'agentkeys-ses-routing-inbound';
const otherArn = 'arn:aws:sqs:us-east-1:111122223333:theirs';
const deploy = ['deploy', '--mail-domain', mailDomain];
const down = ['teardown', '--yes', '--broker', '--delete-logs'];

const queueOf = ({ sandbox }: Operator) => sandbox.state.sqs.queues.get(QueueName);
const urlOf = ({ sandbox }: Operator) => `${sandbox.endpoint}/111122223333/${QueueName}`;
const mappingOf = ({ sandbox }: Operator) => [...sandbox.state.lambda.mappings.values()][0];
const functionOf = ({ sandbox }: Operator) => sandbox.state.lambda.functions.get(FunctionName);
const clientOf = ({ aws }: Operator) => aws.client(sqs.SQSClient);

/** A stack with a retry queue, on a clock of the test's own. */
async function prepared(t: Test) {
  const clock = quickClock();
  const operator = await startDeployed(t, { args: deploy, clock });
  /** Lets time pass, and what comes of it happen. */
  const pass = async (minutes: number) => {
    clock.set(clock.now() + minutes * 60_000);
    await operator.sandbox.settled();
  };
  return { ...operator, pass };
}

/** The copies that there must be, and those that there are. */
const expected = messages.flatMap(routedKeys).sort();
const copies = ({ sandbox, bucket }: Operator) =>
  [...(sandbox.state.s3.buckets.get(bucket)?.objects.keys() ?? [])].filter((key) => key.startsWith('bots/')).sort();

t.test('it is added to a stack in place, with mail arriving, and deleted with it', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await run([...deploy, '--no-retry-queue']);
  // A message arrives before each call of the upgrade.
  let next = 0;
  const release = sandbox.intercept(async ({ mutates, service }) => {
    if (mutates && service !== 's3' && service !== 'logs' && next < messages.length) {
      await deliver(aws, bucket, messages.slice(next, ++next));
    }
    return undefined;
  });
  const upgrade = await run(deploy);
  release();
  t.equal(upgrade.status, 0, upgrade.stderr);
  t.strictSame(upgrade.writes.filter((write) => write !== 's3:PutObject').toSorted(), [
    'events:PutTargets',
    'iam:PutRolePolicy',
    'lambda:CreateEventSourceMapping',
    'lambda:PutFunctionEventInvokeConfig',
    'sqs:CreateQueue',
  ]);
  t.match(upgrade.stdout, `+ retry queue     ${QueueName}`);
  t.notMatch(upgrade.stdout, 'backfill', 'mail is routed without it');
  await deliver(aws, bucket, messages.slice(next));
  await sandbox.settled();
  t.strictSame(copies(operator), expected, 'no message is unrouted');
  t.equal(queueOf(operator)?.messages.length, 0);

  t.strictSame((await run(deploy)).writes, [], 'a second deploy');
  const without = await run([...deploy, '--no-retry-queue']);
  t.strictSame(without.writes, [], 'a deploy with --no-retry-queue takes nothing apart');
  t.match(without.stdout, 'in use, and neither checked nor changed with --no-retry-queue');
  t.notOk(
    without.calls.some(({ service, operation }) => service === 'sqs' || /EventSourceMapping/.test(operation)),
    'it reads nothing of the queue',
  );
  const kept = await run(['teardown', '--no-retry-queue', '--dry-run']);
  t.match(kept.stdout, 'run teardown without --no-retry-queue to delete it');

  const gone = await run(down);
  t.equal(gone.status, 0, gone.stderr);
  t.strictSame(gone.writes.filter((write) => /^(?:events|lambda|sqs):/.test(write)).toSorted(), [
    'events:DeleteRule',
    'events:RemoveTargets',
    'lambda:DeleteEventSourceMapping',
    'lambda:DeleteFunction',
    'sqs:DeleteQueue',
  ]);
  t.strictSame([sandbox.state.sqs.queues.size, sandbox.state.lambda.mappings.size], [0, 0]);
  t.strictSame((await run(down)).writes, []);
});

t.test('every message is routed in the end, with nobody acting', async (t) => {
  const { pass, ...operator } = await prepared(t);
  const { sandbox, aws, bucket } = operator;
  const role = sandbox.state.iam.roles.get('agentkeys-ses-routing-role');
  const fn = functionOf(operator);
  const inline = new Map(role?.inline);
  const policy = fn?.policy;
  const [first = [], second = [], third = []] = [0, 1, 2].map((part) =>
    messages.filter((_, index) => index % 3 === part),
  );

  // EventBridge may not invoke the function: its events go to the queue at once.
  Object.assign(fn ?? {}, { policy: [] });
  await deliver(aws, bucket, first);
  await sandbox.settled();
  t.strictSame(copies(operator), first.flatMap(routedKeys).sort(), "the rule's target is denied");
  Object.assign(fn ?? {}, { policy });

  // The function may not read: Lambda gives up after three attempts, and the queue goes on.
  const denied = String([...inline.values()][0]).replace('s3:GetObject', 's3:GetObjectAcl');
  role?.inline.set([...inline.keys()][0] ?? '', denied);
  await deliver(aws, bucket, second);
  await sandbox.settled();
  const waiting = queueOf(operator)?.messages.length ?? 0;
  t.ok(waiting > 0);
  // Each time it is tried again, in batches.
  for (const minutes of [3, 57]) await pass(minutes);
  t.equal(queueOf(operator)?.messages.length, waiting, 'an hour');
  role?.inline.set([...inline.keys()][0] ?? '', String([...inline.values()][0]));
  await pass(3);
  t.strictSame(copies(operator), [...first, ...second].flatMap(routedKeys).sort(), 'permission removed for an hour');

  // Throttled to 0: Lambda sends its events to the queue without an attempt.
  Object.assign(fn ?? {}, { reservedConcurrency: 0 });
  await deliver(aws, bucket, third);
  await pass(9);
  Object.assign(fn ?? {}, { reservedConcurrency: undefined });
  await pass(3);
  t.strictSame(copies(operator), expected, 'throttled for ten minutes');
  t.equal(queueOf(operator)?.messages.length, 0);
});

interface Drift {
  name: string;
  drift(operator: Operator): unknown;
  shown: RegExp;
  writes: string[];
}

const configured = (Attributes: Record<string, string>) => (operator: Operator) =>
  clientOf(operator).send(new sqs.SetQueueAttributesCommand({ QueueUrl: urlOf(operator), Attributes }));

const drifts: Drift[] = [
  {
    name: 'attributes of the queue',
    drift: configured({ VisibilityTimeout: '30', MessageRetentionPeriod: '60', KmsMasterKeyId: 'alias/x', Policy: '' }),
    shown:
      /visibility timeout: 30 s -> 180 s.*retention: 60 s -> 1209600 s.*encryption: alias\/x -> SSE-SQS.*\+ policy: Allow/s,
    writes: ['sqs:SetQueueAttributes'],
  },
  {
    name: 'a tag of the queue',
    drift: (operator) => queueOf(operator)?.tags.delete('managed-by'),
    shown: /> retry queue .*\+ tag managed-by/s,
    writes: ['sqs:TagQueue'],
  },
  {
    name: 'the mapping',
    drift: (operator) => Object.assign(mappingOf(operator) ?? {}, { enabled: false, batchSize: 1, responseTypes: [] }),
    shown: /~ event source .*state: Disabled -> Enabled.*batch size: 1 -> 10.*response types/s,
    writes: ['lambda:UpdateEventSourceMapping'],
  },
  {
    name: 'no mapping, no destination, no dead-letter queue',
    async drift(operator) {
      operator.sandbox.state.lambda.mappings.clear();
      Object.assign(functionOf(operator) ?? {}, { eventInvoke: undefined });
      const target = operator.sandbox.state.events.rules.get(Rule)?.targets.get(FunctionName);
      Object.assign(target ?? {}, { DeadLetterConfig: undefined });
    },
    shown: /\+ event source .*\+ destination .*~ target .*\+ dead-letter queue/s,
    writes: ['lambda:CreateEventSourceMapping', 'lambda:PutFunctionEventInvokeConfig', 'events:PutTargets'],
  },
];

t.test('drift is repaired', async (t) => {
  const operator = await prepared(t);
  const undisturbed = operator.sandbox.snapshot();
  for (const { name, drift, shown, writes } of drifts) {
    await drift(operator);
    const { status, stdout, stderr, writes: made } = await operator.run([...deploy, '--yes', '--adopt']);
    t.equal(status, 0, `${name}: ${stderr}`);
    t.match(stdout, shown, name);
    t.strictSame(made.toSorted(), writes.toSorted(), name);
    t.strictSame(operator.sandbox.snapshot(), undisturbed, name);
    t.strictSame((await operator.run(deploy)).writes, [], name);
  }
});

/** A stack without a queue, whose target and function send what fails to others. */
async function usedByOthers(t: Test) {
  const operator = await startOperator(t);
  const { run, aws } = operator;
  await run([...deploy, '--no-retry-queue']);
  const { Targets = [] } = await aws.events.send(new events.ListTargetsByRuleCommand({ Rule }));
  const DeadLetterConfig = { Arn: otherArn };
  await aws.events.send(
    new events.PutTargetsCommand({ Rule, Targets: Targets.map((target) => ({ ...target, DeadLetterConfig })) }),
  );
  Object.assign(functionOf(operator) ?? {}, { eventInvoke: { onFailure: theirFunction, modified: new Date() } });
  return operator;
}

const theirFunction = 'arn:aws:lambda:us-east-1:111122223333:function:theirs:$LATEST';
const queueArn = `arn:aws:sqs:us-east-1:111122223333:${QueueName}`;
const ruleOf = ({ sandbox }: Operator) => sandbox.state.events.rules.get(Rule);

/** What the slots hold, and the tags that record what others had in them. */
const slotsOf = (operator: Operator) => ({
  target: ruleOf(operator)?.targets.get(FunctionName)?.DeadLetterConfig?.Arn,
  function: functionOf(operator)?.eventInvoke?.onFailure,
  ofTarget: ruleOf(operator)?.tags.get('agentkeys-ses-routing:dead-letter-queue'),
  ofFunction: functionOf(operator)?.tags.get('agentkeys-ses-routing:on-failure-destination'),
});
const kept = { target: otherArn, function: theirFunction, ofTarget: undefined, ofFunction: undefined };
const taken = {
  target: queueArn,
  function: queueArn,
  ofTarget: otherArn,
  ofFunction: 'arn:aws:lambda:us-east-1:111122223333:function:theirs:=LATEST',
};

/** On one line. */
const words = (text: string) => text.replace(/\s+/g, ' ');

t.test('slots that others use are kept, and it is said what is not retried', async (t) => {
  const operator = await usedByOthers(t);
  const { run } = operator;
  t.strictSame((await run([...deploy, '--no-retry-queue'])).writes, []);
  for (const args of [deploy, [...deploy, '--yes'], deploy]) {
    const { status, stdout, stderr } = await run(args);
    t.equal(status, 0, stderr);
    t.match(
      words(stdout),
      `! target agentkeys-ses-routing its dead-letter queue, which others set, is left alone: ${otherArn}. Events that EventBridge can't deliver go there, and are not retried; --take-retry-slots replaces it ~ dead-letter queue: ${otherArn} -> ${queueArn}`,
    );
    t.match(
      words(stdout),
      `! destination agentkeys-ses-routing its on-failure destination, which others set, is left alone: ${theirFunction}. Events that the function fails on go there, and are not retried; --take-retry-slots replaces it ~ on failure: ${theirFunction} -> ${queueArn}`,
    );
    t.strictSame(slotsOf(operator), kept);
  }
  t.strictSame((await run(deploy)).writes, []);

  // A queue that another function takes from is refused.
  Object.assign(mappingOf(operator) ?? {}, { functionName: 'other' });
  const refused = await run(deploy);
  t.equal(refused.status, 1);
  t.strictSame(refused.writes, []);
  t.match(refused.stdout + refused.stderr, /is an event\s+source of another function/);
});

t.test('slots that others use are taken with consent, and recorded before', async (t) => {
  const operator = await usedByOthers(t);
  const { run } = operator;
  const question = `Use the retry queue in place of ${theirFunction} and ${otherArn}, which others set?`;
  const no = await run(deploy, { answers: ['n', 'n', 'n'] });
  t.match(words(no.stderr), question);
  t.strictSame(slotsOf(operator), kept, 'no');
  const yes = await run(deploy, { answers: ['n', 'y', 'y'] });
  t.equal(yes.status, 0, yes.stderr);
  t.match(words(yes.stdout), `~ dead-letter queue: ${otherArn} -> ${queueArn}`);
  t.match(words(yes.stdout), `+ tag agentkeys-ses-routing:dead-letter-queue: ${otherArn}`);
  t.match(words(yes.stdout), `~ on failure: ${theirFunction} -> ${queueArn}`);
  t.strictSame(slotsOf(operator), taken, 'yes');
  t.strictSame(yes.writes.filter((write) => !write.startsWith('iam:')).toSorted(), [
    'events:PutTargets',
    'events:TagResource',
    'lambda:CreateEventSourceMapping',
    'lambda:PutFunctionEventInvokeConfig',
    'lambda:TagResource',
    'sqs:CreateQueue',
  ]);
  for (const [record, change] of [
    ['lambda:TagResource', 'lambda:PutFunctionEventInvokeConfig'],
    ['events:TagResource', 'events:PutTargets'],
  ] as const)
    t.ok(yes.writes.indexOf(record) < yes.writes.indexOf(change), `${record} comes first`);
  t.strictSame((await run(deploy)).writes, [], 'a second deploy');

  // Taken by others again, and by a run that ended between the record and the change.
  const target = ruleOf(operator)?.targets.get(FunctionName);
  Object.assign(target ?? {}, { DeadLetterConfig: { Arn: otherArn } });
  Object.assign(functionOf(operator)?.eventInvoke ?? {}, { onFailure: theirFunction });
  const again = await run([...deploy, '--take-retry-slots']);
  t.strictSame(again.writes.toSorted(), ['events:PutTargets', 'lambda:PutFunctionEventInvokeConfig']);
  t.strictSame(slotsOf(operator), taken);

  // Of a function that stays, the slot is what it was; the target goes.
  functionOf(operator)?.tags.delete('managed-by');
  const dry = await run(['teardown', '--dry-run']);
  t.match(
    words(dry.stdout),
    `- target agentkeys-ses-routing its dead-letter queue was ${otherArn}, before --take-retry-slots`,
  );
  t.match(
    words(dry.stdout),
    `~ destination agentkeys-ses-routing as it was before --take-retry-slots ~ on failure: ${queueArn} -> ${theirFunction}`,
  );
  const gone = await run(down);
  t.equal(gone.status, 0, gone.stderr);
  t.strictSame(slotsOf(operator), {
    target: undefined,
    function: theirFunction,
    ofTarget: undefined,
    ofFunction: undefined,
  });
  t.strictSame((await run(down)).writes, []);
});

t.test('a teardown', async (t) => {
  const operator = await prepared(t);
  const { run, sandbox } = operator;
  for (const MessageBody of ['a', 'b'])
    queueOf(operator)?.messages.push({
      id: MessageBody,
      body: MessageBody,
      attributes: {},
      sender: 'x',
      sent: sandbox.state.now(),
      received: 0,
      visibleAt: sandbox.state.now() + 1_000_000,
    });
  const asked = await run(['teardown']);
  t.equal(asked.status, 1);
  t.strictSame(asked.writes, []);
  t.match(asked.stdout + asked.stderr, /delete 2 events that wait in the retry queue/);
  functionOf(operator)?.tags.delete('managed-by');
  const gone = await run(down);
  t.equal(gone.status, 0, gone.stderr);
  t.equal(queueOf(operator), undefined);
  t.equal(mappingOf(operator), undefined);
  t.equal(functionOf(operator)?.eventInvoke?.onFailure, undefined, 'of a function that stays, too');
  t.strictSame((await run(down)).writes, []);
});

t.test('what AWS does in its own time is waited for', async (t) => {
  const clock = quickClock();
  const delays = { eventSourceMapping: 5_000, queueNameReuse: 60_000 };
  const operator = await startOperator(t, { delays, now: clock.now });
  const run = (args: string[]) => operator.run(args, { clock });
  const first = await run(deploy);
  t.equal(first.status, 0, first.stderr);
  t.match(first.stderr, 'waiting for Lambda to complete the change of the event source mapping');
  t.strictSame((await run(deploy)).writes, []);
  const gone = await run(down);
  t.equal(gone.status, 0, gone.stderr);
  t.equal(mappingOf(operator), undefined);
  const again = await run(deploy);
  t.equal(again.status, 0, again.stderr);
  t.match(again.stderr, "waiting for SQS to free the deleted queue's name");

  Object.assign(mappingOf(operator) ?? {}, { change: 'Deleting', settlesAt: clock.now() + 5_000 });
  const replaced = await run(deploy);
  t.match(replaced.stderr, 'waiting for Lambda to delete the event source mapping');
  t.strictSame(replaced.writes, ['lambda:CreateEventSourceMapping']);

  // Deleted by somebody else while it is read.
  const release = operator.sandbox.intercept(({ operation }) =>
    operation === 'ListQueueTags' ? { kind: 'refuse', code: 'QueueDoesNotExist', status: 400 } : undefined,
  );
  const halfRead = await run([...deploy, '--dry-run']);
  release();
  t.match(halfRead.stdout, `+ retry queue     ${QueueName}`);
});
