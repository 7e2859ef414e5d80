/**
 * AgentKeys' own call, with test doubles as AgentKeys' tests have them.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { type GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import t from 'tap';
import { EmailTimeoutError } from '../../src/mailbox/errors.js';
import { environmentRegion, fetchViaSesS3 } from '../../src/mailbox/provisioner.js';
import { cases, type FetchOpts } from './provisioner-cases.js';
import { walletA } from './support.js';

t.beforeEach((t) => {
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  process.env.AGENTKEYS_SES_BUCKET = 'mail-bucket';
});

interface StoredObject {
  Key: string;
  LastModified?: Date;
  Size?: number;
  body: unknown;
}

/** A client that has nothing but `send`. */
function double(objects: StoredObject[]) {
  const sent: Array<ListObjectsV2Command | GetObjectCommand> = [];
  return {
    sent,
    async send(command: ListObjectsV2Command | GetObjectCommand) {
      sent.push(command);
      if (command instanceof ListObjectsV2Command) return { Contents: objects.map(({ body, ...listed }) => listed) };
      return { Body: objects.find(({ Key }) => Key === command.input.Key)?.body };
    },
  };
}

const quick = { timeoutMs: 1_200, pollIntervalMs: 100 };

for (const { name, messages, options, found, reasons } of cases)
  t.test(name, async (t) => {
    const s3 = double(
      messages.map(({ raw, age = 0 }, index) => ({
        Key: `inbound/message-${index}.eml`,
        LastModified: new Date(Date.now() - age * 1_000),
        body: new Blob([raw]).stream(),
      })),
    );
    const opts: FetchOpts = { ...options, ...(found === undefined ? quick : { timeoutMs: 30_000 }) };
    if (found !== undefined) t.equal(await fetchViaSesS3(opts, s3), found);
    else {
      const error = await t.rejects(fetchViaSesS3(opts, s3), { code: 'EMAIL_TIMEOUT', elapsed_ms: Number });
      t.ok(error instanceof EmailTimeoutError);
      t.match(error, { scanned: messages.length, reasons });
    }
  });

const [first] = cases;
const { raw = '' } = first?.messages[0] ?? {};
const opts: FetchOpts = { from: /accounts@/, subject: /code/, codeRegex: /(\d{6})/, timeoutMs: 30_000 };

t.test('objects without times and sizes count as new, in listed order', async (t) => {
  const older = raw.replace('480215', '999999');
  const s3 = double([
    { Key: 'inbound/folder/', body: '' },
    { Key: 'inbound/empty', Size: 0, body: raw },
    { Key: 'inbound/none', body: null },
    { Key: 'inbound/a', body: raw },
    { Key: 'inbound/b', body: Buffer.from(older) },
  ]);
  t.equal(await fetchViaSesS3(opts, s3), '480215');
  t.strictSame([...new Set(s3.sent.map(({ input }) => input.Bucket))], ['mail-bucket']);
});

t.test("a real S3Client whose send is replaced, as in AgentKeys' tests", async (t) => {
  const s3 = new S3Client({ region: 'us-east-1' });
  Object.assign(s3, { send: double([{ Key: 'inbound/a', body: raw }]).send });
  t.equal(await fetchViaSesS3(opts, s3), '480215');
});

t.test("the folder is the wallet's, in lower case, or inbound/", async (t) => {
  for (const [walletPrefix, prefix] of [
    [undefined, 'inbound/'],
    ['', 'inbound/'],
    [walletA, `bots/${walletA}/inbound/`],
    [`0x${'AB'.repeat(20)}`, `bots/0x${'ab'.repeat(20)}/inbound/`],
  ] as const) {
    const s3 = double([{ Key: `${prefix}a`, body: raw }]);
    const options = walletPrefix === undefined ? opts : { ...opts, walletPrefix };
    t.equal(
      await fetchViaSesS3({ ...options, imapClientFactory: () => ({ connect: async () => undefined }) }, s3),
      '480215',
    );
    t.strictSame(
      s3.sent.map(({ input }) => ('Prefix' in input ? input.Prefix : input)),
      [prefix, { Bucket: 'mail-bucket', Key: `${prefix}a`, Range: 'bytes=0-1048575' }],
    );
  }
});

t.test('the error: counts and keys, no sender and no subject', async (t) => {
  const spam = raw.replace('From:', 'X-SES-Spam-Verdict: FAIL\r\nFrom:');
  const objects = Array.from({ length: 12 }, (_, n) => ({
    Key: `inbound/m-${n}`,
    LastModified: new Date(Date.now() - n * 1_000),
    body: n === 0 ? spam : raw,
  }));
  const s3 = double([...objects, { Key: 'inbound/none', body: null }]);
  const error = await t.rejects(fetchViaSesS3({ ...opts, ...quick, from: /someone-else/ }, s3), {
    name: 'EmailTimeoutError',
    code: 'EMAIL_TIMEOUT',
    scanned: 13,
    message: /^Timed out after [\d.]+ s: no matching message\. Examined 13: 11 from_rejected, 1 empty_body, 1 spam\.$/,
  });
  const { reasons, samples } = error as EmailTimeoutError;
  t.strictSame(reasons, {
    stale: 0,
    from_rejected: 11,
    subject_rejected: 0,
    regex_no_match: 0,
    empty_body: 1,
    matched: 0,
    spam: 1,
  });
  t.equal(samples.length, 10);
  for (const sample of samples) t.match(Object.entries(sample), [['key', /^inbound\//]]);
  t.notMatch(inspect(error, { depth: 9, showHidden: true }), /accounts@|one-time/);

  const endless = await t.rejects(
    fetchViaSesS3(
      { ...opts, timeoutMs: 3_000, codeRegex: /((?:a+)+)$/ },
      double([{ Key: 'a', body: `${raw}${'a'.repeat(50)}!` }]),
    ),
    { code: 'EMAIL_TIMEOUT' },
  );
  t.match(endless, { reasons: { slow_pattern: 1 } });
});

t.test('AGENTKEYS_SES_BUCKET is required', async (t) => {
  for (const value of [undefined, '']) {
    if (value === undefined) delete process.env.AGENTKEYS_SES_BUCKET;
    else process.env.AGENTKEYS_SES_BUCKET = value;
    await t.rejects(fetchViaSesS3(opts, double([])), { message: /AGENTKEYS_SES_BUCKET/ });
  }
});

t.test('the region: AWS_REGION, AWS_DEFAULT_REGION, REGION, us-east-1; the default credentials', async (t) => {
  const seen: string[] = [];
  const server = createServer(({ headers }, response) => {
    // The credential scope of Signature Version 4: key, day, region.
    seen.push(String(/Credential=([^,]*)/.exec(String(headers.authorization))?.[1]).split('/')[2] ?? '');
    response.end('<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  for (const name of Object.keys(process.env)) if (/^(AWS_(?!SDK_JS)|REGION$)/.test(name)) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AGENTKEYS_SES_BUCKET: 'bucket',
  });
  const once = { ...opts, timeoutMs: 600, pollIntervalMs: 60_000 };
  for (const [name, region] of [
    [undefined, 'us-east-1'],
    ['REGION', 'eu-west-1'],
    ['AWS_DEFAULT_REGION', 'eu-west-2'],
    ['AWS_REGION', 'eu-west-3'],
  ] as const) {
    if (name !== undefined) process.env[name] = region;
    t.equal(environmentRegion() ?? 'us-east-1', region);
    await t.rejects(fetchViaSesS3(once), { code: 'EMAIL_TIMEOUT', scanned: 0 });
    t.strictSame(seen.splice(0), [region], name ?? 'none set');
  }
});
