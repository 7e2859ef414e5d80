/** Events that come from the retry queue. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { batchOf } from '../../handler/event.js';
import { eventFor, handlerOn, startAccount } from './account.js';
import { internal, one, toOne } from './failing.js';
import { bytesOf } from './messages.js';

const HOUR = 60 * 60 * 1000;

/** A record as Lambda reads it from a queue. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const record = (body: unknown, { attempt = 1, age = HOUR } = {}) => ({
  messageId: randomUUID(),
  receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: String(attempt),
    SentTimestamp: String(Date.now() - age),
    SenderId: 'AIDAIENQZJOLO23YVJ4VO',
    ApproximateFirstReceiveTimestamp: String(Date.now()),
  },
  messageAttributes: {},
  md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:agentkeys-ses-routing-retry',
  awsRegion: 'us-east-1',
});

/** What Lambda sends to an on-failure destination. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const destinationRecord = (requestPayload: unknown) => ({
  version: '1.0',
  timestamp: '2026-11-29T08:00:00.000Z',
  requestContext: {
    requestId: 'e4b46cbf-b738-xmpl-8880-a18cdf61200e',
    functionArn: 'arn:aws:lambda:us-east-1:111122223333:function:agentkeys-ses-routing:$LATEST',
    condition: 'RetriesExhausted',
    approximateInvokeCount: 3,
  },
  requestPayload,
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  responsePayload: { errorType: 'S3CallError', errorMessage: 'GetObject failed: AccessDenied' },
});

const failed = (...records: Array<{ messageId: string }>) => ({
  batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

t.test('records of both shapes are routed, and the log has the number of the attempt', async (t) => {
  const account = await startAccount(t);
  const { invokeWith, lines } = handlerOn(account);
  for (const name of ['a', 'b', 'c', 'd']) await account.put(`inbound/${name}`, toOne);
  const { bucket } = account.settings;
  const records = [
    record(eventFor('inbound/a'), { attempt: 2 }),
    record(destinationRecord(eventFor('inbound/b')), { attempt: 7 }),
    record(destinationRecord(batchOf(bucket, ['inbound/c', 'inbound/d']))),
    record(eventFor('inbound/AMAZON_SES_SETUP_NOTIFICATION')),
  ];
  t.strictSame(await invokeWith({ Records: records }), failed());
  t.strictSame(
    account.keys().filter((key) => key.startsWith('bots/')),
    ['a', 'b', 'c', 'd'].map((name) => `bots/${one}/inbound/${name}`),
  );
  const byKey = new Map(lines.map((line) => [line.key, line]));
  t.match(byKey.get('inbound/a'), { outcome: 'routed', attempt: 2, Routed: 1 });
  t.match(byKey.get('inbound/b'), { outcome: 'routed', attempt: 7 });
  t.match(byKey.get('inbound/d'), { outcome: 'routed', attempt: 1 });
  t.match(byKey.get('inbound/AMAZON_SES_SETUP_NOTIFICATION'), { Reason: 'set-up-notice', attempt: 1 });
  t.equal(lines.length, 5);

  t.strictSame(await invokeWith({ Records: records }), failed(), 'a second delivery');
  t.match(lines.slice(5), Array(5).fill({ Skipped: 1 }));
});

t.test('the event of another kind has no attempt', async (t) => {
  const account = await startAccount(t);
  const { invoke, lines } = handlerOn(account);
  await account.put('inbound/stays', bytesOf('magic-link.eml'));
  await invoke(eventFor('inbound/stays'));
  t.notHas(lines[0], { attempt: Number });
  t.notOk(Object.keys(lines[0] ?? {}).includes('dropped'));
});

t.test('only failed records are reported, and none keeps another from being routed', async (t) => {
  const account = await startAccount(t);
  const { invokeWith, lines } = handlerOn(account);
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => account.put(`inbound/${name}`, toOne)));
  account.meet('CopyObject', ({ input }) => (/inbound\/(b|d)$/.test(String(Object(input).Key)) ? internal : undefined));
  const { bucket } = account.settings;
  const good = record(eventFor('inbound/a'));
  const broken = record(eventFor('inbound/b'), { attempt: 4 });
  const batch = record(destinationRecord(batchOf(bucket, ['inbound/c', 'inbound/d'])));
  const nothing = record(eventFor('inbound/gone'));
  const noEvent = record('no JSON');
  t.strictSame(await invokeWith({ Records: [noEvent, broken, good, batch, nothing] }), failed(noEvent, broken, batch));
  t.strictSame(
    account.keys().filter((key) => key.startsWith('bots/')),
    [`bots/${one}/inbound/a`, `bots/${one}/inbound/c`],
  );
  t.match(
    lines.find(({ key }) => key === 'inbound/b'),
    { level: 'error', attempt: 4, error: { name: 'S3CallError', code: 'InternalError' } },
  );
});

t.test('a call that hangs fails its own record only', async (t) => {
  const account = await startAccount(t);
  const { invokeWith } = handlerOn(account, { remaining: 1_500 });
  await Promise.all(['a', 'b'].map((name) => account.put(`inbound/${name}`, toOne)));
  account.meet('GetObject', ({ input }) => (String(Object(input).Key).endsWith('a') ? { kind: 'hang' } : undefined));
  const [hangs, good] = [record(eventFor('inbound/a')), record(eventFor('inbound/b'))];
  t.strictSame(await invokeWith({ Records: [hangs, good] }), failed(hangs));
  t.ok(account.keys().includes(`bots/${one}/inbound/b`));
});

t.test('what can not be understood is retried for a day, then deleted; each time with a line', async (t) => {
  const account = await startAccount(t);
  const { invokeWith, lines } = handlerOn(account);
  const bodies: Array<[body: unknown, message: RegExp]> = [
    ['', /the body of its record in the queue is not JSON/],
    ['{"source":"aws.s3"', /is not JSON/],
    ['null', /its source is not "aws.s3"/],
    ['"aws.s3"', /its source is not "aws.s3"/],
    [{ requestPayload: null }, /its source is not "aws.s3"/],
    [destinationRecord('text'), /its source is not "aws.s3"/],
    [destinationRecord({ Records: [record(eventFor('inbound/a'))] }), /its source is not "aws.s3"/],
    [{ ...eventFor('inbound/a'), detail: { bucket: { name: 'another' } } }, /its detail.bucket.name is not/],
  ];
  for (const age of [HOUR, 23.9 * HOUR]) {
    const records = bodies.map(([body]) => record(body, { age }));
    t.strictSame(await invokeWith({ Records: records }), failed(...records), `${age / HOUR} hours`);
    t.match(
      lines.splice(0),
      bodies.map(([, message]) => ({
        level: 'error',
        outcome: 'failed',
        attempt: 1,
        error: { name: 'UnknownEventError', message },
      })),
    );
  }
  const old = bodies.map(([body]) => record(body, { age: 24 * HOUR, attempt: 480 }));
  const kept = record(eventFor('inbound/a'), { age: 13 * 24 * HOUR });
  await account.put('inbound/a', toOne);
  account.meet('GetObject', () => internal);
  t.strictSame(await invokeWith({ Records: [...old, kept] }), failed(kept), 'mail is retried whatever its age');
  const dropped = lines.filter((line) => line.dropped === true);
  t.match(dropped, Array(bodies.length).fill({ level: 'error', attempt: 480, Failed: 1 }));
  t.equal(dropped.length, bodies.length);
  t.equal(lines.length, bodies.length + 1);
});

t.test('what looks like records of a queue is not taken for them', async (t) => {
  const { invokeWith, lines } = handlerOn(await startAccount(t));
  const good = record(eventFor('inbound/a'));
  const cases = [[], 'text', [{ ...good, eventSource: 'aws:s3' }], [good, { ...good, messageId: undefined }], [null]];
  for (const Records of cases) await t.rejects(invokeWith({ Records }), { name: 'UnknownEventError' });
  t.equal(lines.length, cases.length);
  const odd = { ...good, attributes: { ApproximateReceiveCount: 'often' }, body: undefined };
  t.strictSame(await invokeWith({ Records: [odd] }), failed(odd), 'without its attributes it is retried');
  t.notOk(Object.keys(lines.at(-1) ?? {}).includes('attempt'));
});
