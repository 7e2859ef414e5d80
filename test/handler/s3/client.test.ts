import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { TrimmedClient } from '../../../handler/s3/client.js';
import type { Fault } from '../../../src/sandbox/index.js';
import { startAccount } from '../account.js';
import { authorizationOf, type Received } from './signature.js';

const credentials = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'a secret', sessionToken: 'a token' };
const options = { region: 'eu-west-1', credentials, maxAttempts: 3, requestHandler: {} };

const Bucket = 'agentkeys-mail-111122223333';
const owner = { ExpectedBucketOwner: '111122223333' };
type Client = Pick<S3Client, 'send'>;
const calls: Record<string, (s3: Client) => Promise<unknown>> = {
  GetObject: (s3) => s3.send(new GetObjectCommand({ Bucket, Key: 'inbound/abc', Range: 'bytes=0-2047', ...owner })),
  'GetObject of a key with every kind of character': (s3) =>
    s3.send(new GetObjectCommand({ Bucket, Key: "inbound/a b+c/ä=%20&?#:@!$'()*,;~.txt", ...owner })),
  CopyObject: (s3) =>
    s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: `bots/0x${'1'.repeat(40)}/inbound/a b`,
        CopySource: `${Bucket}/inbound/a%20b`,
        IfNoneMatch: '*',
        TaggingDirective: 'REPLACE',
        ExpectedSourceBucketOwner: '111122223333',
        ...owner,
      }),
    ),
  DeleteObject: (s3) => s3.send(new DeleteObjectCommand({ Bucket, Key: 'inbound/abc', ...owner })),
  ListObjectsV2: (s3) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'inbound/a b', MaxKeys: 1, ...owner })),
};

t.test('a request is what the SDK would send, and its signature is right', async (t) => {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    const { method = '', url = '' } = request;
    received.push({ method, url, headers: Object.fromEntries(headers), body: await text(request) });
    response.writeHead(403).end();
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const trimmed = new TrimmedClient({ ...options, endpoint });
  const sdk = new S3Client({ ...options, endpoint, forcePathStyle: true });
  t.teardown(() => trimmed.destroy());
  t.teardown(() => sdk.destroy());

  for (const [name, call] of Object.entries(calls)) {
    t.match(await call(trimmed).catch((error) => error), { $metadata: { httpStatusCode: 403 } });
    t.match(await call(sdk).catch((error) => error), { $metadata: { httpStatusCode: 403 } });
    const [ours, theirs] = received.splice(0);
    if (ours === undefined || theirs === undefined) throw new Error('two requests were sent');
    for (const request of [ours, theirs])
      t.equal(
        request.headers.authorization,
        authorizationOf(request, credentials.secretAccessKey),
        `${name}: signature`,
      );
    t.strictSame(withoutWhatDiffers(ours), withoutWhatDiffers(theirs), name);
  }
});

/** Who sends it and when, and the SDK's offer to check a checksum. */
function withoutWhatDiffers({ headers, ...request }: Received) {
  const differs = [
    'user-agent',
    'x-amz-user-agent',
    'amz-sdk-invocation-id',
    'x-amz-date',
    'authorization',
    'x-amz-checksum-mode',
  ];
  return {
    ...request,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !differs.includes(name))),
  };
}

t.test("it has the middlewares of the SDK's client, but for those it is known to do without", async (t) => {
  const names = (client: Pick<S3Client, 'middlewareStack'>) =>
    client.middlewareStack.identify().map((line) => line.replace(/ - .*/, ''));
  const ours = names(new TrimmedClient(options));
  const theirs = names(new S3Client(options));
  t.strictSame(theirs.filter((name) => !ours.includes(name)).sort(), [
    'addExpectContinueMiddleware',
    'loggerMiddleware',
    'regionRedirectMiddleware',
    's3ExpressMiddleware',
    'validateBucketNameMiddleware',
  ]);
  t.strictSame(
    ours,
    theirs.filter((name) => ours.includes(name)),
    'in the same order',
  );
});

t.test("an endpoint is where the SDK's rules see it", async (t) => {
  const regions = [
    'us-east-1',
    'eu-west-1',
    'ap-southeast-7',
    'cn-north-1',
    'us-gov-west-1',
    'eusc-de-east-1',
    'xx-new-1',
  ];
  const buckets = ['agentkeys-mail', 'mail.example.com', '111', 'a-b'];
  for (const region of regions) {
    for (const bucket of buckets) {
      for (const endpoint of [undefined, 'http://127.0.0.1:4566', 'https://s3.example.com']) {
        const command = () => new ListObjectsV2Command({ Bucket: bucket });
        const urls: string[] = [];
        const own = endpoint === undefined ? {} : { endpoint };
        const clients = [
          new TrimmedClient({ ...options, region, ...own }),
          new S3Client({ ...options, region, ...own, forcePathStyle: endpoint !== undefined }),
        ];
        for (const client of clients) {
          client.middlewareStack.add(
            () =>
              async ({ request }) => {
                const { protocol, hostname, port, path } = Object(request);
                urls.push([protocol, hostname, port, path].join(' '));
                throw new Error('not sent');
              },
            { step: 'finalizeRequest', priority: 'low' },
          );
          await t.rejects(client.send(command()), { message: 'not sent' });
        }
        t.equal(urls[0], urls[1], `${region} ${bucket} ${endpoint}: ${urls[1]}`);
      }
    }
  }
});

t.test('a call that hangs is given up and made anew', async (t) => {
  const account = await startAccount(t);
  const { region, endpoint } = account.sandbox;
  await account.put('inbound/abc', 'x'.repeat(1_000));
  const timeout = 200;
  const requestHandler = { requestTimeout: timeout, throwOnRequestTimeout: true, socketTimeout: timeout };
  const client = new TrimmedClient({ ...options, region, endpoint, credentials: account.credentials, requestHandler });
  t.teardown(() => client.destroy());
  const { bucket } = account.settings;
  const get = () => client.send(new GetObjectCommand({ Bucket: bucket, Key: 'inbound/abc' }));
  const copy = () =>
    client.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'bots/x/inbound/abc', CopySource: `${bucket}/inbound/abc` }),
    );
  const faults: Fault[] = [];
  for (const operation of ['GetObject', 'CopyObject']) account.meet(operation, () => faults.shift());

  faults.push({ kind: 'hang' });
  t.equal((await get()).$metadata.attempts, 2, 'before the answer');
  faults.push({ kind: 'stall', bytes: 20 });
  t.equal((await copy()).$metadata.attempts, 2, 'within the answer, where the client reads it');
  faults.push({ kind: 'stall', bytes: 20 });
  const { Body } = await get();
  const read = async () => void (await Body?.transformToByteArray());
  await t.rejects(read, { name: 'TimeoutError' }, "within a body: that is its reader's to mend");
});
