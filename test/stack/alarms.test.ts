/**
 * The alarms on the embedded AWS: deploy, drift, teardown, and that they tell somebody when mail is late, and only then.
 */
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as lambda from '@aws-sdk/client-lambda';
import t from 'tap';
import { deliver, readMessages } from '../../src/commands/demo/mail.js';
import { type Operator, quickClock, startDeployed } from '../support/operator.js';

const { messages, mailDomain } = await readMessages('fixtures/messages');
const FunctionName = 'agentkeys-ses-routing';
const topic = 'arn:aws:sns:us-east-1:444455556666:operators';
const other = 'arn:aws:sns:us-east-1:111122223333:theirs';
const deploy = ['deploy', '--alarm-topic', topic, '--mail-domain', mailDomain];
const plain = ['deploy', '--mail-domain', mailDomain];
const down = ['teardown', '--yes', '--broker', '--delete-logs'];
const names = ['errors', 'throttles', 'undelivered', 'retries-waiting', 'retries-failing'].map(
  (name) => `${FunctionName}-${name}`,
);
const [errors = '', , , waiting = ''] = names;

/** Without the line breaks that the width makes. */
const inLine = (text: string) => text.replaceAll(/\s+/g, ' ');

const alarmsOf = ({ sandbox }: Operator) => sandbox.state.cloudwatch.alarms;
const clientOf = ({ aws }: Operator) => aws.client(cloudwatch.CloudWatchClient);
const settingsOf = (operator: Operator, name: string) => alarmsOf(operator).get(name)?.settings;
const change = (operator: Operator, name: string, more: Partial<cloudwatch.PutMetricAlarmCommandInput>) =>
  clientOf(operator).send(
    new cloudwatch.PutMetricAlarmCommand({
      ...(settingsOf(operator, name) as cloudwatch.PutMetricAlarmCommandInput),
      ...more,
    }),
  );

t.test('they are added to a stack, kept, and deleted with it', async (t) => {
  const operator = await startDeployed(t, { args: plain });
  const { run } = operator;
  const added = await run(deploy);
  t.equal(added.status, 0, added.stderr);
  t.strictSame(added.writes, Array(5).fill('cloudwatch:PutMetricAlarm'));
  t.match(
    added.stdout,
    /\+ alarm {11}agentkeys-ses-routing-errors\n {4}\+ metric: Sum of AWS\/Lambda Errors \(FunctionName agentkeys-ses-routing\)\n {4}\+ condition: > 0 in 1 of 1 periods of 300 s\n {4}\+ missing data: notBreaching\n/,
  );
  t.match(inLine(added.stdout), `5 alarms, 0.10 USD each a month. Whether ${topic} exists`);
  t.strictSame([...alarmsOf(operator).keys()], names);
  for (const { settings, tags } of alarmsOf(operator).values()) {
    t.match(settings, { AlarmActions: [topic], OKActions: [topic], TreatMissingData: 'notBreaching' });
    t.strictSame([...tags], [['managed-by', 'agentkeys-ses-routing']]);
  }
  const again = await run(deploy);
  t.strictSame(again.writes, []);
  t.notMatch(again.stdout, 'a month', 'it is said once');

  const without = await run(plain);
  t.strictSame(without.writes, [], 'a deploy without the flag keeps them');
  t.match(without.stdout, /= alarm {11}agentkeys-ses-routing-errors\s+kept, and neither checked nor changed/);

  const tagged = await run([...deploy, '--tag', 'team=mail']);
  t.match(tagged.stdout, /~ alarm .*\+ tag team: mail/s);
  t.equal(tagged.writes.filter((write) => write === 'cloudwatch:TagResource').length, 5);

  alarmsOf(operator).get(errors)?.tags.delete('managed-by');
  const gone = await run(down);
  t.equal(gone.status, 0, gone.stderr);
  t.match(gone.stdout, /! alarm {11}agentkeys-ses-routing-errors\s+left alone: it does not carry our tag/);
  t.strictSame(
    gone.writes.slice(0, 4),
    Array(4).fill('cloudwatch:DeleteAlarms'),
    'first: nobody is told of a teardown',
  );
  t.strictSame([...alarmsOf(operator).keys()], [errors]);
  t.strictSame((await run(down)).writes, []);
});

interface Drift {
  name: string;
  drift(operator: Operator): unknown;
  shown: RegExp;
  writes: string[];
  /** What has to be agreed to. */
  asks?: RegExp;
}

const drifts: Drift[] = [
  {
    name: 'threshold, periods and what becomes of missing data',
    drift: (operator) =>
      change(operator, waiting, {
        Threshold: 60,
        EvaluationPeriods: 3,
        DatapointsToAlarm: undefined,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: undefined,
      }),
    shown:
      /~ alarm [a-z-]*retries-waiting ~ condition: >= 60 in 3 of 3 periods of 60 s -> > 900 in 1 of 1 periods of 60 s ~ missing data: missing -> notBreaching/,
    writes: ['cloudwatch:PutMetricAlarm'],
  },
  {
    name: 'disabled, without actions',
    drift: (operator) => change(operator, errors, { ActionsEnabled: false, AlarmActions: [], OKActions: undefined }),
    shown: /~ notifications: disabled -> enabled \+ on ALARM: arn.*\+ on OK: arn/,
    writes: ['cloudwatch:PutMetricAlarm'],
  },
  {
    name: "somebody else's topic",
    drift: (operator) => change(operator, errors, { AlarmActions: [other, topic], InsufficientDataActions: [other] }),
    shown: /~ on ALARM: arn:aws:sns:us-east-1:111122223333:theirs, .* -> .*- on INSUFFICIENT_DATA/,
    writes: ['cloudwatch:PutMetricAlarm'],
    asks: /stop telling arn:aws:sns:us-east-1:111122223333:theirs about the alarm agentkeys-ses-routing-errors/,
  },
  {
    name: 'a tag',
    drift: (operator) => alarmsOf(operator).get(errors)?.tags.clear(),
    shown: /> alarm agentkeys-ses-routing-errors \+ tag managed-by/,
    writes: ['cloudwatch:TagResource'],
    asks: /adopt the alarm agentkeys-ses-routing-errors/,
  },
  {
    name: 'deleted',
    drift: (operator) => clientOf(operator).send(new cloudwatch.DeleteAlarmsCommand({ AlarmNames: [waiting] })),
    shown: /\+ alarm agentkeys-ses-routing-retries-waiting/,
    writes: ['cloudwatch:PutMetricAlarm'],
  },
];

t.test('drift is repaired, and what loses something is asked about', async (t) => {
  const operator = await startDeployed(t, { args: deploy });
  const { run, sandbox } = operator;
  const undisturbed = sandbox.snapshot();
  for (const { name, drift, shown, writes, asks } of drifts) {
    await drift(operator);
    if (asks !== undefined) {
      const asked = await run(deploy);
      t.equal(asked.status, 1, name);
      t.strictSame(asked.writes, [], name);
      t.match(inLine(asked.stdout + asked.stderr), asks, name);
    }
    const { status, stdout, stderr, writes: made } = await run([...deploy, '--yes', '--adopt']);
    t.equal(status, 0, `${name}: ${stderr}`);
    t.match(inLine(stdout), shown, name);
    t.strictSame(made, writes, name);
    t.strictSame(sandbox.snapshot(), undisturbed, name);
    t.strictSame((await run(deploy)).writes, [], name);
  }

  // Another topic takes the place of the first.
  const moved = deploy.map((arg) => (arg === topic ? other : arg));
  const asked = await run(moved);
  t.strictSame([asked.status, asked.writes], [1, []]);
  t.match(asked.stderr, `stop telling ${topic}`);
  t.equal((await run([...moved, '--yes'])).status, 0);
  t.match(settingsOf(operator, errors), { AlarmActions: [other], OKActions: [other] });
});

t.test('an alarm of the same name that this tool did not create', async (t) => {
  const operator = await startDeployed(t, { args: plain });
  await clientOf(operator).send(
    new cloudwatch.PutMetricAlarmCommand({
      AlarmName: errors,
      Namespace: 'Theirs',
      MetricName: 'Problems',
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
    }),
  );
  const asked = await operator.run(deploy);
  t.equal(asked.status, 1);
  t.strictSame(asked.writes, []);
  t.match(asked.stdout, /> alarm .*~ metric: Average of Theirs Problems \(\) ->\s+Sum of AWS\/Lambda Errors/s);
  const adopted = await operator.run([...deploy, '--adopt']);
  t.equal(adopted.status, 0, adopted.stderr);
  t.match(settingsOf(operator, errors), { Namespace: 'AWS/Lambda', AlarmActions: [topic] });
  t.strictSame((await operator.run(deploy)).writes, []);
});

t.test('a topic that CloudWatch can’t send to, and alarms that can’t be read', async (t) => {
  const operator = await startDeployed(t, { args: plain });
  const { run, sandbox } = operator;
  for (const wrong of ['arn:aws:sns:eu-west-1:111122223333:a', 'arn:aws-cn:sns:us-east-1:111122223333:a']) {
    const refused = await run(deploy.map((arg) => (arg === topic ? wrong : arg)));
    t.strictSame([refused.status, refused.writes], [1, []]);
    t.match(refused.stderr, `the topic ${wrong} is not in the stack's region, us-east-1 (aws)`);
  }
  const malformed = await run(['deploy', '--alarm-topic', 'operators']);
  t.equal(malformed.status, 1);
  t.match(malformed.stderr, /--alarm-topic must be the ARN of a standard SNS topic .* not "operators"/);
  t.strictSame(malformed.calls, []);

  const denied = (code: string) =>
    sandbox.intercept(({ operation }) =>
      operation === 'DescribeAlarms'
        ? { kind: 'refuse', code, status: code === 'AccessDenied' ? 403 : 400 }
        : undefined,
    );
  let release = denied('AccessDenied');
  const refused = await run(deploy);
  t.strictSame([refused.status, refused.writes], [1, []]);
  t.match(refused.stderr, "they can't be read: AWS denied access");
  t.strictSame((await run(plain)).status, 0, 'who asks for none is not kept from deploying');
  const kept = await run(['teardown', '--dry-run']);
  t.match(kept.stdout, /! alarms {10}agentkeys-ses-routing\s+if there are any, they are kept: they can't be read/);
  release();
  release = denied('InvalidParameterValue');
  t.strictSame((await run(plain)).status, 0, 'whatever the reason');
  t.match(await run(deploy), { status: 1, stderr: /InvalidParameterValue/ });
  release();

  // Deleted by somebody else while they are read.
  await run(deploy);
  release = sandbox.intercept(({ service, operation }) =>
    service === 'cloudwatch' && operation === 'ListTagsForResource'
      ? { kind: 'refuse', code: 'ResourceNotFoundException', status: 404 }
      : undefined,
  );
  t.match((await run([...deploy, '--dry-run'])).stdout, /\+ alarm {11}agentkeys-ses-routing-errors/);
  release();
});

t.test('without a retry queue', async (t) => {
  const operator = await startDeployed(t, { args: ['deploy', '--no-retry-queue'] });
  const { run } = operator;
  const without = ['deploy', '--no-retry-queue', '--alarm-topic', topic];
  const added = await run(without);
  t.equal(added.writes.length, 3, 'there is none to watch');
  t.match(inLine(added.stdout), '3 alarms, 0.10 USD each a month');
  await clientOf(operator).send(
    new cloudwatch.PutMetricAlarmCommand({
      ...(settingsOf(operator, errors) as cloudwatch.PutMetricAlarmCommandInput),
      AlarmName: waiting,
      Tags: [{ Key: 'managed-by', Value: 'agentkeys-ses-routing' }],
    }),
  );
  const removed = await run(without);
  t.strictSame(removed.writes, ['cloudwatch:DeleteAlarms'], 'left of one that is gone');
  t.match(removed.stdout, /- alarm {11}agentkeys-ses-routing-retries-waiting/);
  t.strictSame((await run(without)).writes, []);
});

t.test('somebody is told when mail is late, and when it is not any more', async (t) => {
  const clock = quickClock();
  const operator = await startDeployed(t, { args: deploy, clock });
  const { sandbox, aws, bucket } = operator;
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      clock.set(clock.now() + 60_000);
      await sandbox.settled();
    }
  };
  /** The alarms that changed since the last call, as `errors ALARM`, in their order. */
  const told = async () => {
    await clientOf(operator).send(new cloudwatch.DescribeAlarmsCommand({}));
    const actions = sandbox.state.cloudwatch.alarmActions.splice(0);
    t.ok(actions.every(({ action }) => action === topic));
    return actions.map(({ alarm, to }) => `${alarm.slice(FunctionName.length + 1)} ${to}`);
  };
  await pass(2);
  t.strictSame(
    await told(),
    names.map((name) => `${name.slice(FunctionName.length + 1)} OK`),
  );

  // A quiet day: mail is routed.
  await deliver(aws, bucket, messages);
  await pass(30);
  t.strictSame(await told(), []);

  // The function may not read any more. It fails, then the retries do.
  const role = sandbox.state.iam.roles.get('agentkeys-ses-routing-role');
  const [[name = '', text = ''] = []] = role?.inline ?? [];
  role?.inline.set(name, text.replace('s3:GetObject', 's3:GetObjectAcl'));
  await deliver(aws, bucket, messages.slice(0, 3));
  await pass(10);
  t.strictSame(await told(), ['errors ALARM', 'errors OK']);
  await pass(10);
  t.strictSame(await told(), ['retries-failing ALARM'], 'after 15 minutes, although SQS gives their age no more');
  role?.inline.set(name, text);
  await pass(15);
  t.strictSame(await told(), ['retries-failing OK'], 'nobody acted');

  // Lambda does not poll the queue.
  const [UUID = ''] = sandbox.state.lambda.mappings.keys();
  const enable = (Enabled: boolean) => aws.lambda.send(new lambda.UpdateEventSourceMappingCommand({ UUID, Enabled }));
  await enable(false);
  const fn = sandbox.state.lambda.functions.get(FunctionName);
  const policy = fn?.policy ?? [];
  Object.assign(fn ?? {}, { policy: [] });
  await deliver(aws, bucket, messages.slice(0, 1));
  await pass(10);
  t.strictSame(await told(), ['undelivered ALARM', 'undelivered OK'], 'EventBridge may not invoke the function');
  await pass(10);
  t.strictSame(await told(), ['retries-waiting ALARM']);
  Object.assign(fn ?? {}, { policy });
  await enable(true);
  await pass(5);
  t.strictSame(await told(), ['retries-waiting OK']);

  Object.assign(fn ?? {}, { reservedConcurrency: 0 });
  await deliver(aws, bucket, messages.slice(0, 1));
  await pass(3);
  t.ok((await told()).includes('throttles ALARM'));
});
