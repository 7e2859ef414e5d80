/**
 * Waiting for mail, against the embedded AWS with its policies enforced, with an agent's own session.
 */
import { inspect } from 'node:util';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import t from 'tap';
import { listMail, walletFolder } from '../../src/mailbox/bucket.js';
import { EmailTimeoutError, type Seen } from '../../src/mailbox/errors.js';
import { type WaitForMailOptions, waitForMail } from '../../src/mailbox/wait.js';
import { mail, startAgent, walletA, walletB } from './support.js';

/** A clock that only moves on a tick: S3 reports times to the second. */
function clock() {
  let time = Date.parse('2026-01-31T12:00:00.500Z');
  const tick = (seconds = 1) => {
    time += seconds * 1_000;
  };
  return { now: () => time, tick };
}

const quick = { timeoutMs: 30_000, pollIntervalMs: 20 };

t.test('the newest matching message is returned; newer ones are reported with a reason', async (t) => {
  const { now, tick } = clock();
  const { s3, bucket, routed } = await startAgent(t, now);
  await routed('first', mail({ subject: 'Your code', body: 'Code 111111' }));
  tick();
  await routed('second', mail({ subject: 'Your code', body: 'Code 222222' }));
  tick();
  await routed('other-subject', mail({ subject: 'News', body: 'Code 333333' }));
  await routed('other-sender', mail({ from: 'x@example.net', subject: 'Your code', body: 'Code 444444' }));
  tick();
  await routed('spam', mail({ subject: 'Your code', body: 'Code 555555', top: ['X-SES-Spam-Verdict: FAIL'] }));
  await routed('virus', mail({ subject: 'Your code', body: 'Code 6', top: ['X-SES-Virus-Verdict: FAIL'] }));
  tick();
  await routed('no-code', mail({ subject: 'Your code', body: 'none' }));
  await routed('unreadable', Buffer.from(`X: ${'x'.repeat(300_000)}\r\n\r\n`));

  const passed: Array<[id: string, why: string, subject: string | undefined]> = [];
  const { message, extracted } = await waitForMail({
    ...quick,
    bucket,
    wallet: walletA.toUpperCase().replace('X', 'x'),
    s3,
    from: 'NO-REPLY@example.com',
    subject: /^Your/,
    extract: { code: /Code (\d{6})/ },
    onMismatch: ({ id, why }, read) => void passed.push([id, why, read?.subject]),
  });
  t.equal(extracted, '222222');
  t.match(message, { id: 'second', from: 'Example <no-reply@example.com>', arrived: new Date('2026-01-31T12:00:01Z') });
  t.strictSame(passed, [
    ['no-code', 'no-code', 'Your code'],
    ['unreadable', 'unreadable', undefined],
    ['spam', 'spam', 'Your code'],
    ['virus', 'virus', 'Your code'],
    ['other-sender', 'from', 'Your code'],
    ['other-subject', 'subject', 'News'],
  ]);
});

t.test("only the wallet's folder is read, and each message once", async (t) => {
  const { s3, bucket, routed, sandbox, aws } = await startAgent(t);
  await routed('old', mail({ subject: 'old' }));
  await routed('', Buffer.from('a folder as the console makes one'));
  await routed('empty', Buffer.alloc(0));
  await routed('deeper/down', mail({ subject: 'old' }));
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'inbound/new', Body: mail({ subject: 'new' }) }));
  await routed('new', mail({ subject: 'new' }), walletB);
  await listMail(walletFolder({ s3, bucket, wallet: walletA })); // assumes the role
  const before = sandbox.calls.length;
  const listings = new Set<string>();
  sandbox.intercept(({ operation }) => {
    if (operation === 'ListObjectsV2') listings.add(`${listings.size}`);
    return undefined;
  });
  const waiting = waitForMail({ ...quick, bucket, wallet: walletA, s3, subject: 'new', account: sandbox.account });
  for (const deadline = Date.now() + 20_000; listings.size < 4 && Date.now() < deadline; )
    await new Promise((resolve) => setImmediate(resolve));
  t.ok(listings.size >= 4, 'four listings within 20 s');
  await routed('later', mail({ subject: 'new' }));
  t.equal((await waiting).message.id, 'later');
  const calls = sandbox.calls.slice(before).filter(({ operation }) => operation !== 'PutObject');
  t.strictSame([...new Set(calls.map(({ operation }) => operation))].sort(), ['GetObject', 'ListObjectsV2']);
  t.equal(calls.filter(({ operation }) => operation === 'GetObject').length, 3, 'old, deeper/down and later');
});

t.test('a timeout', async (t) => {
  const { now, tick } = clock();
  const { s3, bucket, routed } = await startAgent(t, now);
  const none = await t.rejects(waitForMail({ bucket, wallet: walletA, s3, timeoutMs: 150, pollIntervalMs: 20 }), {
    code: 'EMAIL_TIMEOUT',
    name: 'EmailTimeoutError',
    message: /^Timed out after 0\.\d s: no matching message\. No message was found\.$/,
    seen: [],
  });
  t.ok(none instanceof EmailTimeoutError && none.elapsed_ms >= 149 && none.elapsed_ms < 10_000);

  const secret = mail({ from: 'secret@example.com', subject: 'secret', body: 'secret' });
  await routed('a', secret);
  tick(10);
  await routed('b', secret);
  await routed('c', secret);
  const since = new Date(now() + 400);
  const seen: Seen[] = [];
  const error = await t.rejects(
    waitForMail({
      bucket,
      wallet: walletA,
      s3,
      since,
      now: () => new Date(now()),
      extract: { link: /x/ },
      timeoutMs: 600,
      onMismatch: (one) => void seen.push(one),
    }),
    { message: /^Timed out after [\d.]+ s: no matching message\. Examined 3: 2 no-link, 1 before-since\.$/ },
  );
  t.ok(error instanceof EmailTimeoutError);
  t.strictSame(
    (error as EmailTimeoutError).seen,
    seen,
    'b and c: S3 reports times to the second, and these are of the same one',
  );
  t.strictSame(
    seen.map(({ id, why }) => [id, why]),
    [
      ['b', 'no-link'],
      ['c', 'no-link'],
      ['a', 'before-since'],
    ],
  );
  t.notMatch(inspect(error, { depth: 9, showHidden: true }), /secret|example\.com/);
});

t.test("another wallet's folder is denied", async (t) => {
  const { s3, bucket } = await startAgent(t);
  const error = await t.rejects(waitForMail({ ...quick, bucket, wallet: walletB, s3 }), {
    code: 'ACCESS_DENIED',
    message:
      /^AWS does not let these credentials read bots\/0x2{40}\/inbound\/ in the bucket .* tag agentkeys_user_wallet is that wallet, in lower case/,
  });
  t.match(error, { cause: { name: 'AccessDenied' } });
  await t.rejects(waitForMail({ ...quick, bucket, wallet: walletA, s3, account: '999999999999' }), {
    code: 'ACCESS_DENIED',
  });
});

t.test('a message that exists and may not be read', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({}));
  sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  await t.rejects(waitForMail({ ...quick, bucket, wallet: walletA, s3 }), { code: 'ACCESS_DENIED' });
});

t.test('a proxy that drops the Range header', async (t) => {
  const { s3, bucket, routed } = await startAgent(t);
  s3.middlewareStack.add(
    (next) => (given) => {
      delete (given.request as { headers: Record<string, string> }).headers.range;
      return next(given);
    },
    { step: 'build' },
  );
  for (const [id, size] of [
    ['short', 1_000],
    ['long', 3_000_000],
  ] as const) {
    await routed(id, mail({ subject: id, body: `${'y'.repeat(99)}\n`.repeat(size / 100) }));
    const { message } = await waitForMail({ ...quick, bucket, wallet: walletA, s3, subject: id });
    t.equal(message.truncated, id === 'long');
    t.ok(message.text.length <= 1024 * 1024);
  }
});

t.test('a message that is deleted between listing and reading, as an agent and as an administrator', async (t) => {
  const agent = await startAgent(t);
  const { bucket, routed, sandbox, aws } = agent;
  for (const s3 of [agent.s3, aws.s3] as S3Client[]) {
    await routed('gone', mail({ subject: 'x' }));
    const take = sandbox.intercept(async ({ operation }) => {
      if (operation !== 'GetObject') return undefined;
      take();
      await aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `bots/${walletA}/inbound/gone` }));
      return undefined;
    });
    const error = await t.rejects(waitForMail({ bucket, wallet: walletA, s3, timeoutMs: 1_000, pollIntervalMs: 20 }), {
      code: 'EMAIL_TIMEOUT',
    });
    t.match(error, { seen: [{ id: 'gone', why: 'gone' }] });
  }
});

t.test('other errors are thrown at once', async (t) => {
  const { s3, sandbox } = await startAgent(t);
  const error = await t.rejects(waitForMail({ ...quick, bucket: 'no-such-bucket-here', wallet: walletA, s3 }));
  t.match(error, { code: /ACCESS_DENIED|AWS_FAILED/ });
  sandbox.intercept(({ operation }) =>
    operation === 'ListObjectsV2' ? { kind: 'refuse', code: 'NoSuchBucket', status: 404 } : undefined,
  );
  await t.rejects(waitForMail({ ...quick, bucket: 'bucket', wallet: walletA, s3 }), {
    code: 'AWS_FAILED',
    message: 'The mail in the bucket bucket could not be read: NoSuchBucket.',
    cause: { name: 'NoSuchBucket' },
  });
  const { bucket } = await startAgent(t);
  const broken = { send: () => Promise.reject('a text') };
  await t.rejects(waitForMail({ ...quick, bucket, wallet: walletA, s3: broken }), {
    message: /could not be read: \.$/,
  });
});

t.test('throttling and failures are retried, with pauses that double', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({ subject: 'x' }));
  await listMail(walletFolder({ s3, bucket, wallet: walletA }));
  const times: number[] = [];
  const faults = [
    { kind: 'refuse', code: 'SlowDown', status: 503 },
    { kind: 'refuse', code: 'ThrottlingException', status: 400 },
    { kind: 'reset' },
    { kind: 'refuse', code: 'TooManyRequests', status: 429 },
  ] as const;
  sandbox.intercept(({ operation }) => {
    if (operation !== 'ListObjectsV2') return undefined;
    times.push(performance.now());
    return faults[times.length - 1];
  });
  const { message } = await waitForMail({ bucket, wallet: walletA, s3, timeoutMs: 30_000, pollIntervalMs: 50 });
  t.equal(message.id, 'a');
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  t.equal(pauses.length, 4);
  for (const [index, least] of [100, 200, 400, 800].entries())
    t.ok((pauses[index] ?? 0) >= least - 5, `${pauses[index]} ms`);
});

t.test('an interrupted read is retried; the timeout names a lasting failure', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({ subject: 'x', body: 'y'.repeat(50_000) }));
  const cut = sandbox.intercept(({ operation }) => {
    if (operation !== 'GetObject') return undefined;
    cut();
    return { kind: 'cut', bytes: 1_000 };
  });
  const { message } = await waitForMail({ ...quick, bucket, wallet: walletA, s3 });
  t.equal(message.text.trim().length, 50_000);

  sandbox.intercept(({ operation }) =>
    operation === 'ListObjectsV2' ? { kind: 'refuse', code: 'SlowDown', status: 503 } : undefined,
  );
  const error = await t.rejects(waitForMail({ bucket, wallet: walletA, s3, timeoutMs: 300, pollIntervalMs: 20 }), {
    code: 'EMAIL_TIMEOUT',
    message: /: no matching message\. No message was found\. S3's last answer was SlowDown\.$/,
  });
  t.match(error, { cause: { name: 'SlowDown' } });
});

t.test('an aborted signal ends the wait at once', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({ subject: 'x', body: 'y'.repeat(50_000) }));
  await listMail(walletFolder({ s3, bucket, wallet: walletA }));
  const reason = new Error('changed my mind');
  const ended = async (options: Partial<WaitForMailOptions>, when: Promise<unknown>) => {
    const aborting = new AbortController();
    const waiting = waitForMail({
      bucket,
      wallet: walletA,
      s3,
      timeoutMs: 60_000,
      pollIntervalMs: 60_000,
      subject: 'other',
      signal: aborting.signal,
      ...options,
    });
    const rejected = t.rejects(waiting, reason);
    await when;
    const began = performance.now();
    aborting.abort(reason);
    await rejected;
    t.ok(performance.now() - began < 2_000, `${Math.round(performance.now() - began)} ms`);
  };
  let mismatched = () => {};
  await ended({ onMismatch: () => mismatched() }, new Promise<void>((resolve) => (mismatched = resolve)));
  for (const [operation, fault] of [
    ['ListObjectsV2', { kind: 'hang' }],
    ['GetObject', { kind: 'hang' }],
    ['GetObject', { kind: 'stall', bytes: 1_000 }],
  ] as const) {
    const arrived = new Promise<void>((resolve) => {
      const off = sandbox.intercept((call) => {
        if (call.operation !== operation) return undefined;
        off();
        setImmediate(resolve);
        return fault;
      });
    });
    await ended({}, arrived);
  }
  const before = sandbox.calls.length;
  await t.rejects(waitForMail({ ...quick, bucket, wallet: walletA, s3, signal: AbortSignal.abort(reason) }), reason);
  t.equal(sandbox.calls.length, before, 'aborted beforehand: nothing is sent');
});

t.test('a call that hangs ends at the timeout', async (t) => {
  const { s3, bucket, sandbox } = await startAgent(t);
  sandbox.intercept(({ operation }) => (operation === 'ListObjectsV2' ? { kind: 'hang' } : undefined));
  await t.rejects(waitForMail({ bucket, wallet: walletA, s3, timeoutMs: 200 }), { code: 'EMAIL_TIMEOUT' });
});

t.test('in a folder of several pages, new mail is read before old', async (t) => {
  const { now, tick } = clock();
  const { s3, bucket, routed, sandbox } = await startAgent(t, now);
  // No more at once than a busy machine connects to in time.
  const put = async (worker: number) => {
    for (let n = worker; n < 1_050; n += 8) await routed(`old-${n}`, mail({ subject: 'old' }));
  };
  await Promise.all(Array.from({ length: 8 }, (_, worker) => put(worker)));
  t.equal((await listMail(walletFolder({ s3, bucket, wallet: walletA }))).length, 1_050);
  tick();
  let read = 0;
  sandbox.intercept(async ({ operation }) => {
    if (operation === 'GetObject' && ++read === 3) await routed('new', mail({ subject: 'new' }));
    return undefined;
  });
  const { message } = await waitForMail({
    bucket,
    wallet: walletA,
    s3,
    subject: 'new',
    timeoutMs: 60_000,
    pollIntervalMs: 1,
  });
  t.equal(message.id, 'new');
  t.ok(read < 200, `after ${read} messages of 1,051`);
});

t.test('invalid arguments are refused before any call', async (t) => {
  const { s3, bucket, sandbox } = await startAgent(t);
  const right: WaitForMailOptions = { bucket, wallet: walletA, s3, timeoutMs: 100 };
  const cases: Array<[wrong: Partial<WaitForMailOptions>, message: string]> = [
    // What variables that are not set give, where nothing checks types.
    [
      { wallet: undefined as unknown as string, bucket: undefined as unknown as string },
      'wallet must be 0x and 40 hexadecimal digits; bucket must be the name of a bucket.',
    ],
    [{ wallet: '0x1' }, 'wallet must be 0x and 40 hexadecimal digits.'],
    [{ bucket: '' }, 'bucket must be the name of a bucket.'],
    [{ timeoutMs: 0 }, 'timeoutMs must be from 1 to 86400000.'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs must be from 1 to 86400000.'],
    [{ timeoutMs: 86_400_001 }, 'timeoutMs must be from 1 to 86400000.'],
    [{ pollIntervalMs: 0 }, 'pollIntervalMs must be from 1 to 86400000.'],
    [{ since: new Date(Number.NaN) }, 'since must be a valid time.'],
    [{ to: 'or-0x1' }, 'to must be an address.'],
    [{ from: '', subject: '' }, 'from must not be empty; subject must not be empty.'],
    [{ extract: { code: '(' } }, 'extract must be a regular expression for a code or a link.'],
    [{ extract: { link: '' } }, 'extract must be a regular expression for a code or a link.'],
    [{ extract: {} as { code: string } }, 'extract must be a regular expression for a code or a link.'],
  ];
  const before = sandbox.calls.length;
  for (const [wrong, message] of cases)
    await t.rejects(waitForMail({ ...right, ...wrong }), { code: 'INVALID_ARGUMENT', message }, message);
  t.equal(sandbox.calls.length, before);
});

t.test('the exact address: the envelope recipient, else the To field', async (t) => {
  const { s3, bucket, routed } = await startAgent(t);
  const first = `or-${walletA}-1769860800@bots.litentry.org`;
  const second = `or-${walletA}-1769860999@bots.litentry.org`;
  const received = (clause: string) =>
    `Received: from a.example (a.example [192.0.2.1])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id abc${clause};\r\n Thu, 28 Aug 2025 19:24:08 +0000 (UTC)\r\n`;
  const message = (clause: string, fields: string) =>
    Buffer.from(`${received(clause)}${fields}From: a@example.com\r\n\r\nx`);
  const finds = async (to: string) => {
    const waiting = waitForMail({ bucket, wallet: walletA, s3, to, timeoutMs: 1_500, pollIntervalMs: 100 });
    return waiting.then(
      ({ message: { id } }) => id,
      ({ reasons }: EmailTimeoutError) => reasons,
    );
  };
  await routed('envelope', message(` for ${first}`, `To: ${second}\r\n`));
  t.equal(await finds(first.toUpperCase()), 'envelope');
  t.strictSame(await finds(second), { to: 1 }, 'the To field is the sender’s, and does not count beside the envelope');
  await routed('header', message('', `To: Agent <${second}>, other@example.com\r\n`));
  t.equal(await finds(second), 'header');
  await routed('header', Buffer.from(`To: x@example.com\r\nTo: ${second}\r\n\r\nx`));
  t.equal(await finds(second), 'header');
  await routed('header', Buffer.from(`From: ${second}\r\n\r\nx`));
  t.strictSame(await finds(second), { to: 2 });
});

t.test('slow listings do not delay reading; messages are read concurrently', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  for (let n = 0; n < 60; n++) await routed(`old-${n}`, mail({ subject: 'old' }));
  await listMail(walletFolder({ s3, bucket, wallet: walletA }));
  let listings = 0;
  let reading = 0;
  let most = 0;
  sandbox.intercept(({ operation }) => {
    if (operation === 'ListObjectsV2') {
      listings += 1;
      return { kind: 'delay', milliseconds: 300 };
    }
    reading += 1;
    most = Math.max(most, reading);
    setTimeout(() => (reading -= 1), 20);
    return { kind: 'delay', milliseconds: 20 };
  });
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  const examined = new Set<string>();
  const aborting = new AbortController();
  await t.rejects(
    waitForMail({
      bucket,
      wallet: walletA,
      s3,
      subject: 'new',
      timeoutMs: 60_000,
      pollIntervalMs: 1,
      signal: aborting.signal,
      onMismatch: ({ id }) => {
        if (examined.add(id).size === 60) aborting.abort();
      },
    }),
    { name: 'AbortError' },
  );
  t.equal(examined.size, 60);
  t.ok(listings < 20, `${listings} listings; one message a listing would take 60`);
  t.ok(most > 1 && most <= 32, `${most} at the same time`);
  t.strictSame(
    warnings.filter(({ name }) => name === 'MaxListenersExceededWarning'),
    [],
  );
});

t.test('at most one listing per poll interval', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({}));
  await listMail(walletFolder({ s3, bucket, wallet: walletA }));
  const before = sandbox.calls.length;
  const wait = { bucket, wallet: walletA, s3, subject: 'new', timeoutMs: 1_000, pollIntervalMs: 400 };
  await t.rejects(waitForMail(wait), { code: 'EMAIL_TIMEOUT', scanned: 1, reasons: { subject: 1 } });
  const calls = sandbox.calls.slice(before).map(({ operation }) => operation);
  t.ok(calls.filter((operation) => operation === 'ListObjectsV2').length <= 3, calls.join(' '));
});

t.test("`since` is this machine's time; the difference from S3's clock is corrected", async (t) => {
  for (const [skew, about] of [
    [60_000, 'S3 a minute ahead'],
    [-3_000, 'S3 three seconds behind'],
    [0, 'the clocks agree'],
  ] as const)
    await t.test(about, async (t) => {
      let age = 0;
      const { s3, bucket, routed } = await startAgent(t, () => Date.now() + skew - age);
      age = 30_000;
      await routed('previous', mail({ subject: 'code 111111' }));
      age = 0;
      const since = new Date();
      const wait = { bucket, wallet: walletA, s3, since, extract: { code: /\d{6}/ } };
      await t.rejects(waitForMail({ ...wait, timeoutMs: 800, pollIntervalMs: 100 }), {
        code: 'EMAIL_TIMEOUT',
        reasons: { 'before-since': 1 },
      });
      await routed('fresh', mail({ subject: 'code 222222' }));
      t.equal((await waitForMail({ ...wait, timeoutMs: 30_000 })).extracted, '222222');
    });
});

t.test('a test double that omits fields, and one that never answers', async (t) => {
  const Contents = [{ Key: `bots/${walletA}/inbound/a` }, { Key: `bots/${walletA}/inbound/b` }];
  const s3 = {
    async send({ input }: { input: { Key?: string } }) {
      if (input.Key === undefined) return { Contents };
      return { Body: input.Key.endsWith('a') ? mail({ subject: 'code 123456' }) : null };
    },
  };
  const wait = { bucket: 'b', wallet: walletA, s3, extract: { code: /\d{6}/ }, timeoutMs: 30_000 };
  t.equal((await waitForMail(wait)).extracted, '123456');
  await t.rejects(waitForMail({ ...wait, subject: 'other', timeoutMs: 500 }), {
    code: 'EMAIL_TIMEOUT',
    reasons: { subject: 1, empty: 1 },
  });
  const silent = { send: () => new Promise(() => undefined) };
  await t.rejects(waitForMail({ ...wait, s3: silent, timeoutMs: 100 }), { code: 'EMAIL_TIMEOUT', scanned: 0 });
});

t.test("without a client, the mailbox makes one with the environment's credentials", async (t) => {
  const variables = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    // Nothing listens there.
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  };
  const before = { ...process.env };
  Object.assign(process.env, variables);
  t.teardown(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
    Object.assign(process.env, before);
  });
  await t.rejects(waitForMail({ bucket: 'mail', wallet: walletA, timeoutMs: 300 }), { code: 'AWS_FAILED' });
});
