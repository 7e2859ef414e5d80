/**
 * The operator's policies are enough, shown by running under each of them and nothing else; and no more than enough: every
 * action in them is used by some run.
 */

import { DisableRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { CreateRuleSetCommand, MailManagerClient } from '@aws-sdk/client-mailmanager';
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { systemClock } from '../../src/aws/waits.js';
import { deliver } from '../../src/commands/demo/mail.js';
import { agentToken } from '../../src/commands/demo/operator-account.js';
import { mailDomain, messages } from '../support/mail.js';
import { type Operator, type Run, type RunOptions, startDeployed, startOperator } from '../support/operator.js';

let users = 0;

/** Runs a task as a user who has the task's policy and nothing else. */
async function asOperator(
  operator: Operator,
  task: string,
  args: string[],
  flags: string[],
  more: RunOptions = {},
): Promise<Run> {
  const { run, aws } = operator;
  const UserName = `operator-${users++}`;
  // `--yes`, `--adopt` and tags need no permission of their own.
  const idle = ['--yes', '--adopt', '--tag', '--web-identity-token-file'];
  const valued = ['--tag', '--web-identity-token-file'];
  const wide = flags.filter((flag, at) => !idle.includes(flag) && !valued.includes(flags[at - 1] ?? ''));
  const policy = await run(['policy', task, ...wide]);
  await aws.iam.send(new CreateUserCommand({ UserName }));
  const { Policy } = await aws.iam.send(
    new CreatePolicyCommand({ PolicyName: UserName, PolicyDocument: policy.stdout }),
  );
  await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  return run([...args, ...flags], { credentials, ...more });
}

const alarmTopic = 'arn:aws:sns:us-east-1:111122223333:operators';
const boundary = 'arn:aws:iam::aws:policy/AdministratorAccess';
const variants: Array<{ name: string; flags: string[]; down: string[] }> = [
  { name: 'by default', flags: [], down: [] },
  {
    name: 'with everything',
    flags: [
      '--remove-broad-grants',
      '--yes',
      '--reserved-concurrency',
      '3',
      '--permissions-boundary',
      boundary,
      '--tag',
      'a=b',
    ],
    down: ['--broker', '--delete-logs'],
  },
  { name: 'with names of its own', flags: ['--function-name', 'f', '--role-name', 'r', '--rule-name', 'u'], down: [] },
  { name: 'without a broker', flags: ['--no-broker'], down: [] },
  { name: 'without a retry queue', flags: ['--no-retry-queue'], down: [] },
  { name: 'with alarms', flags: ['--alarm-topic', alarmTopic], down: [] },
  { name: 'by instance profile', flags: ['--broker-instance-profile', 'agentkeys-broker-host'], down: [] },
];

t.test('verify and backfill, with their policies and nothing else', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, bucket } = operator;
  const domain = ['--mail-domain', mailDomain];
  const reviewed = ['--tos-reviewed', 'openrouter=2026-01-02'];
  await run(['deploy', '--yes', '--remove-broad-grants', ...reviewed, ...domain]);
  await deliver(aws, bucket, messages);
  await operator.sandbox.settled(60_000);
  const token = `${t.testdir({ token: agentToken(`0x${'a'.repeat(40)}`, Date.now() / 1_000 + 600) })}/token`;
  const verified = await asOperator(operator, 'verify', ['verify', ...domain], ['--web-identity-token-file', token], {
    clock: systemClock,
  });
  t.equal(verified.status, 0, verified.stdout);
  t.match(verified.stdout, /, 0 FAIL, 0 skipped\.\n$/, 'nothing of it was denied');

  const ways: Array<[flags: string[], counts: RegExp]> = [
    [['--dry-run'], /7 {2}stays: already-routed/],
    [[], /7 {2}stays: already-routed/],
    [['--via', 'lambda'], /10 {2}handed over/],
    [['--delete-source', '--yes'], /5 {2}deleted from inbound/],
  ];
  for (const [flags, counts] of ways) {
    const ofPolicy = flags.filter((flag) => flag !== '--dry-run');
    const dry = flags.includes('--dry-run') ? ['--dry-run'] : [];
    const done = await asOperator(operator, 'backfill', ['backfill', ...domain, ...dry], ofPolicy);
    t.equal(done.status, 0, done.stderr);
    t.match(done.stdout, counts, flags.join(' '));
  }
});

t.test('each of their actions is needed', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, bucket, sandbox } = operator;
  const domain = ['--mail-domain', mailDomain];
  // The broker keeps its AWS-managed policy: it has to be read. So have the tags of alarms.
  await run(['deploy', ...domain, '--alarm-topic', alarmTopic]);
  await aws.s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await aws.client(MailManagerClient).send(new CreateRuleSetCommand({ RuleSetName: 'inbound', Rules: [] }));
  await deliver(aws, bucket, messages.slice(0, 1));
  await sandbox.settled(60_000);
  // Called by another name than the action's: each with the call that needs it.
  const called: Record<string, string> = {
    's3:ListBucket': 's3:HeadBucket',
    's3:GetBucketNotification': 's3:GetBucketNotificationConfiguration',
    's3:GetEncryptionConfiguration': 's3:GetBucketEncryption',
    's3:GetBucketPublicAccessBlock': 's3:GetPublicAccessBlock',
    's3:GetBucketObjectLockConfiguration': 's3:GetObjectLockConfiguration',
    'ses:ListRuleSets': 'mailmanager:ListRuleSets',
    'ses:GetRuleSet': 'mailmanager:GetRuleSet',
    's3:DeleteObjectVersion': 's3:DeleteObject',
    'lambda:InvokeFunction': 'lambda:Invoke',
    'access-analyzer:CheckNoNewAccess': 'accessanalyzer:CheckNoNewAccess',
    // GetFunction answers with the tags.
    'lambda:ListTags': 'lambda:GetFunction',
  };
  const runs: Array<[task: string, args: string[], policy: string[]]> = [
    ['verify', ['verify', ...domain], []],
    ['backfill', ['backfill', '--via', 'lambda', ...domain], ['--via', 'lambda']],
    ['backfill', ['backfill', '--delete-source', '--yes', ...domain], ['--delete-source']],
  ];
  for (const [task, args, flags] of runs) {
    const { calls } = await run(args, { clock: systemClock });
    const used = new Set(calls.map(({ operation, service }) => `${service}:${operation}`));
    // What backfill does on a message that is not there yet, the function has done by then.
    if (task === 'backfill') for (const one of ['s3:CopyObject', 's3:ListObjectsV2']) used.add(one);
    const { stdout } = await run(['policy', task, ...flags]);
    const actions: string[] = JSON.parse(stdout).Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    const alias: Record<string, string> =
      task === 'backfill' ? { 's3:ListBucket': 's3:ListObjectsV2', 's3:PutObject': 's3:CopyObject' } : {};
    t.strictSame(
      actions.filter((action) => !used.has(alias[action] ?? called[action] ?? action)),
      [],
      args.join(' '),
    );
  }
});

for (const { name, flags, down } of variants) {
  t.test(name, async (t) => {
    const operator = await startOperator(t);
    const { aws, sandbox } = operator;
    await aws.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'agentkeys-broker-host',
        PolicyName: 'wide',
        PolicyDocument: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }),
      }),
    );
    const dry = await asOperator(operator, 'dry-run', ['deploy', '--dry-run'], flags);
    t.equal(dry.status, 0, dry.stderr);
    const first = await asOperator(operator, 'deploy', ['deploy'], flags);
    t.equal(first.status, 0, first.stderr);
    // Each way of changing something at least once more, on a drifted stack.
    const names = {
      fn: flags.includes('f') ? 'f' : 'agentkeys-ses-routing',
      rule: flags.includes('u') ? 'u' : 'agentkeys-ses-routing-inbound',
    };
    await aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: names.fn, MemorySize: 1024 }));
    await aws.events.send(new DisableRuleCommand({ Name: names.rule }));
    const fn = sandbox.state.lambda.functions.get(names.fn);
    const rule = sandbox.state.events.rules.get(names.rule);
    const role = sandbox.state.iam.roles.get(flags.includes('r') ? 'r' : 'agentkeys-ses-routing-role');
    const group = sandbox.state.logs.groups.get(`/aws/lambda/${names.fn}`);
    if (fn === undefined || rule === undefined || role === undefined || group === undefined) return t.fail('no stack');
    Object.assign(fn, { codeSha256: 'other', state: 'Inactive', lastUpdate: 'Successful' });
    fn.eventInvoke = { maximumRetryAttempts: 0, modified: new Date() };
    for (const statement of fn.policy) statement.Sid = 'agentkeys-ses-routing-events-old';
    for (const one of [fn, rule, role]) one.tags.delete('managed-by');
    group.retentionDays = undefined;
    role.trust = role.trust.replace('lambda', 'ec2');
    role.inline.clear();
    for (const queue of sandbox.state.sqs.queues.values()) {
      queue.tags.delete('managed-by');
      queue.attributes.set('VisibilityTimeout', '30');
    }
    for (const mapping of sandbox.state.lambda.mappings.values()) mapping.enabled = false;
    const again = await asOperator(operator, 'deploy', ['deploy'], [...flags, '--adopt', '--tag', 'x=y']);
    t.equal(again.status, 0, again.stderr);
    t.strictSame((await operator.run(['deploy', ...flags, '--tag', 'x=y'])).writes, []);

    const planned = await asOperator(operator, 'dry-run', ['teardown', '--dry-run'], namesOnly(flags));
    t.equal(planned.status, 0, planned.stderr);
    role.attached.add(boundary);
    const gone = await asOperator(operator, 'teardown', ['teardown', '--yes'], [...namesOnly(flags), ...down]);
    t.equal(gone.status, 0, gone.stderr);
    if (down.length > 0)
      t.strictSame(
        [...(sandbox.state.iam.roles.get('agentkeys-broker-host')?.attached ?? [])],
        ['arn:aws:iam::aws:policy/AmazonS3FullAccess'],
      );
  });
}

t.test('roles under a path: adopted, passed, verified and removed with the printed policies', async (t) => {
  const operator = await startOperator(t);
  const { aws, sandbox } = operator;
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  await aws.iam.send(
    new CreateRoleCommand({
      RoleName: 'agentkeys-ses-routing-role',
      Path: '/service-role/',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const broker = sandbox.state.iam.roles.get('agentkeys-broker-host');
  if (broker === undefined) return t.fail('no broker');
  Object.assign(broker, { path: '/hosts/', arn: broker.arn.replace(':role/', ':role/hosts/') });
  const flags = ['--adopt', '--yes', '--remove-broad-grants'];
  const deployed = await asOperator(operator, 'deploy', ['deploy'], flags);
  t.equal(deployed.status, 0, deployed.stderr);
  const roleArn = 'arn:aws:iam::111122223333:role/service-role/agentkeys-ses-routing-role';
  t.equal(sandbox.state.lambda.functions.get('agentkeys-ses-routing')?.roleArn, roleArn);
  t.strictSame((await operator.run(['deploy'])).writes, []);
  const { stdout } = await asOperator(operator, 'verify', ['verify'], [], { clock: systemClock });
  t.match(stdout, /, 0 FAIL, /);
  const gone = await asOperator(operator, 'teardown', ['teardown', '--yes'], ['--broker']);
  t.equal(gone.status, 0, gone.stderr);
  t.notOk(sandbox.state.iam.roles.has('agentkeys-ses-routing-role'));
});

function namesOnly(flags: string[]): string[] {
  const named = ['--function-name', '--role-name', '--rule-name', '--broker-instance-profile', '--no-retry-queue'];
  return flags.filter((flag, at) => named.includes(flag) || named.includes(flags[at - 1] ?? ''));
}

t.test('without lambda:ListTags nothing is treated as unmanaged: the error names the permission', async (t) => {
  const operator = await startDeployed(t);
  const { run, aws } = operator;
  const { stdout } = await run(['policy', 'dry-run']);
  const UserName = 'without-list-tags';
  await aws.iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = stdout.replace('"lambda:ListTags"', '"lambda:ListAliases"');
  const { Policy } = await aws.iam.send(new CreatePolicyCommand({ PolicyName: UserName, PolicyDocument }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  const refused = await run(['deploy', '--dry-run'], { credentials });
  t.equal(refused.status, 1);
  t.match(refused.stderr, /AWS denied lambda:ListTags on arn:aws:lambda:.*:function:agentkeys-ses-routing/);
});

t.test('take any one action away and some run is refused: no action is there for nothing', async (t) => {
  const operator = await startOperator(t);
  const used = new Set<string>();
  for (const { flags, down } of variants) {
    await operator.run(['deploy', ...flags, '--yes', '--adopt']);
    const role = operator.sandbox.state.iam.roles.get('agentkeys-ses-routing-role');
    if (role !== undefined) role.attached.add(boundary);
    await operator.run(['teardown', '--yes', ...namesOnly(flags), ...down]);
  }
  for (const { operation, service } of operator.sandbox.calls) used.add(`${service}:${operation}`);
  const { stdout } = await operator.run(['policy', 'deploy']);
  const actions: string[] = JSON.parse(stdout).Statement.flatMap(({ Action }: { Action: string[] }) => Action);
  // What only a drifted stack needs; each of these is made by the runs above.
  const mending = [
    'iam:UpdateAssumeRolePolicy',
    'iam:TagRole',
    'lambda:UpdateFunctionCode',
    'lambda:UpdateFunctionConfiguration',
    'lambda:UpdateFunctionEventInvokeConfig',
    'lambda:TagResource',
    'lambda:RemovePermission',
    'lambda:InvokeFunction',
    'logs:TagResource',
    'sqs:SetQueueAttributes',
    'sqs:TagQueue',
    'lambda:UpdateEventSourceMapping',
  ];
  // Not calls of their own: what another call needs besides.
  const besides = [
    'iam:PassRole',
    'lambda:ListTags',
    's3:ListBucket',
    's3:GetBucketNotification',
    's3:PutBucketNotification',
    's3:GetEncryptionConfiguration',
  ];
  t.strictSame(
    actions.filter((action) => !used.has(action) && !mending.includes(action) && !besides.includes(action)),
    [],
  );
});
