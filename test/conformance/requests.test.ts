/**
 * Every request of the tool's own commands against botocore's models of AWS's APIs, which nobody here wrote: read from the wire by the
 * model, then checked at every depth for required members, types, enumerations, patterns and lengths.
 */
import * as iam from '@aws-sdk/client-iam';
import { AddPermissionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { afterDeploySh } from '../stack/legacy/account.js';
import { faultsByBotocore, type ModelledRequest } from '../support/botocore.js';
import { type Operator, startOperator } from '../support/operator.js';
import { type RecordedRequest, startRecordingProxy } from '../support/recording-proxy.js';

/** Runs commands through a recording proxy, each of which has to succeed; `look` runs one that may have something to report. */
async function recording(t: Test, operator: Operator) {
  const proxy = await startRecordingProxy(t, operator.sandbox.endpoint);
  const look = (...args: string[]) => operator.run(args, { env: { AWS_ENDPOINT_URL: proxy.url } });
  const run = async (...args: string[]) => {
    const { status, stderr } = await look(...args);
    t.equal(status, 0, status === 0 ? args.join(' ') : `${args.join(' ')}: ${stderr}`);
  };
  return { run, look, requests: proxy.requests };
}

const topic = 'arn:aws:sns:us-east-1:111122223333:operators';

/** Changes something of every resource. */
async function drift({ aws, sandbox, bucket }: Operator): Promise<void> {
  const FunctionName = 'agentkeys-ses-routing';
  const RoleName = `${FunctionName}-role`;
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const Variables = { BUCKET: bucket, PREFIXES: 'xx' };
  await aws.lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9, Environment: { Variables } }),
  );
  await aws.iam.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
  await aws.iam.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline` }));
  const fn = sandbox.state.lambda.functions.get(FunctionName);
  if (fn) fn.codeSha256 = 'c29tZWJvZHkgZWxzZQ==';
  const [statement] = fn?.policy ?? [];
  if (statement) statement.Principal = { Service: 's3.amazonaws.com' };
  fn?.tags.clear();
  const permission = { StatementId: 'others', Action: 'lambda:InvokeFunction', Principal: 's3.amazonaws.com' };
  await aws.lambda.send(new AddPermissionCommand({ FunctionName, ...permission }));
  const rule = sandbox.state.events.rules.get(`${FunctionName}-inbound`);
  if (rule) {
    rule.state = 'DISABLED';
    rule.targets.clear();
    rule.tags.clear();
  }
  for (const bucket of sandbox.state.s3.buckets.values()) delete bucket.notification.EventBridgeConfiguration;
  sandbox.state.logs.groups.clear();
  for (const queue of sandbox.state.sqs.queues.values()) queue.attributes.set('VisibilityTimeout', '30');
  for (const mapping of sandbox.state.lambda.mappings.values()) mapping.batchSize = 1;
}

const scenarios: Record<string, (t: Test) => Promise<RecordedRequest[]>> = {
  async 'deploy, drift and teardown'(t) {
    const operator = await startOperator(t);
    const { run, look, requests } = await recording(t, operator);
    const args = ['--yes', '--remove-broad-grants', '--reserved-concurrency', '10', '--tag', 'team=mail'];
    await run('deploy', ...args, '--alarm-topic', topic);
    await run('deploy', ...args, '--alarm-topic', topic);
    await drift(operator);
    const boundary = 'arn:aws:iam::aws:policy/AdministratorAccess';
    const others = ['--log-level', 'error', '--log-retention-days', '7', '--permissions-boundary', boundary];
    await run('deploy', '--yes', '--adopt', ...others);
    await look('status');
    await look('verify');
    await run('backfill', '--yes', '--dry-run');
    await run('teardown', '--yes', '--delete-logs', '--broker');
    return requests;
  },
  async migration(t) {
    const operator = await afterDeploySh(t);
    const { run, requests } = await recording(t, operator);
    await run('deploy', '--yes');
    await operator.pass(10 * 60_000);
    await run('deploy', '--yes');
    await run('teardown', '--yes');
    return requests;
  },
  async '--stack'(t) {
    const operator = await startOperator(t);
    const { run, requests } = await recording(t, operator);
    await operator.aws.s3.send(new CreateBucketCommand({ Bucket: 'test-mail' }));
    const args = ['--stack', 'test', '--bucket', 'test-mail'];
    await run('deploy', '--yes', ...args, '--mail-domain', 'test.example.com');
    await run('deploy', '--yes', ...args, '--mail-domain', 'test.example.com');
    await run('status', '--all');
    await run('teardown', '--yes', '--delete-logs', ...args);
    return requests;
  },
};

/**
 * Others' notifications are sent back as S3 answered with them: with `Prefix` and `Suffix`, which S3 takes in any case.
 * https://github.com/aws/aws-sdk/issues/389
 */
const known = /^s3 PutBucketNotificationConfiguration: .*\.FilterRules\[\d+\]\.Name is (Prefix|Suffix), not one of/;

/** The faults of requests that were made wrong on purpose: each in one place, the last in several. */
const wrong: ModelledRequest[] = [
  { service: 'iam', operation: 'CreateRole', input: { RoleName: 'a' } },
  { service: 'iam', operation: 'TagRole', input: { RoleName: 'a b', Tags: [] } },
  { service: 'lambda', operation: 'CreateFunction', input: { FunctionName: 'f', Role: 'arn:x', Code: {} } },
  { service: 'events', operation: 'PutTargets', input: { Rule: 'r', Targets: [{ Id: 'a', Arn: 7 }] } },
  {
    service: 'events',
    operation: 'PutTargets',
    input: { Rule: 'r', Targets: [{ Id: 'a', Arn: 'b', RetryPolicy: { MaximumRetryAttempts: 186 } }] },
  },
  {
    service: 's3',
    operation: 'PutBucketNotificationConfiguration',
    input: {
      Bucket: 'b',
      NotificationConfiguration: { QueueConfigurations: [{ QueueArn: 'q', Events: ['s3:ObjectCreated:Never'] }] },
    },
  },
  { service: 'sqs', operation: 'CreateQueue', input: { QueueName: 'q', Attributes: { Colour: 'red' } } },
];

/** A request of each protocol, with one thing in it that the model does not have. */
function tampered(requests: RecordedRequest[]): RecordedRequest[] {
  const changes: Array<[operation: string, from: string, to: string]> = [
    ['CreateRole', 'RoleName=', 'RolName='],
    ['PutRule', '"Name"', '"Nam"'],
    ['CreateFunction', '"Timeout":30', '"Timeout":"30"'],
    ['PutBucketNotificationConfiguration', '<EventBridgeConfiguration', '<EventBridge'],
  ];
  return changes.map(([operation, from, to]) => {
    const found = requests.find((request) => request.operation === operation);
    const text = Buffer.from(`${found?.wire.body}`, 'base64').toString();
    if (found === undefined || !text.includes(from)) throw new Error(`no ${operation} with ${from}`);
    const body = Buffer.from(text.replaceAll(from, to)).toString('base64');
    return { ...found, wire: { ...found.wire, body } };
  });
}

t.test('botocore is asked', async (t) => {
  const faults = faultsByBotocore(wrong);
  if (typeof faults === 'string') return t.plan(0, faults);
  for (const { service, operation } of wrong)
    t.ok(
      faults.some((fault) => fault.startsWith(`${service} ${operation}: `)),
      `${service}:${operation} is refused`,
    );
  t.equal(faults.length, wrong.length, faults.join('\n'));

  for (const [name, scenario] of Object.entries(scenarios)) {
    await t.test(name, async (t) => {
      const requests = await scenario(t);
      const distinct = new Map(
        requests.map((request) => {
          const { method, path, query, body } = request.wire;
          return [JSON.stringify([request.service, method, path, query, body]), request];
        }),
      );
      const operations = new Set(requests.map(({ service, operation }) => `${service}:${operation}`));
      const faults = [...faultsByBotocore([...distinct.values()])];
      t.strictSame(
        faults.filter((fault) => !known.test(fault)),
        [],
      );
      // The check can fail, whatever the protocol.
      const changed = tampered([...distinct.values()]);
      t.equal(faultsByBotocore(changed).length, changed.length);
      if (name !== '--stack')
        t.ok(
          faults.some((fault) => known.test(fault)),
          'the known difference occurs',
        );
      t.comment(`${requests.length} requests, ${distinct.size} of them distinct, of ${operations.size} operations`);
    });
  }
});
