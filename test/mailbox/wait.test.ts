/**
 * Waiting for mail, against the embedded AWS with its policies enforced, with an agent's own session.
 */
import { inspect } from 'node:util';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import t from 'tap';
import { listMail } from '../../src/mailbox/bucket.js';
import { EmailTimeoutError, type Seen } from '../../src/mailbox/errors.js';
import { type WaitForMailOptions, waitForMail } from '../../src/mailbox/wait.js';
import { mail, startAgent, walletA, walletB } from './support.js';

/** A clock that only goes on when it is told to: S3 tells times to the second. */
function clock() {
  let time = Date.parse('2026-01-31T12:00:00.500Z');
  const tick = (seconds = 1) => {
    time += seconds * 1_000;
  };
  return { now: () => time, tick };
}

const quick = { timeoutMs: 30_000, pollIntervalMs: 20 };

t.test('the newest that matches, and what was passed over on the way', async (t) => {
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

t.test("nothing is asked for but the wallet's folder, and each message once", async (t) => {
  const { s3, bucket, routed, sandbox, aws } = await startAgent(t);
  await routed('old', mail({ subject: 'old' }));
  await routed('', Buffer.from('a folder as the console makes one'));
  await routed('empty', Buffer.alloc(0));
  await routed('deeper/down', mail({ subject: 'new' }));
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'inbound/new', Body: mail({ subject: 'new' }) }));
  await routed('new', mail({ subject: 'new' }), walletB);
  await listMail({ s3, bucket, wallet: walletA }); // assumes the role
  const before = sandbox.calls.length;
  const listings = new Set<string>();
  sandbox.intercept(({ operation }) => {
    if (operation === 'ListObjectsV2') listings.add(`${listings.size}`);
    return undefined;
  });
  const waiting = waitForMail({ ...quick, bucket, wallet: walletA, s3, subject: 'new', account: sandbox.account });
  while (listings.size < 4) await new Promise((resolve) => setImmediate(resolve));
  await routed('later', mail({ subject: 'new' }));
  t.equal((await waiting).message.id, 'later');
  const calls = sandbox.calls.slice(before).filter(({ operation }) => operation !== 'PutObject');
  t.strictSame([...new Set(calls.map(({ operation }) => operation))].sort(), ['GetObject', 'ListObjectsV2']);
  t.equal(calls.filter(({ operation }) => operation === 'GetObject').length, 2, 'old and later');
});

t.test('a time-out', async (t) => {
  const { now, tick } = clock();
  const { s3, bucket, routed } = await startAgent(t, now);
  const none = await t.rejects(waitForMail({ bucket, wallet: walletA, s3, timeoutMs: 150, pollIntervalMs: 20 }), {
    code: 'EMAIL_TIMEOUT',
    name: 'EmailTimeoutError',
    message: /^No message was there after \d+ ms\.$/,
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
      extract: { link: /x/ },
      timeoutMs: 600,
      onMismatch: (one) => void seen.push(one),
    }),
    { message: /^Of 3 messages none matched \(2 no-link, 1 before-since\) after \d+ ms\.$/ },
  );
  t.ok(error instanceof EmailTimeoutError);
  t.strictSame(
    (error as EmailTimeoutError).seen,
    seen,
    'b and c: S3 tells times to the second, and these are of the same one',
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

t.test("another wallet's folder: what does not agree", async (t) => {
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

t.test('a message that is there and may not be read', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({}));
  sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  await t.rejects(waitForMail({ ...quick, bucket, wallet: walletA, s3 }), { code: 'ACCESS_DENIED' });
});

t.test('what lies between here and S3 may not pass the range on', async (t) => {
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

t.test('a message that goes between the listing and the reading, as an agent and as an administrator', async (t) => {
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

t.test('any other refusal is told at once', async (t) => {
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

t.test('throttling and failures on the way are waited out, with pauses that double', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({ subject: 'x' }));
  await listMail({ s3, bucket, wallet: walletA });
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

t.test('what breaks off is read again; what goes on failing is told at the time-out', async (t) => {
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
    message: /^No message was there after \d+ ms\. S3's last answer was SlowDown\.$/,
  });
  t.match(error, { cause: { name: 'SlowDown' } });
});

t.test('an aborted signal ends it at once, wherever it is', async (t) => {
  const { s3, bucket, routed, sandbox } = await startAgent(t);
  await routed('a', mail({ subject: 'x', body: 'y'.repeat(50_000) }));
  await listMail({ s3, bucket, wallet: walletA });
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

t.test('a call that hangs ends with the time', async (t) => {
  const { s3, bucket, sandbox } = await startAgent(t);
  sandbox.intercept(({ operation }) => (operation === 'ListObjectsV2' ? { kind: 'hang' } : undefined));
  await t.rejects(waitForMail({ bucket, wallet: walletA, s3, timeoutMs: 200 }), { code: 'EMAIL_TIMEOUT' });
});

t.test('a folder of more than a page; new mail is not kept waiting by old', async (t) => {
  const { now, tick } = clock();
  const { s3, bucket, routed, sandbox } = await startAgent(t, now);
  // No more at once than a busy machine connects to in time.
  const put = async (worker: number) => {
    for (let n = worker; n < 1_050; n += 8) await routed(`old-${n}`, mail({ subject: 'old' }));
  };
  await Promise.all(Array.from({ length: 8 }, (_, worker) => put(worker)));
  t.equal((await listMail({ s3, bucket, wallet: walletA })).length, 1_050);
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
  t.ok(read < 20, `after ${read} messages of 1,051`);
});

t.test('what is asked for wrongly costs nothing', async (t) => {
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
