/**
 * The data role's credentials, from the embedded AWS's STS.
 */
import { inspect } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { agentToken, operatorNames } from '../../src/commands/demo/operator-account.js';
import { assumeDataRole } from '../../src/mailbox/role.js';
import { notLoaded } from '../../src/mailbox/sdk.js';
import { startAgent, walletA } from './support.js';

t.test('credentials are renewed before they expire', async (t) => {
  let time = Date.now();
  const { sandbox, sts, roleArn } = await startAgent(t, () => time);
  let tokens = 0;
  const token = async () => {
    tokens += 1;
    return `${agentToken(walletA, time / 1_000 + 600)}\n`;
  };
  const assumptions = () => sandbox.calls.filter(({ operation }) => operation === 'AssumeRoleWithWebIdentity').length;
  const credentials = assumeDataRole({ roleArn, token, sts, now: () => new Date(time) });
  t.equal(assumptions(), 0, 'not before they are asked for');
  const [first, same] = await Promise.all([credentials(), credentials()]);
  t.equal(first, same);
  t.equal(assumptions(), 1);
  t.equal(first.expiration.getTime(), time + 3_600_000, 'an hour');

  const { endpoint, region, account } = sandbox;
  const caller = new STSClient({ endpoint, region, credentials });
  t.teardown(() => caller.destroy());
  const { Arn } = await caller.send(new GetCallerIdentityCommand({}));
  t.equal(Arn, `arn:aws:sts::${account}:assumed-role/${operatorNames.dataRole}/${walletA}`);

  time += 3_290_000;
  t.equal(await credentials(), first);
  time += 20_000;
  const second = await credentials();
  t.not(second.accessKeyId, first.accessKeyId, 'less than five minutes are left');
  t.equal(tokens, 2, 'each time with a token of its own');
  t.equal(assumptions(), 2);
});

t.test('an expired token', async (t) => {
  let time = Date.now();
  const { sts, roleArn, sandbox } = await startAgent(t, () => time);
  const token = agentToken(walletA, Math.floor(time / 1_000) + 60);
  const credentials = assumeDataRole({ roleArn, token, sts, now: () => new Date(time) });
  const first = await credentials();
  time += 3_400_000;
  t.equal(await credentials(), first, 'what is good for minutes yet is used until its end');
  time += 300_000;
  const before = sandbox.calls.length;
  await t.rejects(credentials(), { code: 'TOKEN_EXPIRED', message: /^The token expired at 2\S+Z\./ });
  t.equal(sandbox.calls.length, before, 'nothing is sent');
  await t.rejects(assumeDataRole({ roleArn, token: 'x', sts })(), { code: 'INVALID_TOKEN' });
});

t.test('errors of STS do not contain the token', async (t) => {
  const { sts, roleArn, sandbox } = await startAgent(t);
  const token = agentToken(walletA, Math.floor(Date.now() / 1_000) + 600);
  const refusal = async (options: { roleArn?: string; token?: string; sts?: STSClient }) => {
    const error = await assumeDataRole({ roleArn, token, sts, ...options })().then(
      () => t.fail('it was given'),
      (error: unknown) => error,
    );
    t.notMatch(inspect(error, { depth: 9, showHidden: true }), token.split('.')[1] ?? token);
    return error;
  };
  t.match(await refusal({ roleArn: `${roleArn}-2` }), {
    code: 'ACCESS_DENIED',
    message:
      /^The role .*-2 could not be assumed \(AccessDenied\): its trust policy must let the token's issuer and audience do sts:AssumeRoleWithWebIdentity and sts:TagSession\.$/,
  });
  const [head, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const otherIssuer = Buffer.from(JSON.stringify({ ...claims, iss: 'https://other.example' })).toString('base64url');
  t.match(await refusal({ token: [head, otherIssuer, signature].join('.') }), {
    code: 'AWS_FAILED',
    message: /\(InvalidIdentityToken\): the account's identity provider must be the token's issuer/,
  });
  // By the clock of STS it is later than by this machine's.
  const late = agentToken(walletA, Math.floor(Date.now() / 1_000) - 1);
  const behind = assumeDataRole({ roleArn, token: late, sts, now: () => new Date(Date.now() - 60_000) });
  await t.rejects(behind(), {
    code: 'AWS_FAILED',
    message: /\(ExpiredToken\): the token has expired; ask the broker for another\.$/,
  });
  // The statuses are AWS's: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
  const others: Array<[code: string, status: number, message: RegExp]> = [
    [
      'IDPCommunicationError',
      400,
      /\(IDPCommunicationError\): AWS could not reach the token's issuer; try again later\.$/,
    ],
    ['PackedPolicyTooLarge', 400, /\(PackedPolicyTooLarge\): AWS refused it\.$/],
    ['InternalFailure', 500, /\(InternalFailure\): try again later\.$/],
  ];
  for (const [code, status, message] of others) {
    const off = sandbox.intercept(() => ({ kind: 'refuse', code, status }));
    t.match(await refusal({}), { code: 'AWS_FAILED', message });
    off();
  }
  const unreachable = new STSClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
  t.match(await refusal({ sts: unreachable }), {
    code: 'AWS_FAILED',
    message: /\(ECONNREFUSED\): AWS could not be reached\.$/,
  });
  const broken = { send: () => Promise.reject({}) };
  await t.rejects(assumeDataRole({ roleArn, token, sts: broken })(), {
    message: /\(undefined\): AWS could not be reached/,
  });
});

t.test("with the SDK's own defaults", async (t) => {
  const { roleArn, sandbox } = await startAgent(t);
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  Object.assign(process.env, { AWS_ENDPOINT_URL: sandbox.endpoint, AWS_REGION: sandbox.region });
  const token = agentToken(walletA, Math.floor(Date.now() / 1_000) + 600);
  t.match(await assumeDataRole({ roleArn, token })(), { accessKeyId: /^ASIA/ });
});

t.test('a missing package', async (t) => {
  const name: string = '@aws-sdk/client-of-nothing';
  await t.rejects(import(name).catch(notLoaded(name)), {
    code: 'MISSING_PACKAGE',
    message: 'The mailbox needs the package @aws-sdk/client-of-nothing: npm install @aws-sdk/client-of-nothing',
  });
  const fault = new Error('broken');
  await t.rejects(Promise.reject(fault).catch(notLoaded(name)), fault);
});
