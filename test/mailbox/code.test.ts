/**
 * The provisioner's call, with the environment alone.
 */
import t from 'tap';
import { fetchVerificationCode } from '../../src/mailbox/code.js';
import { mail, startAgent, walletA } from './support.js';

t.beforeEach((t) => {
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
});

t.test('the code, in recent mail only', async (t) => {
  let time = Date.now();
  const { bucket, routed, s3, sandbox } = await startAgent(t, () => time);
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await s3.config.credentials();
  Object.assign(process.env, {
    AGENTKEYS_SES_BUCKET: bucket,
    AGENTKEYS_USER_WALLET: walletA,
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_REGION: sandbox.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  });
  const wanted = { from: 'example.com', subject: 'code', codeRegex: '\\d{6}', pollIntervalMs: 20 };
  time -= 700_000;
  await routed('yesterday', mail({ subject: 'Your code', body: '111111' }));
  time += 700_000;
  await t.rejects(fetchVerificationCode({ ...wanted, timeoutMs: 200 }), { code: 'EMAIL_TIMEOUT', elapsed_ms: Number });
  time -= 300_000;
  await routed('a-moment-ago', mail({ subject: 'Your code', body: '222222' }));
  time += 300_000;
  t.equal(await fetchVerificationCode({ ...wanted, timeoutMs: 30_000 }), '222222');
  t.equal(await fetchVerificationCode({ ...wanted, codeRegex: /(\d\d)\d{4}/, timeoutMs: 30_000 }), '22');
});

t.test('what the environment lacks', async (t) => {
  for (const missing of ['AGENTKEYS_SES_BUCKET', 'AGENTKEYS_USER_WALLET']) {
    Object.assign(process.env, { AGENTKEYS_SES_BUCKET: 'bucket', AGENTKEYS_USER_WALLET: walletA });
    delete process.env[missing];
    await t.rejects(fetchVerificationCode({ from: 'a', subject: 'b', codeRegex: /c/, timeoutMs: 100 }), {
      code: 'INVALID_ARGUMENT',
      message: /^AGENTKEYS_SES_BUCKET and AGENTKEYS_USER_WALLET must be set/,
    });
  }
});
