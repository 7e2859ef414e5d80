/**
 * The whole life of the stack against moto, an emulator that nobody here wrote: the built executable as a process of its own, and
 * what it wrote counted on the wire.
 */
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { type Aws, createAws } from '../../src/aws/clients.js';
import { makeOperatorAccount, operatorNames } from '../../src/commands/demo/operator-account.js';
import { zip } from '../../src/package/zip.js';
import { type Moto, motoFor } from '../support/moto.js';
import { firstDeployWrites } from '../support/operator.js';
import { startCli } from '../support/process.js';
import { startRecordingProxy } from '../support/recording-proxy.js';
import { policy, trust } from './cases/documents.js';

const FunctionName = 'agentkeys-ses-routing';
const RoleName = 'agentkeys-ses-routing-role';
const Rule = 'agentkeys-ses-routing-inbound';
const logGroupName = `/aws/lambda/${FunctionName}`;
const broker = { RoleName: operatorNames.brokerRole };
const fullAccess = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';

const moto = await motoFor(t);

/** One run of the executable. */
interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
  /** The calls that change something, as they came by: `iam:CreateRole`. */
  writes: string[];
}

interface Operator {
  aws: Aws;
  account: string;
  bucket: string;
  run(...args: string[]): Promise<Run>;
  /** Runs it, requires success and these writes, in this order. */
  writes(t: Test, args: string[], expected: string[]): Promise<Run>;
}

/** A fresh account on moto. */
async function startOperator(t: Test, { url, account, region, credentials, reset }: Moto): Promise<Operator> {
  await reset();
  const aws = createAws({ region, endpointUrl: url, credentials });
  t.teardown(() => aws.close());
  const { bucket } = await makeOperatorAccount(aws, account, region);
  const proxy = await startRecordingProxy(t, url);
  const env = {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    REGION: region,
    ACCOUNT_ID: account,
  };

  async function run(...args: string[]): Promise<Run> {
    proxy.calls.length = 0;
    const cli = startCli(t, args, env);
    const { status } = await cli.ended;
    const writes = proxy.calls
      .filter(({ mutates }) => mutates)
      .map(({ service, operation }) => `${service}:${operation}`);
    return { status, stdout: cli.stdout(), stderr: cli.stderr(), writes };
  }
  return {
    aws,
    account,
    bucket,
    run,
    async writes(t, args, expected) {
      const result = await run(...args);
      t.equal(result.status, 0, args.join(' '), { said: result.stderr });
      t.strictSame(result.writes.toSorted(), expected.toSorted(), `${args.join(' ')}: ${expected.length} writes`);
      return result;
    },
  };
}

/** A life with an account of its own. */
function life(name: string, test: (t: Test, operator: Operator) => Promise<void>): void {
  t.test(name, async (t) => {
    if (typeof moto === 'string') return t.plan(0, moto);
    await test(t, await startOperator(t, moto));
  });
}

const last = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

life('deployed, drifted, deployed again, taken down', async (t, { aws, bucket, run, writes }) => {
  const planned = await run('deploy', '--dry-run', '--detailed-exitcode');
  t.equal(planned.status, 2, 'something to do', { said: planned.stderr });
  t.strictSame(planned.writes, [], 'deploy --dry-run: 0 writes');
  await writes(t, ['deploy'], firstDeployWrites);
  const none = await writes(t, ['deploy'], []);
  t.match(last(none.stdout), /^Nothing to do; \d+ in sync/);
  const notifications = await aws.s3.send(new s3.GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  t.match(notifications, { QueueConfigurations: [{ Id: 'reports-to-finance' }], EventBridgeConfiguration: {} });

  await t.test('drifted', async (t) => {
    const { logs: log, iam: roles, lambda: functions, events: rules, s3: buckets } = aws;
    const { Policy } = await functions.send(new lambda.GetPolicyCommand({ FunctionName }));
    const StatementId = JSON.parse(String(Policy)).Statement[0].Sid;
    await log.send(new logs.DeleteRetentionPolicyCommand({ logGroupName }));
    await roles.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust('ec2.amazonaws.com') }));
    await roles.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline` }));
    await functions.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 128, Timeout: 3 }));
    await functions.send(
      new lambda.UpdateFunctionCodeCommand({ FunctionName, ZipFile: await zip({ 'index.js': Buffer.from('') }) }),
    );
    await functions.send(new lambda.RemovePermissionCommand({ FunctionName, StatementId }));
    await rules.send(new events.DisableRuleCommand({ Name: Rule }));
    await rules.send(new events.RemoveTargetsCommand({ Rule, Ids: ['agentkeys-ses-routing'] }));
    await buckets.send(
      new s3.PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: { QueueConfigurations: notifications.QueueConfigurations },
        SkipDestinationValidation: true,
      }),
    );
    await roles.send(new iam.DeleteRolePolicyCommand({ ...broker, PolicyName: 'agentkeys-ses-routing-broker' }));
    await writes(
      t,
      ['deploy'],
      [
        'logs:PutRetentionPolicy',
        'iam:UpdateAssumeRolePolicy',
        'iam:PutRolePolicy',
        'lambda:UpdateFunctionCode',
        'lambda:UpdateFunctionConfiguration',
        'lambda:AddPermission',
        'events:PutRule',
        'events:PutTargets',
        // Since when EventBridge is on is not known while it is being turned on.
        'events:TagResource',
        's3:PutBucketNotificationConfiguration',
        'events:TagResource',
        'iam:PutRolePolicy',
      ],
    );
    await writes(t, ['deploy'], []);
    const now = await buckets.send(new s3.GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
    t.strictSame({ ...now, $metadata: undefined }, { ...notifications, $metadata: undefined }, 'as before the drift');
  });

  await t.test('other tags, and gone altogether', async (t) => {
    const tagged = ['logs:TagResource', 'iam:TagRole', 'lambda:TagResource', 'events:TagResource'];
    await writes(t, ['deploy', '--tag', 'team=mail'], tagged);
    await aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName }));
    await aws.logs.send(new logs.DeleteLogGroupCommand({ logGroupName }));
    // The destination of failed events goes with the function; the mapping of the queue stays.
    const again = [
      ...['logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'lambda:CreateFunction', 'lambda:AddPermission'],
      'lambda:PutFunctionEventInvokeConfig',
    ];
    await writes(t, ['deploy', '--tag', 'team=mail'], again);
    await writes(t, ['deploy', '--tag', 'team=mail'], []);
  });

  const mapping = 'lambda:DeleteEventSourceMapping';
  const down = ['events:RemoveTargets', 'events:DeleteRule', mapping, 'lambda:DeleteFunction'];
  await writes(t, ['teardown', '--yes'], [...down, 'iam:DeleteRolePolicy', 'iam:DeleteRole']);
  await writes(t, ['teardown', '--yes'], []);
  await writes(
    t,
    ['teardown', '--yes', '--broker', '--delete-logs'],
    ['iam:DeleteRolePolicy', 'iam:UntagRole', 'logs:DeleteLogGroup'],
  );
  const left = await aws.s3.send(new s3.GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  t.match(left, { QueueConfigurations: [{ Id: 'reports-to-finance' }], EventBridgeConfiguration: {} });
});

life('without the broker', async (t, { aws, writes }) => {
  await writes(t, ['deploy', '--no-broker'], firstDeployWrites.slice(0, -2));
  await writes(t, ['deploy', '--no-broker'], []);
  const { PolicyNames } = await aws.iam.send(new iam.ListRolePoliciesCommand(broker));
  t.strictSame(PolicyNames, []);
});

life("a stranger's role, function and rule", async (t, { aws, account, run, writes }) => {
  await aws.iam.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust('lambda.amazonaws.com') }));
  await aws.lambda.send(
    new lambda.CreateFunctionCommand({
      FunctionName,
      Role: `arn:aws:iam::${account}:role/${RoleName}`,
      Runtime: 'nodejs22.x',
      Handler: 'theirs.handler',
      Architectures: ['arm64'],
      Code: { ZipFile: await zip({ 'theirs.js': Buffer.from('') }) },
    }),
  );
  await aws.events.send(
    new events.PutRuleCommand({ Name: Rule, EventPattern: JSON.stringify({ source: ['theirs'] }) }),
  );
  const theirs = { Id: 'theirs', Arn: `arn:aws:lambda:us-east-1:${account}:function:theirs` };
  await aws.events.send(new events.PutTargetsCommand({ Rule, Targets: [theirs] }));

  const refused = await run('deploy');
  t.equal(refused.status, 1, 'declined without --adopt');
  t.match(refused.stderr, '--adopt', 'and told so');
  t.strictSame(refused.writes, [], 'without a write');
  const adopted = await run('deploy', '--adopt', '--yes');
  t.equal(adopted.status, 0, 'deploy --adopt --yes', { said: adopted.stderr });
  t.notOk(
    adopted.writes.some((write) => /:Create(Role|Function)$/.test(write)),
    'what is there is taken over',
  );
  t.ok(adopted.writes.includes('iam:TagRole') && adopted.writes.includes('lambda:TagResource'), 'and tagged as ours');
  await writes(t, ['deploy'], []);
  const { Targets } = await aws.events.send(new events.ListTargetsByRuleCommand({ Rule }));
  t.strictSame(Targets?.map(({ Id }) => Id).sort(), ['agentkeys-ses-routing', 'theirs'], "the stranger's target stays");
});

life('broad grants taken and given back', async (t, { aws, run, writes }) => {
  const everything = policy({ Sid: 'All', Effect: 'Allow', Action: 's3:*', Resource: '*' });
  await aws.iam.send(new iam.PutRolePolicyCommand({ ...broker, PolicyName: 'theirs', PolicyDocument: everything }));
  const grants = async () => {
    const { AttachedPolicies } = await aws.iam.send(new iam.ListAttachedRolePoliciesCommand(broker));
    const { PolicyNames } = await aws.iam.send(new iam.ListRolePoliciesCommand(broker));
    const theirs = await aws.iam.send(new iam.GetRolePolicyCommand({ ...broker, PolicyName: 'theirs' }));
    const { Policies } = await aws.iam.send(new iam.ListPoliciesCommand({ Scope: 'Local' }));
    return {
      attached: AttachedPolicies?.map(({ PolicyArn }) => PolicyArn),
      inline: PolicyNames?.toSorted(),
      theirs: decodeURIComponent(String(theirs.PolicyDocument)),
      kept: Policies?.length,
    };
  };
  const before = await grants();
  t.strictSame(before, { attached: [fullAccess], inline: ['theirs'], theirs: everything, kept: 0 });

  await writes(t, ['deploy'], firstDeployWrites);
  const taken = await run('deploy', '--remove-broad-grants', '--yes');
  t.equal(taken.status, 0, 'deploy --remove-broad-grants --yes', { said: taken.stderr });
  const after = await grants();
  t.match(after, { attached: [], kept: 1 }, "AWS's policy is detached, the inline one's text is kept");
  t.not(after.theirs, everything, 'and narrowed');
  await writes(t, ['deploy', '--remove-broad-grants', '--yes'], []);

  const back = await run('teardown', '--broker', '--yes');
  t.equal(back.status, 0, 'teardown --broker --yes', { said: back.stderr });
  t.strictSame(await grants(), before, 'exactly what was there');
  await writes(t, ['teardown', '--broker', '--yes'], []);
});
