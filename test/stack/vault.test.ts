/** Agents' secrets in the mail bucket: what a deploy with --vault shows and denies, and what verify checks then. */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { agentToken, operatorNames } from '../../src/commands/demo/operator-account.js';
import { assumeDataRole } from '../../src/mailbox/role.js';
import type { Entry } from '../../src/reconcile/plan.js';
import { createSession, type Fault } from '../../src/sandbox/index.js';
import { openVault } from '../../src/vault/index.js';
import { startDeployed } from '../commands/verify/operator.js';
import { mailDomain } from '../support/mail.js';
import type { Operator, RunOptions } from '../support/operator.js';
import { addVault, alice, bob, bytesOf, errorOf, textOf } from '../vault/support.js';

/** @returns the credentials of a new user who has this policy and nothing else */
async function userWith({ aws }: Operator, PolicyDocument: string): Promise<RunOptions> {
  const UserName = `verifier-${PolicyDocument.length}`;
  await aws.iam.send(new CreateUserCommand({ UserName }));
  const { Policy } = await aws.iam.send(new CreatePolicyCommand({ PolicyName: UserName, PolicyDocument }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  return {
    credentials: { accessKeyId: `${AccessKey?.AccessKeyId}`, secretAccessKey: `${AccessKey?.SecretAccessKey}` },
  };
}

const isFor = (resources: unknown, arn: string): boolean => [resources].flat().includes(arn);

t.test('a deploy with --vault, from the missing statements to the proof', async (t) => {
  const operator = await startDeployed(t);
  const { aws, bucket, run, sandbox, verify } = operator;
  const { endpoint, region, account } = sandbox;
  const domain = ['--mail-domain', mailDomain];
  const shown = async () => {
    const { stdout, status } = await run(['deploy', ...domain, '--vault', '--dry-run', '--json']);
    t.equal(status, 0);
    const entries: Entry[] = JSON.parse(stdout).plan.entries;
    return entries.flatMap(({ resource, differences }) =>
      resource === 'mail bucket' ? differences.map(({ to = '' }) => to) : [],
    );
  };
  // Before: the statements are missing, and verify says so.
  const own = "lists, reads, stores and deletes its own wallet's secrets";
  const isolation = 'isolation, by the policies';
  const before = await verify(['--vault', '--no-access-analyzer']);
  t.ok(before.failed.includes(`${isolation} > an agent's session > ${own}`));

  const sts = new STSClient({ region, endpoint, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const roleArn = `arn:aws:iam::${account}:role/${operatorNames.dataRole}`;
  const clientOf = (credentials: NonNullable<S3ClientConfig['credentials']>) => {
    const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials });
    t.teardown(() => s3.destroy());
    return s3;
  };
  t.teardown(() => sts.destroy());
  const sessionOf = (wallet: string) =>
    assumeDataRole({ roleArn, token: agentToken(wallet, Date.now() / 1_000 + 600), sts });
  const vaultWith = (wallet: string) => openVault({ ...alice, bucket, s3: clientOf(sessionOf(wallet)) });

  // The statements of `policy vault` on the agents' role are enough, each of them is needed, and they reach no other wallet's secrets.
  const printed = JSON.parse((await run(['policy', 'vault'])).stdout);
  const given = (Statement: object[]) => ({
    RoleName: operatorNames.dataRole,
    PolicyName: 'vault',
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
  });
  await aws.iam.send(new PutRolePolicyCommand(given(printed.Statement)));
  const early = vaultWith(alice.wallet);
  await early.put('groq', bytesOf('gk'));
  t.equal(textOf(await early.get('groq')), 'gk');
  const other = clientOf(sessionOf(bob.wallet));
  const alices = new GetObjectCommand({ Bucket: bucket, Key: `bots/${alice.wallet}/credentials/groq.enc` });
  t.equal((await errorOf(other.send(alices))).name, 'AccessDenied');
  await aws.iam.send(new PutRolePolicyCommand(given(printed.Statement.slice(0, 1))));
  t.equal((await errorOf(early.put('openai', bytesOf('ok')))).code, 'ACCESS_DENIED');
  await aws.iam.send(new PutRolePolicyCommand(given(printed.Statement)));
  t.equal(await early.removeAll(), 1);
  await aws.iam.send(new DeleteRolePolicyCommand({ RoleName: operatorNames.dataRole, PolicyName: 'vault' }));

  // The broker's Deny covers the secrets, which takes no consent: nothing is lost.
  const deploy = await run(['deploy', ...domain, '--vault']);
  t.equal(deploy.status, 0, deploy.stderr);
  t.strictSame(deploy.writes, ['iam:PutRolePolicy']);
  const statements = await shown();
  t.equal(statements.length, 1, 'the listing of the whole folder is allowed already');
  t.match(statements[0], /AgentUsesOwnCredentials/);
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const policy = JSON.parse(Policy);
  policy.Statement.push(...statements.map((statement) => JSON.parse(statement)));
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(policy) }));
  t.strictSame(await shown(), []);

  // The agent uses its vault; another agent and the broker can't.
  const vault = vaultWith(alice.wallet);
  await vault.put('openrouter', bytesOf('sk'));
  t.equal(textOf(await vault.get('openrouter')), 'sk');
  t.strictSame(await vault.list(), ['openrouter']);
  t.equal((await errorOf(vaultWith(bob.wallet).get('openrouter'))).code, 'MISSING_OR_DENIED');
  const role = sandbox.state.iam.roles.get(operatorNames.brokerRole);
  if (role === undefined) throw new Error('no broker');
  const { id, secret, sessionToken } = createSession(sandbox.state, role, { session: 'i-1' });
  const broker = clientOf({ accessKeyId: id, secretAccessKey: secret, sessionToken });
  const Key = `bots/${alice.wallet}/credentials/openrouter.enc`;
  for (const command of [
    new GetObjectCommand({ Bucket: bucket, Key }),
    new ListObjectsV2Command({ Bucket: bucket, Prefix: `bots/${alice.wallet}/credentials/` }),
  ])
    t.equal((await errorOf(broker.send(command as GetObjectCommand))).name, 'AccessDenied');

  const after = await verify(['--vault']);
  t.strictSame(after.failed, [], 'also by Access Analyzer');
  const judged = after.checks.find(({ name }) => name === "AWS Access Analyzer's judgement")?.checks;
  t.match(
    judged?.find((check) => check.name === 'the bucket policy'),
    { outcome: 'OK' },
    'the statements for secrets are no more than is permitted',
  );
  t.match(JSON.stringify(after.checks), "does not read the agents' secrets");
  await vault.removeAll();

  // Without the vault, the Deny is narrowed again: that is a loss.
  const off = await run(['deploy', ...domain]);
  t.equal(off.status, 1);
  t.match(off.stderr.replace(/\s+/g, ' '), /Confirmation required/);
  t.strictSame(off.writes, []);
});

t.test('the vault bucket of the layout omni', async (t) => {
  const operator = await startDeployed(t);
  const { aws, run, verify, sandbox, deploy } = operator;
  const { omni } = await addVault(operator);
  t.equal((await deploy('--vault')).status, 0);
  const { bucket: Bucket, roleArn } = omni;
  const flags = ['--vault', '--no-access-analyzer', '--vault-bucket', Bucket, '--vault-role', roleArn];
  const found = async (more = flags, options: RunOptions = {}) => {
    const { failed, skipped, checks } = await verify(more, options);
    const own = (paths: string[]) =>
      paths
        .filter((path) => path.includes('the vault bucket'))
        .map((path) => path.replace(/.*the vault bucket( > )?/, ''));
    return { failed: own(failed), skipped: own(skipped), all: failed, text: JSON.stringify(checks) };
  };
  const unnamed = await found(['--vault', '--no-access-analyzer']);
  t.strictSame([unnamed.failed, unnamed.skipped, unnamed.all], [[], [''], []]);
  t.match(unnamed.text, 'it is checked where --vault-role');

  // What is left of the broker's broad grants reaches every other bucket.
  t.strictSame((await found()).failed, [`the role ${operatorNames.brokerRole} does not reach it`]);
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket }));
  const policy = JSON.parse(Policy);
  const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
  const put = (...more: object[]) =>
    aws.s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ ...policy, Statement: [...policy.Statement, ...more] }),
      }),
    );
  const Principal = { AWS: `arn:aws:iam::${sandbox.account}:role/${operatorNames.brokerRole}` };
  const closed = {
    Effect: 'Deny',
    Principal,
    Action: 's3:*',
    Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
  };
  await put(closed);
  // A boundary that allows everything, and the bucket by its default name.
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/AdministratorAccess';
  const RoleName = roleArn.replace(/.*\//, '');
  await aws.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
  const sound = await found(flags.filter((flag) => flag !== '--vault-bucket' && flag !== Bucket));
  t.strictSame([sound.failed, sound.skipped, sound.all], [[], [], []]);

  // With the permissions of `policy verify` and nothing else, it is the same, and without one of its actions it is not.
  const { stdout: printed } = await run(['policy', 'verify', ...flags]);
  const verifier = await userWith(operator, printed);
  const permittedly = await found(flags, verifier);
  t.strictSame([permittedly.failed, permittedly.skipped, permittedly.all], [[], [], []]);
  const roleless = JSON.parse(printed).Statement.filter(
    ({ Resource }: { Resource: unknown }) => !isFor(Resource, roleArn),
  );
  const limited = await userWith(operator, JSON.stringify({ Version: '2012-10-17', Statement: roleless }));
  t.not((await found(flags, limited)).skipped.length, 0);

  const sabotage: Array<[statement: object, failed: string]> = [
    [{ ...allow, Principal: { AWS: roleArn } }, "an agent reaches no other actor's secrets, and without the tag none"],
    [{ ...allow, Principal: { AWS: 'arn:aws:iam::999988887777:root' } }, 'nobody else reaches it'],
    [{ ...allow, Effect: 'Deny', Principal: '*' }, "an agent lists, reads, stores and deletes its own actor's secrets"],
  ];
  for (const [statement, failed] of sabotage) {
    await put(closed, statement);
    t.strictSame((await found()).failed, [failed]);
  }

  const wrong = await found([...flags.slice(0, -1), roleArn.replace(sandbox.account, '999988887777')]);
  t.strictSame(wrong.failed, ['']);
  t.match(wrong.text, 'does not exist in this account');
  const answering = (fault: Fault) =>
    sandbox.intercept(({ operation, input }) =>
      operation === 'GetBucketPolicy' && JSON.stringify(input).includes(Bucket) ? fault : undefined,
    );
  const answers: Array<[Fault, text: string]> = [
    [{ kind: 'answer', status: 200, body: 'not JSON' }, "its policy can't be parsed"],
    [{ kind: 'refuse', code: 'NoSuchBucketPolicy', status: 404 }, 'add the statements of docs/vault.md'],
    [{ kind: 'refuse', code: 'AccessDenied', status: 403 }, 'AWS denied access'],
  ];
  for (const [fault, text] of answers) {
    const off = answering(fault);
    t.match((await found()).text, text);
    off();
  }

  const permitted = async (...more: string[]) =>
    (await run(['policy', 'verify', '--account', sandbox.account, '--region', 'us-east-1', ...more])).stdout;
  t.match(await permitted('--vault', '--vault-role', roleArn), `arn:aws:s3:::agentkeys-vault-${sandbox.account}`);
  t.notMatch(await permitted('--vault'), 'agentkeys-vault');
  t.notMatch(await permitted('--vault-role', roleArn), 'agentkeys-vault');
});
