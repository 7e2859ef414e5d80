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
  const options = { from: 'example.com', subject: 'code', codeRegex: '\\d{6}', pollIntervalMs: 20 };
  time -= 120_000;
  await routed('two-minutes-ago', mail({ subject: 'Your code', body: '111111' }));
  time += 120_000;
  await t.rejects(fetchVerificationCode({ ...options, timeoutMs: 200 }), { code: 'EMAIL_TIMEOUT', elapsed_ms: Number });
  time -= 30_000;
  await routed('half-a-minute-ago', mail({ subject: 'Your code', body: '222222' }));
  time += 30_000;
  t.equal(await fetchVerificationCode({ ...options, timeoutMs: 30_000 }), '222222');
  t.equal(await fetchVerificationCode({ ...options, codeRegex: /(\d\d)\d{4}/, timeoutMs: 30_000 }), '22');
  const old = { ...options, codeRegex: /1{6}/, timeoutMs: 30_000 };
  t.equal(await fetchVerificationCode({ ...old, freshnessGraceMs: 300_000 }), '111111');
});

t.test("AgentKeys' options: RegExp fields, the wallet, a client; and the exact address", async (t) => {
  const { bucket, routed, s3 } = await startAgent(t);
  process.env.AGENTKEYS_SES_BUCKET = bucket;
  delete process.env.AGENTKEYS_USER_WALLET;
  await routed('a', mail({ subject: 'Your code 333333' }));
  const options = { from: /NO-REPLY@/i, subject: /code/, codeRegex: /\d{6}/, walletPrefix: walletA, timeoutMs: 30_000 };
  const all = { ...options, pollIntervalMs: 20, freshnessGraceMs: 60_000, imapClientFactory: () => ({}) };
  t.equal(await fetchVerificationCode(all, s3), '333333', 'the whole match, in the subject too');
  t.equal(await fetchVerificationCode({ ...all, to: 'x@bots.litentry.org' }, s3), '333333');
  await t.rejects(fetchVerificationCode({ ...all, to: 'y@bots.litentry.org', timeoutMs: 500 }, s3), {
    code: 'EMAIL_TIMEOUT',
    reasons: { to: 1 },
  });
});

t.test('REGION is used when the SDK has no region', async (t) => {
  const { sandbox, bucket, routed } = await startAgent(t);
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS)/.test(name)) delete process.env[name];
  await routed('a', mail({ subject: 'code 444444' }));
  const options = { from: 'example', subject: 'code', codeRegex: /\d{6}/, timeoutMs: 30_000 };
  Object.assign(process.env, {
    AGENTKEYS_SES_BUCKET: bucket,
    AGENTKEYS_USER_WALLET: walletA,
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_ACCESS_KEY_ID: sandbox.administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sandbox.administrator.secretAccessKey,
    REGION: sandbox.region,
  });
  t.equal(await fetchVerificationCode(options), '444444');
  delete process.env.REGION;
  process.env.AWS_CONFIG_FILE = '/nonexistent';
  await t.rejects(fetchVerificationCode(options), { code: 'AWS_FAILED' });
});

t.test('missing environment variables', async (t) => {
  for (const missing of ['AGENTKEYS_SES_BUCKET', 'AGENTKEYS_USER_WALLET']) {
    Object.assign(process.env, { AGENTKEYS_SES_BUCKET: 'bucket', AGENTKEYS_USER_WALLET: walletA });
    delete process.env[missing];
    await t.rejects(fetchVerificationCode({ from: 'a', subject: 'b', codeRegex: /c/, timeoutMs: 100 }), {
      code: 'INVALID_ARGUMENT',
      message: /^AGENTKEYS_SES_BUCKET and AGENTKEYS_USER_WALLET must be set/,
    });
  }
});

t.test('several numbers match, or only the HTML source does', async (t) => {
  const { bucket, routed, s3 } = await startAgent(t);
  process.env.AGENTKEYS_SES_BUCKET = bucket;
  const options = { from: /x/i, subject: /code/, walletPrefix: walletA, timeoutMs: 30_000, pollIntervalMs: 20 };
  const html = (subject: string, body: string) =>
    Buffer.from(
      `From: x@example.com\r\nSubject: ${subject}\r\nContent-Type: text/html\r\n\r\n<body style="color:#112233">${body}</body>`,
    );
  const code = (codeRegex: RegExp) => fetchVerificationCode({ ...options, codeRegex }, s3);
  await routed(
    'a',
    html('Your code', '<a href="https://a.example/445566">Confirm</a><p>Order 778899, code is 334455</p>'),
  );
  t.equal(await code(/\d{6}/), '778899', 'the text before the link, and its first number');
  t.equal(await code(/code is (\d{6})/), '334455');
  await routed('b', html('Your code', '<a href="https://a.example/445566">Confirm</a>'));
  t.equal(await code(/\d{6}/), '445566', 'the link before the source');
  await routed('c', html('Your code', 'Welcome'));
  t.equal(await code(/\d{6}/), '112233', 'a color, where the message holds no code: docs/mailbox.md warns of it');
});
