import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { createHandler } from '../../handler/handler.js';
import type { Fault } from '../../src/sandbox/index.js';
import { type Account, eventFor, type Permission, startAccount } from './account.js';
import { environmentOf, type Invocation, invoke, unpack } from './bundle.js';
import { bytesOf } from './messages.js';

/** Bytes. With the SDK's own client it was 447 kB. */
const LARGEST = 170_000;

/** What reads or asks for credentials, profiles and regions, where a function has them in its environment. */
const UNWANTED = [
  '169.254.169.254',
  '169.254.170.2',
  '".aws"',
  'credential_process',
  'sso',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS',
  'AssumeRole',
  'CreateSession',
  's3express',
  'PutBucketPolicy',
];

const to = (wallets: string[]) =>
  `To: ${wallets.map((wallet) => `or-${wallet}-1756409000@bots.litentry.org`).join(', ')}\r\n\r\n`;
const one = `0x${'1'.repeat(40)}`;
const two = `0x${'2'.repeat(40)}`;

/** A file of profiles with another endpoint and other credentials. */
const configuration = `
[default]
region = eu-west-9
[profile hostile]
region = eu-west-9
endpoint_url = http://127.0.0.1:9
credential_process = false
`;

interface Behaviour {
  /** The message; absent, there is none. */
  body?: string | Buffer;
  /** What the message carries. */
  metadata?: Record<string, string>;
  /** What the execution role lacks. */
  without?: Permission[];
  /** What goes wrong with the calls of an operation, in their order. */
  faults?: { operation: string; faults: Array<Fault | undefined> };
  /** Another event than that of the message. */
  event?: unknown;
}

const slowDown: Fault = { kind: 'refuse', code: 'SlowDown', status: 503 };
const internalError: Fault = { kind: 'refuse', code: 'InternalError', status: 500 };
const routed = bytesOf('routed-signup.eml');
const behaviours: Record<string, Behaviour> = {
  'a message is routed': { body: routed },
  'a message stays': { body: bytesOf('magic-link.eml') },
  "two wallets, by the sender's fields": { body: to([one, two]) },
  'a long header is read in ranges': { body: `X-Filler: ${'x'.repeat(5_000)}\r\n${to([one])}` },
  'an empty object (416)': { body: '' },
  'a client-side encrypted message': { body: routed, metadata: { 'x-amz-key-v2': 'x' } },
  'the message is gone (404)': {},
  'gone, and it may not list (403)': { without: ['list'] },
  'it may not read (403)': { body: routed, without: ['read'] },
  'it may not copy (403)': { body: routed, without: ['copy'] },
  'throttled twice (503)': { body: routed, faults: { operation: 'GetObject', faults: [slowDown, slowDown] } },
  'throttled each time (503)': {
    body: routed,
    faults: { operation: 'CopyObject', faults: [slowDown, slowDown, slowDown] },
  },
  "S3's own error, once (500)": { body: routed, faults: { operation: 'CopyObject', faults: [internalError] } },
  'another write of the same key (409)': {
    body: routed,
    faults: {
      operation: 'CopyObject',
      faults: [{ kind: 'refuse', code: 'ConditionalRequestConflict', status: 409 }],
    },
  },
  'a lost answer: the retry finds the copy (412)': {
    body: routed,
    faults: { operation: 'CopyObject', faults: [{ kind: 'lose-answer' }] },
  },
  'an error within a 200': {
    body: routed,
    faults: { operation: 'CopyObject', faults: [{ kind: 'error-in-200', code: 'InternalError' }] },
  },
  'a connection that breaks': { body: routed, faults: { operation: 'GetObject', faults: [{ kind: 'reset' }] } },
  'a truncated answer': {
    body: routed,
    faults: { operation: 'GetObject', faults: [{ kind: 'cut', bytes: 100 }] },
  },
  'an event of another kind': { event: { source: 'aws.ec2' } },
};

t.test('the bundle is small', async (t) => {
  const { size } = await stat(await unpack(t));
  t.ok(size <= LARGEST, `${size} bytes of at most ${LARGEST}`);
});

t.test('it contains nothing that looks up credentials, profiles or regions', async (t) => {
  const text = await readFile(await unpack(t), 'utf8');
  for (const unwanted of UNWANTED) t.notOk(text.includes(unwanted), unwanted);
});

t.test('other environment variables than those of Lambda and the stack are ignored', async (t) => {
  const home = t.testdir({ '.aws': { config: configuration, credentials: configuration }, elsewhere: configuration });
  const account = await startAccount(t);
  await account.put('inbound/abc', routed);
  const { outcome, stderr } = await invoke(await unpack(t), eventFor('inbound/abc'), {
    HOME: home,
    AWS_PROFILE: 'hostile',
    AWS_CONFIG_FILE: join(home, 'elsewhere'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'elsewhere'),
    AWS_SDK_LOAD_CONFIG: '1',
    AWS_DEFAULT_REGION: 'eu-west-9',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
    AWS_MAX_ATTEMPTS: '0',
    AWS_RETRY_MODE: 'no such mode',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9',
    ...environmentOf(account),
  });
  t.match(outcome, { outcome: 'routed', wallets: [one] });
  t.equal(stderr, '');
});

t.test("the bundle behaves as the handler does with the SDK's own client", async (t) => {
  const module = await unpack(t);
  for (const [name, behaviour] of Object.entries(behaviours)) {
    await t.test(name, async (t) => {
      const [theirs, ours] = await Promise.all([
        play(t, behaviour, withSdkClient),
        play(t, behaviour, (event, account) => invoke(module, event, environmentOf(account))),
      ]);
      t.equal(ours.stderr, '', 'no warnings');
      t.strictSame(ours, theirs);
    });
  }
});

/** Lets a behaviour happen on an account of its own. @returns all there is to see of it */
async function play(
  t: Test,
  { body, metadata = {}, without = [], faults, event = eventFor('inbound/abc') }: Behaviour,
  run: (event: unknown, account: Account) => Promise<Invocation>,
) {
  const account = await startAccount(t, without);
  if (body !== undefined) await account.put('inbound/abc', body, { Metadata: metadata });
  if (faults !== undefined) {
    const left = [...faults.faults];
    account.meet(faults.operation, () => left.shift());
  }
  const invocation = await run(event, account);
  return comparable({ ...invocation, keys: account.keys(), calls: account.calls() });
}

/** S3's ids of requests, and whatever is a time, differ from one run to the next. */
function comparable<Seen>(seen: Seen): Seen {
  const text = JSON.stringify(seen, (name, value) => (['Timestamp', 'Milliseconds'].includes(name) ? 0 : value));
  return JSON.parse(text.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'an id'));
}

const withSdkClient = async (event: unknown, { sandbox, settings, credentials }: Account): Promise<Invocation> => {
  const s3 = new S3Client({ region: sandbox.region, endpoint: sandbox.endpoint, forcePathStyle: true, credentials });
  const lines: Record<string, unknown>[] = [];
  const handler = createHandler({ s3, settings, write: (line) => lines.push(JSON.parse(line)) });
  const context = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 30_000 };
  const ended = await handler(event, context).then(
    (outcome) => ({ outcome }),
    ({ name, message }: Error) => ({ error: { name, message } }),
  );
  s3.destroy();
  return { ...ended, lines, stderr: '' };
};
