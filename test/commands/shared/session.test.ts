/** The caller's identity and the region: read once, before anything else, with the SDK's own credential chain. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { createAws } from '../../../src/aws/clients.js';
import { systemClock } from '../../../src/aws/waits.js';
import { main } from '../../../src/cli/main.js';
import { startSandbox } from '../../../src/sandbox/index.js';
import { setVariables } from '../../support/network.js';
import { startOperator } from '../../support/operator.js';

t.test("the code of a profile's MFA device is asked for on the terminal", async (t) => {
  const { sandbox } = await startOperator(t);
  const { accessKeyId, secretAccessKey } = sandbox.administrator;
  const device = 'arn:aws:iam::111122223333:mfa/operator';
  const cwd = t.testdir({
    config: [
      '[profile x]',
      'role_arn = arn:aws:iam::111122223333:role/operators',
      'source_profile = base',
      `mfa_serial = ${device}`,
      '[profile base]',
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
    ].join('\n'),
  });
  setVariables(t, { AWS_CONFIG_FILE: `${cwd}/config`, AWS_ENDPOINT_URL: sandbox.endpoint });
  const sent: unknown[] = [];
  sandbox.intercept(({ operation, input }) => {
    if (operation === 'AssumeRole') sent.push(input);
    return undefined;
  });
  const terminal = () => Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  const [stdin, stdout, stderr] = [terminal(), terminal(), terminal()];
  stdin.write('123456\n');
  const status = await main(['policy', 'deploy', '--profile', 'x'], {
    stdin,
    stdout,
    stderr,
    env: { AWS_ENDPOINT_URL: sandbox.endpoint, AWS_REGION: sandbox.region },
    cwd,
    version: '',
    signal: new AbortController().signal,
  });
  stderr.end();
  const shown = await text(stderr);
  t.match(shown, `MFA code for ${device}: `);
  // There is no such role: the call shows that the code was sent.
  t.equal(status, 1);
  t.match(sent, [{ SerialNumber: device, TokenCode: '123456' }]);
});

t.test('each command takes credentials from the environment and the clock from the machine', async (t) => {
  const { sandbox } = await startOperator(t);
  process.env.AWS_ACCESS_KEY_ID = sandbox.administrator.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = sandbox.administrator.secretAccessKey;
  t.teardown(() => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
  });
  for (const args of [
    ['deploy', '--dry-run'],
    ['teardown', '--dry-run'],
    ['backfill', '--dry-run'],
    ['policy', 'deploy'],
  ]) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const status = await main(args, {
      stdin: new PassThrough(),
      stdout,
      stderr,
      env: { AWS_ENDPOINT_URL: sandbox.endpoint, AWS_REGION: sandbox.region },
      cwd: t.testdir({}),
      version: '',
      signal: new AbortController().signal,
    });
    stdout.end();
    stderr.end();
    t.equal(status, 0, await text(stderr));
    t.match(await text(stdout), /111122223333|No matching messages/);
  }
});

const account = ['--account', '1111-2222-3333'];

t.test('without --account, the caller is read before all else', async (t) => {
  const { run } = await startOperator(t);
  const { calls } = await run(['deploy', '--dry-run']);
  t.equal(calls[0]?.operation, 'GetCallerIdentity');
});

t.test('with --account, everything is read beside the identity; nothing is written before it is known', async (t) => {
  for (const [command, expected] of Object.entries({ deploy: 0, teardown: 0, status: 2 })) {
    const { run, sandbox } = await startOperator(t);
    const before = sandbox.calls.length;
    // The identity is answered when the last call of reading has been made: GetPolicyVersion, of a policy of the broker.
    const reading = new Promise<void>((read) => {
      sandbox.intercept(async ({ operation }) => {
        if (operation === 'GetPolicyVersion') read();
        if (operation !== 'GetCallerIdentity') return undefined;
        await reading;
        t.strictSame(
          sandbox.calls.slice(before).filter(({ mutates }) => mutates),
          [],
        );
        return undefined;
      });
    });
    const { status, calls, stdout } = await run([command, ...account]);
    t.equal(status, expected);
    t.match(stdout, '111122223333 (aws)');
    t.equal(calls.filter(({ operation }) => operation === 'HeadBucket').length, 1, 'it is read once');
  }
});

t.test('a partition that the region does not tell: the account is read again, with the right ARNs', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const member = (name: string, value: string) => `<${name}>${value}</${name}>`;
  const [arn, id] = ['arn:aws-iso:iam::111122223333:user/administrator', 'AIDA'];
  const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${member('Arn', arn)}${member('UserId', id)}${member('Account', '111122223333')}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
  sandbox.intercept(({ operation }) =>
    operation === 'GetCallerIdentity' ? { kind: 'answer', status: 200, body } : undefined,
  );
  const { calls, stdout } = await run(['deploy', '--dry-run', '--json', ...account]);
  t.match(stdout, 'arn:aws-iso:s3:::agentkeys-mail-111122223333/inbound/*');
  t.equal(calls.filter(({ operation }) => operation === 'HeadBucket').length, 2);
});

t.test('another account than that of --account counts, whatever was read', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const refused =
    'error: These credentials belong to account 111122223333, not to 999988887777 (--account, ACCOUNT_ID). Nothing was written. Check --profile (AWS_PROFILE).';
  for (const readable of [true, false]) {
    sandbox.intercept(({ operation }) =>
      readable || operation === 'GetCallerIdentity' ? undefined : { kind: 'refuse', code: 'AccessDenied', status: 403 },
    );
    const { status, stderr, writes } = await run(['deploy', '--yes', '--account', '999988887777']);
    t.equal(status, 1);
    t.equal(stderr.trim(), refused);
    t.strictSame(writes, []);
  }
});

t.test('an identity that can not be read counts, whatever was read', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.intercept(({ operation }) =>
    operation === 'GetCallerIdentity' ? { kind: 'refuse', code: 'ExpiredToken', status: 403 } : undefined,
  );
  const { status, stderr, writes } = await run(['deploy', '--yes', ...account]);
  t.equal(status, 1);
  t.equal(
    stderr.trim(),
    'error: The AWS credentials have expired. Log in again, then repeat the command. Nothing was written.',
  );
  t.strictSame(writes, []);
});

t.test('with --account too, an error of reading names the caller', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.intercept(({ operation }) =>
    operation === 'HeadBucket' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  const { stderr } = await run(['deploy', ...account]);
  t.match(stderr, 'either arn:aws:iam::111122223333:user/administrator lacks that permission');
});

t.test("the plan's header has caller and region; ARNs have the caller's partition", async (t) => {
  for (const [region, partition] of [
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ] as const) {
    const sandbox = await startSandbox({ region });
    t.teardown(() => sandbox.close());
    sandbox.state.s3.buckets.set('a-bucket', {
      name: 'a-bucket',
      owner: sandbox.account,
      region,
      created: new Date(),
      encryption: { algorithm: 'AES256' },
      notification: {},
      objects: new Map(),
    });
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const status = await main(['deploy', '--bucket', 'a-bucket'], {
      stdin: new PassThrough(),
      stdout,
      stderr,
      env: { AWS_ENDPOINT_URL: sandbox.endpoint, REGION: region },
      cwd: t.testdir({}),
      version: '',
      signal: new AbortController().signal,
      runtime: {
        connect: (access) => createAws({ ...access, credentials: sandbox.administrator }),
        clock: systemClock,
      },
    });
    stdout.end();
    stderr.end();
    t.equal(status, 0, await text(stderr));
    const lines = (await text(stdout)).split('\n');
    t.strictSame(lines.slice(1, 4), [
      `  account  111122223333 (${partition}), region ${region}`,
      `  caller   arn:${partition}:iam::111122223333:user/administrator`,
      '  bucket   a-bucket',
    ]);
    const role = sandbox.state.iam.roles.get('agentkeys-ses-routing-role');
    t.match(role?.inline.get('agentkeys-ses-routing-role-inline'), `arn:${partition}:s3:::a-bucket/inbound/*`);
  }
});
