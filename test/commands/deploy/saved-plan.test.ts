/** A saved plan: applied with exactly its calls while nothing has changed, and refused, with the reason, once something has. */
import { readFileSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DisableRuleCommand, TagResourceCommand } from '@aws-sdk/client-eventbridge';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  GetFunctionConfigurationCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { checksumOf } from '../../../src/commands/deploy/saved-plan.js';
import type { SavedPlan } from '../../../src/commands/deploy/schema.js';
import { shape } from '../../stack/broker/broker-role.js';
import { faultsOf } from '../../support/documents.js';
import { type Operator, startDeployed, startOperator } from '../../support/operator.js';

/** The differences that every case's plan brings about. */
const drift = ['--memory', '512', '--yes'];

function planFile(t: Test): string {
  return join(t.testdir({}), 'plan.json');
}

/** Changes a plan's file, with a checksum that matches. */
function rewrite(path: string, change: (plan: SavedPlan) => SavedPlan): void {
  const { checksum, ...content } = change(JSON.parse(readFileSync(path, 'utf8')));
  writeFileSync(path, JSON.stringify({ ...content, checksum: checksumOf(content) }));
}

/** Sets one of the function's variables, as another tool would. */
async function setVariable({ lambda }: Operator['aws'], name: string, value: string): Promise<void> {
  const FunctionName = 'agentkeys-ses-routing';
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, [name]: value };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
}

t.test('a plan that is saved and applied', async (t) => {
  const { run } = await startOperator(t);
  const path = planFile(t);
  const saved = await run(['deploy', '--dry-run', '--json', '--out', path]);
  t.strictSame([saved.status, saved.writes], [0, []], saved.stderr);
  t.equal(JSON.parse(saved.stdout).saved, path);
  t.match(
    saved.stderr,
    `Saved in ${path}. Apply this plan with the same settings: npx --no agentkeys-ses-routing deploy --plan ${path}`,
  );
  t.equal((await stat(path)).mode & 0o777, 0o600);
  const plan = JSON.parse(readFileSync(path, 'utf8'));
  t.strictSame(faultsOf('saved-plan', plan), []);

  const applied = await run(['deploy', '--plan', path]);
  t.equal(applied.status, 0, applied.stderr);
  const calls = plan.entries.flatMap((entry: { calls: string[] }) => entry.calls);
  t.ok(calls.length > 10);
  t.strictSame(applied.writes.toSorted(), calls.toSorted(), 'exactly its calls');
  t.match(applied.stderr, /^This is the plan of \d{4}-\S+Z in \S+\.$/m);

  const again = await run(['deploy', '--plan', path]);
  t.strictSame([again.status, again.writes], [1, []]);
  t.match(
    again.stderr,
    /can't be applied\. Since it was saved, this has changed: .*execution role agentkeys-ses-routing-role/,
  );

  const empty = await run(['deploy', '--dry-run', '--out', path]);
  t.equal(empty.status, 0, 'an earlier plan is replaced');
  const nothing = await run(['deploy', '--json', '--plan', path]);
  t.strictSame([nothing.status, nothing.writes, JSON.parse(nothing.stdout).outcome], [0, [], 'in sync']);
});

t.test('--yes is still needed for what is lost, and no answer changes the plan', async (t) => {
  const { run } = await startDeployed(t);
  const path = planFile(t);
  const args = ['--log-retention-days', '1'];
  await run(['deploy', '--dry-run', '--out', path, ...args]);
  const unasked = await run(['deploy', '--plan', path, ...args]);
  t.strictSame([unasked.status, unasked.writes], [1, []]);
  t.match(unasked.stderr, /Confirmation required.*Re-run with --yes\. Nothing was written\./);
  const declined = await run(['deploy', '--plan', path, ...args], { answers: ['n'] });
  t.strictSame([declined.status, declined.writes], [1, []]);
  // The broker's broad grants could be removed too: this is not asked about.
  t.match(declined.stdout, '--remove-broad-grants removes that access');
  t.strictSame(declined.stderr.match(/\S+ \S+ \[y\/N\]/g), ['these changes? [y/N]']);
  const agreed = await run(['deploy', '--plan', path, ...args], { answers: ['y'] });
  t.strictSame([agreed.status, agreed.writes], [0, ['logs:PutRetentionPolicy']], agreed.stderr);
});

t.test('mail that arrives in between, and tags that change back, are no change', async (t) => {
  const { run, aws, bucket, sandbox } = await startDeployed(t);
  const path = planFile(t);
  await run(['deploy', '--dry-run', '--out', path, ...drift]);
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'inbound/a', Body: 'Subject: x\r\n\r\n' }));
  await sandbox.settled();
  for (const MemorySize of [1024, 256])
    await aws.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'agentkeys-ses-routing', MemorySize }),
    );
  const { status, writes, stderr } = await run(['deploy', '--plan', path, ...drift]);
  t.strictSame([status, writes], [0, ['lambda:UpdateFunctionConfiguration']], stderr);
});

t.test('refused: saved for a named stack', async (t) => {
  const { run } = await startOperator(t);
  const path = planFile(t);
  const shared = ['--bucket', 'agentkeys-mail-111122223333', '--no-broker'];
  const saved = await run(['deploy', '--dry-run', '--out', path, '--stack', 'test', ...shared]);
  t.equal(saved.status, 0, saved.stderr);
  const { status, writes, stderr } = await run(['deploy', '--plan', path, ...shared]);
  t.strictSame([status, writes], [1, []]);
  t.match(stderr, /It is for the stack test, and this is \(unnamed\)\./);
});

t.test('refused: another account', async (t) => {
  const one = await startOperator(t);
  const other = await startOperator(t, { account: '444455556666' });
  const path = planFile(t);
  await one.run(['deploy', '--dry-run', '--out', path, '--bucket', one.bucket]);
  const { status, writes, stderr, calls } = await other.run(['deploy', '--plan', path, '--bucket', one.bucket]);
  t.strictSame([status, writes], [1, []]);
  t.match(stderr, /It is for the account 111122223333, and this is 444455556666\./);
  t.strictSame(
    calls.map(({ operation }) => operation),
    ['GetCallerIdentity'],
    'nothing else is read',
  );
});

t.test('refused: the package was upgraded', async (t) => {
  const { run } = await startDeployed(t);
  const path = planFile(t);
  await run(['deploy', '--dry-run', '--out', path]);
  rewrite(path, (plan) => ({ ...plan, package: '0.0.1+000000000000' }));
  const { status, writes, stderr } = await run(['deploy', '--plan', path]);
  t.strictSame([status, writes], [1, []]);
  t.match(stderr, /It is for the version of this tool 0\.0\.1\+0{12}, and this is \d\S+\+[\da-f]{12}\./);
});

t.test('an edited plan is refused: nothing that the file says is done', async (t) => {
  const { run } = await startOperator(t);
  const path = planFile(t);
  await run(['deploy', '--dry-run', '--out', path]);
  const original = readFileSync(path);
  const edits: Array<[RegExp, (plan: SavedPlan) => Partial<SavedPlan>]> = [
    [
      /What is planned differs: create rule agentkeys-ses-routing-inbound\./,
      ({ entries }) => ({ entries: entries.filter(({ resource }) => resource !== 'rule') }),
    ],
    [
      /What is planned differs: delete function x; create function agentkeys-ses-routing\./,
      ({ entries }) => ({
        entries: entries.map((one) => (one.resource === 'function' ? { ...one, action: 'delete', name: 'x' } : one)),
      }),
    ],
    [/The changes are in another order\./, ({ entries }) => ({ entries: entries.toReversed() })],
    [/this has changed: log group \S+; extra\./, ({ read }) => ({ read: { ...read, logGroup: '', extra: '' } })],
  ];
  for (const [says, edit] of edits) {
    writeFileSync(path, original);
    rewrite(path, (plan) => ({ ...plan, ...edit(plan) }));
    const { status, writes, stderr } = await run(['deploy', '--plan', path]);
    t.strictSame([status, writes], [1, []]);
    t.match(stderr, says);
  }
});

t.test('a lost answer is made up for with the calls of the plan', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const path = planFile(t);
  await run(['deploy', '--dry-run', '--out', path]);
  let lost = 0;
  sandbox.intercept(({ operation }) =>
    operation === 'CreateFunction' && lost++ === 0 ? { kind: 'lose-answer' } : undefined,
  );
  const { status, stderr } = await run(['deploy', '--plan', path]);
  t.equal(status, 0, stderr);
  t.ok(lost > 1, 'the call was made again');
  t.strictSame((await run(['deploy'])).writes, []);
});

t.test('what changes while it is applied, and would need other calls, stops it', async (t) => {
  const { run, sandbox, aws } = await startDeployed(t);
  const path = planFile(t);
  await run(['deploy', '--dry-run', '--out', path, ...drift]);
  const FunctionName = 'agentkeys-ses-routing';
  let changed = false;
  sandbox.intercept(async ({ operation }) => {
    if (operation === 'UpdateFunctionConfiguration' && !changed) {
      changed = true;
      const Resource = `arn:aws:lambda:us-east-1:${sandbox.account}:function:${FunctionName}`;
      await aws.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['agentkeys-ses-routing:version'] }));
      await aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 20 }));
    }
    return undefined;
  });
  const { status, stderr } = await run(['deploy', '--plan', path, ...drift]);
  t.equal(status, 1);
  t.match(
    stderr,
    /^Failed: The function agentkeys-ses-routing changed while the saved plan was applied, and needs other calls than those of the plan\.$/m,
  );
  t.match(stderr, /^ {2}done: {7}nothing$/m);
  t.match(
    stderr,
    `\nSave a new plan with your settings, and review it: npx --no agentkeys-ses-routing deploy --dry-run --out ${path}\n`,
  );
  t.notMatch(stderr, 'same command');
  const { Timeout, MemorySize } = await aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  t.strictSame([Timeout, MemorySize], [20, 256], 'it is as the other left it');
});

t.test('a plan that needs a decision is not saved', async (t) => {
  const operator = await startOperator(t);
  const path = planFile(t);
  const Statement = [
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${operator.bucket}/inbound/*`,
      Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
    },
  ];
  await shape(operator, { inline: { office: JSON.stringify({ Version: '2012-10-17', Statement }) } });
  const { status, stderr, stdout } = await operator.run(['deploy', '--dry-run', '--out', path]);
  t.equal(status, 1);
  t.match(stdout, /^Plan to deploy/);
  t.match(
    stderr,
    /error: This plan is not saved, because it can't be applied: .*--broker-reads-inbound or --no-broker-reads-inbound\./,
  );
  t.throws(() => readFileSync(path), { code: 'ENOENT' });
});

interface Case {
  name: string;
  /** The change after the plan was saved. */
  change?(operator: Operator): unknown;
  /** Flags to apply it with, in place of those that it was saved with. */
  args?: string[];
  says: RegExp;
}

const cases: Case[] = [
  {
    name: "another tool set one of the function's variables",
    change: ({ aws }) => setVariable(aws, 'DEBUG', '1'),
    says: /this has changed: function agentkeys-ses-routing\./,
  },
  {
    name: "the execution role's policy",
    change: ({ aws }) =>
      aws.iam.send(
        new PutRolePolicyCommand({
          RoleName: 'agentkeys-ses-routing-role',
          PolicyName: 'agentkeys-ses-routing-role-inline',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
          }),
        }),
      ),
    says: /this has changed: execution role agentkeys-ses-routing-role\./,
  },
  {
    name: 'another policy of the broker',
    change: ({ aws }) =>
      aws.iam.send(
        new PutRolePolicyCommand({
          RoleName: 'agentkeys-broker-host',
          PolicyName: 'new',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
          }),
        }),
      ),
    says: /this has changed: broker \S+ agentkeys-/,
  },
  {
    name: 'the rule is disabled',
    change: ({ aws }) => aws.events.send(new DisableRuleCommand({ Name: 'agentkeys-ses-routing-inbound' })),
    says: /this has changed: rule agentkeys-ses-routing-inbound\./,
  },
  {
    name: "a rule's tag",
    change: ({ aws, sandbox: { account } }) =>
      aws.events.send(
        new TagResourceCommand({
          ResourceARN: `arn:aws:events:us-east-1:${account}:rule/agentkeys-ses-routing-inbound`,
          Tags: [{ Key: 'State', Value: 'x' }],
        }),
      ),
    says: /this has changed: rule agentkeys-ses-routing-inbound\./,
  },
  {
    name: "a statement of the function's policy",
    change: ({ aws }) =>
      aws.lambda.send(
        new AddPermissionCommand({
          FunctionName: 'agentkeys-ses-routing',
          StatementId: 'other',
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
          SourceArn: 'arn:aws:events:us-east-1:111122223333:rule/other',
        }),
      ),
    says: /this has changed: permission /,
  },
  {
    name: 'the bucket policy',
    change: ({ aws, bucket }) => {
      const Statement = [
        { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket}/other/*` },
      ];
      return aws.s3.send(
        new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
      );
    },
    says: /this has changed: mail bucket agentkeys-mail-111122223333/,
  },
  {
    name: 'the stack serves another bucket',
    change: ({ aws }) => aws.s3.send(new CreateBucketCommand({ Bucket: 'another-bucket' })),
    args: [...drift, '--bucket', 'another-bucket', '--move-from-bucket', 'agentkeys-mail-111122223333'],
    says: /It is for the bucket agentkeys-mail-111122223333, and this is another-bucket\. Settings differ: --move-from-bucket\./,
  },
  {
    name: 'other settings, named by their flags',
    args: ['--memory', '1024', '--yes', '--tag', 'team=mail', '--no-broker'],
    says: /applied\. Settings differ: --no-broker, --tag, --memory\./,
  },
  {
    name: 'another stack',
    args: [...drift, '--stack', 'test'],
    says: /It is for the stack \(unnamed\), and this is test\./,
  },
  {
    name: 'another region',
    args: [...drift, '--region', 'eu-central-1'],
    says: /It is for the region us-east-1, and this is eu-central-1\./,
  },
];

for (const { name, change, args = drift, says } of cases)
  t.test(`refused: ${name}`, async (t) => {
    const operator = await startDeployed(t);
    const path = planFile(t);
    const saved = await operator.run(['deploy', '--dry-run', '--out', path, ...drift]);
    t.equal(saved.status, 0, saved.stderr);
    await change?.(operator);
    const { status, writes, stderr } = await operator.run(['deploy', '--plan', path, ...args]);
    t.strictSame([status, writes], [1, []]);
    t.match(stderr, says);
    t.match(
      stderr,
      /^error: The plan in \S+plan\.json can't be applied\..* Nothing was written\. Save a new plan with your settings, and review it: npx --no agentkeys-ses-routing deploy --dry-run --out \S+plan\.json$/m,
    );
  });
