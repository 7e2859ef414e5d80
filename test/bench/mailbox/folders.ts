/**
 * What large folders cost: the time and the S3 calls until a new message is found, and how many messages are read in twenty seconds. Beside
 * `waitForMail`, the same for a loop that reads one message after another.
 *
 * The embedded AWS answers faster than S3. Its answers are delayed: a page of a listing by 150 ms (S3: 100 to 200 ms a 1,000 keys), a message by
 * 30 ms.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { routedKey, routedPrefix } from '../../../handler/mail/address.js';
import { createAws } from '../../../src/aws/clients.js';
import { makeOperatorAccount } from '../../../src/commands/demo/operator-account.js';
import { waitForMail } from '../../../src/mailbox/index.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { waitOneByOne } from './one-by-one.js';

const sizes = [300, 10_000, 50_000];
const pageDelay = 150;
const readDelay = 30;
/** Milliseconds. */
const readingTime = 20_000;
/** After which a wait for the new message is given up; milliseconds. */
const patience = 20_000;

/** Amazon S3's prices in us-east-1, US dollars a request. https://aws.amazon.com/s3/pricing/ */
const listPrice = 0.005 / 1_000;
const getPrice = 0.0004 / 1_000;

const link = /https:[^\s"<>]*\/verify\?[^\s"<>]*/;

/** What is asked of each contender. */
interface Wait {
  s3: S3Client;
  bucket: string;
  since: Date;
  timeoutMs: number;
  /** Called for each message that does not match. @returns whether to stop */
  onRead(): boolean;
}

/** Each waits for a message with the link. @returns it; undefined when the time ran out, or it was stopped */
const contenders: Record<string, (wait: Wait) => Promise<string | undefined>> = {
  async waitForMail({ onRead, ...wait }) {
    const stopping = new AbortController();
    const onMismatch = () => {
      if (onRead()) stopping.abort();
    };
    const options = { ...wait, wallet, onMismatch, signal: stopping.signal, extract: { link } };
    return await waitForMail(options).then(
      ({ extracted }) => extracted,
      () => undefined,
    );
  },
  'one by one, all pages': (wait) => waitOneByOne({ ...wait, prefix: routedPrefix(wallet), pages: 'all', link }),
  'one by one, first page': (wait) => waitOneByOne({ ...wait, prefix: routedPrefix(wallet), pages: 'first', link }),
};

export interface FolderFigures {
  /** Messages in the folder. */
  size: number;
  contender: string;
  /** From the call until the new message is found, milliseconds; undefined when it was not. */
  newest: number | undefined;
  /** The calls of that. */
  lists: number;
  gets: number;
  /** Their price, US dollars. */
  price: number;
  /** How many messages were read in twenty seconds, or until all were, where none matches. */
  read: number;
  /** How long that took, milliseconds. */
  reading: number;
}

const wallet = `0x${'b'.repeat(40)}`;

/** @param raw a message that does not match */
export async function measureFolders(raw: Buffer, matching: Buffer): Promise<FolderFigures[]> {
  const figures: FolderFigures[] = [];
  for (const size of sizes) {
    const sandbox = await startSandbox();
    try {
      figures.push(...(await measure(sandbox, size, raw, matching)));
    } finally {
      await sandbox.close();
    }
  }
  return figures;
}

/** Puts the messages into the embedded AWS's state: 50,000 requests would take longer than the rest. */
async function measure(sandbox: Sandbox, size: number, raw: Buffer, matching: Buffer): Promise<FolderFigures[]> {
  const { endpoint, region, account, administrator: credentials } = sandbox;
  const aws = createAws({ region, endpointUrl: endpoint, credentials });
  const { bucket } = await makeOperatorAccount(aws, account, region);
  const objects = sandbox.state.s3.buckets.get(bucket)?.objects;
  const put = (id: string, body: Buffer, age: number) =>
    objects?.set(routedKey(wallet, id), {
      body,
      etag: `"${id}"`,
      modified: new Date(Date.now() - age),
      contentType: 'binary/octet-stream',
      metadata: {},
      tags: new Map(),
    });
  for (let n = 0; n < size; n++) put(idOf(n, size), raw, 3_600_000 + n);
  sandbox.intercept(({ operation }) => ({
    kind: 'delay',
    milliseconds: operation === 'ListObjectsV2' ? pageDelay : readDelay,
  }));
  const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials });
  const figures: FolderFigures[] = [];
  try {
    for (const [contender, wait] of Object.entries(contenders)) {
      let read = 0;
      let began = performance.now();
      const readAll = () => ++read >= size;
      await wait({ s3, bucket, since: new Date(0), timeoutMs: readingTime, onRead: readAll });
      const reading = performance.now() - began;

      // SES's ids are random: a new one stands anywhere among the others. This one stands in the middle.
      const newId = `${idOf(size / 2, size).slice(0, -1)}z`;
      put(newId, matching, 0);
      // The reads that were under way are recorded when their delays have passed.
      await pause(2 * pageDelay);
      const before = sandbox.calls.length;
      began = performance.now();
      const since = new Date(Date.now() - 60_000);
      const found = await wait({ s3, bucket, since, timeoutMs: patience, onRead: () => false });
      const newest = found === undefined ? undefined : performance.now() - began;
      const calls = sandbox.calls.slice(before).map(({ operation }) => operation);
      const lists = calls.filter((operation) => operation === 'ListObjectsV2').length;
      const gets = calls.length - lists;
      const price = lists * listPrice + gets * getPrice;
      figures.push({ size, contender, newest, lists, gets, price, read, reading });
      objects?.delete(routedKey(wallet, newId));
    }
    return figures;
  } finally {
    s3.destroy();
    aws.close();
  }
}

/** Forty characters, as SES's ids have, in the order of the numbers. */
function idOf(n: number, size: number): string {
  return `${Math.floor((n / size) * 36 ** 6)
    .toString(36)
    .padStart(6, '0')}${'0'.repeat(34)}`;
}
