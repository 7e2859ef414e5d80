/**
 * What large folders cost: the time and the S3 calls until a new message is found, and how many messages are read in ten seconds.
 *
 * The embedded AWS answers faster than S3. Its answers are delayed: a page of a listing by 150 ms (S3: 100 to 200 ms a 1,000 keys), a message by
 * 30 ms.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { routedKey } from '../../../handler/mail/address.js';
import { createAws } from '../../../src/aws/clients.js';
import { makeOperatorAccount } from '../../../src/commands/demo/operator-account.js';
import { waitForMail } from '../../../src/mailbox/index.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';

const sizes = [300, 10_000, 50_000];
const pageDelay = 150;
const readDelay = 30;
const readingTime = 10_000;

/** Amazon S3's prices in us-east-1, US dollars a request. https://aws.amazon.com/s3/pricing/ */
const listPrice = 0.005 / 1_000;
const getPrice = 0.0004 / 1_000;

export interface FolderFigures {
  /** Messages in the folder. */
  size: number;
  /** From the call until a message of the last second is returned; milliseconds. */
  newest: number;
  /** The calls of that. */
  lists: number;
  gets: number;
  /** Their price, US dollars. */
  price: number;
  /** How many messages were examined in ten seconds where all are new and none matches. */
  examined: number;
}

const wallet = `0x${'b'.repeat(40)}`;

/** @param raw a message that does not match */
export async function measureFolders(raw: Buffer, matching: Buffer): Promise<FolderFigures[]> {
  const figures: FolderFigures[] = [];
  for (const size of sizes) {
    const sandbox = await startSandbox();
    try {
      figures.push(await measure(sandbox, size, raw, matching));
    } finally {
      await sandbox.close();
    }
  }
  return figures;
}

async function measure(sandbox: Sandbox, size: number, raw: Buffer, matching: Buffer): Promise<FolderFigures> {
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
  for (let n = 0; n < size; n++) put(`old${n.toString(36).padStart(37, '0')}`, raw, 3_600_000 + n);
  sandbox.intercept(({ operation }) => ({
    kind: 'delay',
    milliseconds: operation === 'ListObjectsV2' ? pageDelay : readDelay,
  }));
  const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials });
  try {
    const examined = new Set<string>();
    const options = { bucket, wallet, s3, extract: { link: /verify\?/ } };
    const reading = {
      ...options,
      timeoutMs: readingTime,
      onMismatch: ({ id }: { id: string }) => void examined.add(id),
    };
    await waitForMail(reading).catch(() => undefined);
    put('new', matching, 0);
    const before = sandbox.calls.length;
    const began = performance.now();
    await waitForMail({ ...options, since: new Date(Date.now() - 60_000), timeoutMs: 120_000 });
    const newest = performance.now() - began;
    const calls = sandbox.calls.slice(before).map(({ operation }) => operation);
    const lists = calls.filter((operation) => operation === 'ListObjectsV2').length;
    const gets = calls.length - lists;
    return { size, newest, lists, gets, price: lists * listPrice + gets * getPrice, examined: examined.size };
  } finally {
    s3.destroy();
    aws.close();
  }
}
