/** What a fault looks like on the wire, to a caller that knows nothing of AWS. */
import { request } from 'node:http';
import { CopyObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import type { Fault, Sandbox } from '../../src/sandbox/index.js';
import { addBucket, deferred, refusal, start } from './support.js';

/** An S3 object that anybody may read and copy. */
async function withObject(t: Test) {
  const started = await start(t);
  const bucket = addBucket(started.sandbox, 'mail', {
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::mail/*' }],
    }),
  });
  bucket.objects.set('a', {
    body: Buffer.from('0123456789'),
    etag: '"e"',
    modified: new Date(0),
    contentType: 'text/plain',
    metadata: {},
    tags: new Map(),
  });
  return { ...started, bucket };
}

interface Seen {
  status?: number;
  length?: string;
  body: string;
  end: 'whole' | 'broken off';
}

/** Asks for the object, and waits for the end of what comes. */
function ask(sandbox: Sandbox): Promise<Seen> {
  const seen: Seen = { body: '', end: 'broken off' };
  return new Promise((resolve) => {
    const asked = request(`${sandbox.endpoint}/mail/a`, { agent: false }, (answer) => {
      seen.status = answer.statusCode;
      seen.length = answer.headers['content-length'];
      answer.on('data', (piece) => {
        seen.body += piece;
      });
      answer.on('end', () => {
        seen.end = 'whole';
      });
      answer.on('error', () => {});
      answer.on('close', () => resolve(seen));
    });
    asked.on('error', () => resolve(seen));
    asked.end();
  });
}

t.test('the effect of each fault on the wire', async (t) => {
  const cases: Array<[fault: Fault | undefined, seen: Seen, recorded: number]> = [
    [undefined, { status: 200, length: '10', body: '0123456789', end: 'whole' }, 200],
    [{ kind: 'cut', bytes: 4 }, { status: 200, length: '10', body: '0123', end: 'broken off' }, 200],
    [{ kind: 'answer', status: 502, body: 'no' }, { status: 502, length: '2', body: 'no', end: 'whole' }, 502],
    [{ kind: 'reset' }, { body: '', end: 'broken off' }, 0],
    [{ kind: 'lose-answer' }, { body: '', end: 'broken off' }, 0],
  ];
  for (const [fault, expected, recorded] of cases) {
    const { sandbox } = await withObject(t);
    sandbox.intercept(() => fault);
    t.strictSame(await ask(sandbox), expected, `${fault?.kind}`);
    t.equal(sandbox.calls.at(-1)?.status, recorded, `${fault?.kind}`);
  }
});

t.test('nothing comes, or nothing more, until the embedded AWS closes', async (t) => {
  const cases: Array<[fault: Fault, seen: Seen]> = [
    [{ kind: 'hang' }, { body: '', end: 'broken off' }],
    [
      { kind: 'stall', bytes: 4 },
      { status: 200, length: '10', body: '0123', end: 'broken off' },
    ],
  ];
  for (const [fault, expected] of cases) {
    const { sandbox, s3 } = await withObject(t);
    const arrived = deferred<void>();
    const release = sandbox.intercept(() => {
      arrived.resolve();
      return fault;
    });
    const asked = ask(sandbox);
    await arrived.promise;
    release();
    // Another caller is served meanwhile; by the time it is, the first has all that it is going to get.
    await s3.send(new GetObjectCommand({ Bucket: 'mail', Key: 'a' }));
    await sandbox.close();
    t.strictSame(await asked, expected, fault.kind);
  }
});

t.test('an error in an answer of status 200, as S3 tells of a copy that failed on the way', async (t) => {
  const { sandbox, s3, bucket } = await withObject(t);
  const fault: Fault = { kind: 'error-in-200', code: 'InternalError', message: 'We encountered an internal error.' };
  const release = sandbox.intercept(() => fault);
  const { status, body } = await ask(sandbox);
  t.equal(status, 200);
  t.match(
    body,
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n {20}\n<Error><Code>InternalError<\/Code><Message>We encountered an internal error.<\/Message><RequestId>[^<]+<\/RequestId><\/Error>$/,
  );
  const copy = new CopyObjectCommand({ Bucket: 'mail', Key: 'b', CopySource: 'mail/a' });
  t.match(await refusal(s3.send(copy)), /InternalError: We encountered an internal error\.$/, 'the SDK sees the error');
  t.notOk(bucket.objects.has('b'), 'no effect');
  t.match(sandbox.calls.at(-1), { operation: 'CopyObject', status: 200, error: 'InternalError' });
  release();

  sandbox.intercept(() => ({ kind: 'error-in-200', code: 'SlowDown' }));
  t.match((await ask(sandbox)).body, '<Message>SlowDown</Message>', 'the code is the message where there is none');
});

t.test('a late read: the answer is from an earlier state', async (t) => {
  const { sandbox, bucket } = await withObject(t);
  const objects = new Map(
    [...bucket.objects].map(([key, object]) => [key, { ...object, body: Buffer.from('earlier') }]),
  );
  sandbox.intercept(() => ({ kind: 'stale', state: { s3: { buckets: new Map([['mail', { ...bucket, objects }]]) } } }));
  t.match(await ask(sandbox), { status: 200, body: 'earlier' });
  t.equal(String(bucket.objects.get('a')?.body), '0123456789', 'the present one is as it was');
});
