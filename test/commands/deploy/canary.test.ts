/**
 * Secrets of others never appear in a saved plan, in Markdown, or in what the runs print: they are planted wherever this tool reads, and in
 * the operator's environment. `--json` prints each call with its input, and is not meant here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TagResourceCommand } from '@aws-sdk/client-eventbridge';
import { CreatePolicyCommand, PutRolePolicyCommand, TagRoleCommand } from '@aws-sdk/client-iam';
import {
  GetFunctionConfigurationCommand,
  TagResourceCommand as TagFunctionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { type Operator, startDeployed } from '../../support/operator.js';

const canary = (where: string) => `canary-${where}-5f0c9d`;

/** Plants secrets. @returns in which places */
async function plant({ aws, bucket, sandbox: { account } }: Operator): Promise<string[]> {
  const FunctionName = 'agentkeys-ses-routing';
  const { Environment, FunctionArn } = await aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, OTHERS_TOKEN: canary('variable') };
  await aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  await aws.lambda.send(new TagFunctionCommand({ Resource: FunctionArn, Tags: { others: canary('function-tag') } }));
  const ResourceARN = `arn:aws:events:us-east-1:${account}:rule/agentkeys-ses-routing-inbound`;
  await aws.events.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'others', Value: canary('rule-tag') }] }));
  const policy = (where: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: canary(where).replaceAll('-', ''),
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalTag/secret': canary(where) } },
        },
      ],
    });
  for (const [RoleName, where] of [
    ['agentkeys-broker-host', 'broker'],
    ['agentkeys-ses-routing-role', 'execution-role'],
  ] as const) {
    const inline = { RoleName, PolicyName: 'others', PolicyDocument: policy(`${where}-policy`) };
    await aws.iam.send(new PutRolePolicyCommand(inline));
    await aws.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'others', Value: canary(`${where}-tag`) }] }));
  }
  // As this tool saves what it narrows.
  await aws.iam.send(
    new CreatePolicyCommand({
      PolicyName: 'saved',
      Path: '/agentkeys-ses-routing/',
      PolicyDocument: policy('saved-policy'),
    }),
  );
  await aws.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: {
        TopicConfigurations: [
          {
            Id: canary('notification'),
            TopicArn: `arn:aws:sns:us-east-1:${account}:others`,
            Events: ['s3:ObjectRemoved:*'],
          },
        ],
      },
    }),
  );
  return [
    'variable',
    'function-tag',
    'rule-tag',
    'broker-policy',
    'broker-tag',
    'execution-role-policy',
    'execution-role-tag',
    'saved-policy',
    'notification',
  ];
}

t.test('no secret is in a saved plan, in Markdown, or in the output', async (t) => {
  const operator = await startDeployed(t);
  const places = await plant(operator);
  const account = JSON.stringify(operator.sandbox.snapshot());
  for (const place of places) t.match(account, canary(place), `${place} is in the account`);
  const path = join(t.testdir({ token: canary('token-file') }), 'plan.json');
  const env = {
    GITHUB_TOKEN: canary('github'),
    AWS_SECRET_ACCESS_KEY: canary('secret-key'),
    AWS_SESSION_TOKEN: canary('session-token'),
    AGENTKEYS_TOKEN_FILE: join(path, '../token'),
  };
  const args = ['--memory', '512', '--delete-source', '--remove-broad-grants'];
  const runs = [
    await operator.run(['deploy', '--dry-run', '--out', path, ...args], { env }),
    await operator.run(['deploy', '--dry-run', '--markdown', ...args], { env }),
    await operator.run(['deploy', '--plan', path, ...args], { env }),
    await operator.run(['deploy', '--plan', path, ...args, '--yes', '--debug'], { env }),
  ];
  t.strictSame(
    runs.map(({ status }) => status),
    [0, 0, 1, 0],
    `${runs.at(-1)?.stderr}`,
  );
  const refused = await operator.run(['deploy', '--plan', path, ...args, '--yes', '--debug'], { env });
  t.equal(refused.status, 1);
  const file = readFileSync(path, 'utf8');
  const texts = [file, ...[...runs, refused].flatMap(({ stdout, stderr }) => [stdout, stderr])];
  for (const text of texts) t.notMatch(text, '5f0c9d');

  const parsed = JSON.parse(file);
  t.ok(parsed.entries.some(({ calls }: { calls: string[] }) => calls.includes('lambda:UpdateFunctionConfiguration')));
  t.ok(file.length < 20_000, `${file.length} characters: no zip`);
  const words = file.match(/"[^"]*"/g) ?? [];
  t.strictSame(
    words.filter((word) => /[{}]|:Allow|Statement|@/.test(word)),
    [],
    'no documents in texts',
  );
});

t.test('the fingerprints of the same values are others in each plan', async (t) => {
  const { run } = await startDeployed(t);
  const folder = t.testdir({});
  const plans = [];
  for (const name of ['one', 'two']) {
    await run(['deploy', '--dry-run', '--out', join(folder, name), '--memory', '512']);
    plans.push(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  }
  const [one, two] = plans;
  t.not(one.salt, two.salt);
  for (const kind of ['read', 'settings'])
    for (const [key, value] of Object.entries(one[kind])) t.not(value, two[kind][key], `${kind}: ${key}`);
  t.not(one.entries[0].fingerprint, two.entries[0].fingerprint);
});
