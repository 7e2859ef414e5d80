/**
 * The baseline for large folders: AgentKeys' loop, written anew from its `lib/email-backends/ses-s3.ts`. It lists, then reads whole messages one
 * after another, newest first, each once, and sleeps.
 *
 * AgentKeys requests one page a listing, which holds the first 1,000 keys. SES's ids are random, so in a larger folder a new message is mostly
 * on another page. The bench also runs the loop with all pages.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

/** AgentKeys' default; milliseconds. */
const pollInterval = 2_000;

export interface OneByOneOptions {
  s3: S3Client;
  bucket: string;
  prefix: string;
  pages: 'first' | 'all';
  /** Older messages are not read. */
  since: Date;
  timeoutMs: number;
  /** Matches in the body of the message to wait for. */
  link: RegExp;
  /** Called for each message that was read. @returns whether to stop */
  onRead(): boolean;
}

/** @returns the link; undefined when the time ran out, or `onRead` stopped it. */
export async function waitOneByOne(options: OneByOneOptions): Promise<string | undefined> {
  const { s3, bucket, since, timeoutMs, link, onRead } = options;
  const end = performance.now() + timeoutMs;
  const seen = new Set<string>();
  while (performance.now() < end) {
    for (const { key, arrived } of await list(options)) {
      if (seen.has(key)) continue;
      seen.add(key);
      if (arrived < since) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const raw = (await Body?.transformToString()) ?? '';
      const [found] = link.exec(raw.replace(/=\r?\n/g, '').replaceAll('=3D', '=')) ?? [];
      if (found !== undefined) return found;
      if (onRead() || performance.now() > end) return undefined;
    }
    await sleep(Math.max(0, Math.min(pollInterval, end - performance.now())));
  }
  return undefined;
}

async function list({ s3, bucket, prefix, pages }: OneByOneOptions): Promise<Array<{ key: string; arrived: Date }>> {
  const found: Array<{ key: string; arrived: Date }> = [];
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    const { Contents = [], NextContinuationToken } = await s3.send(command);
    for (const { Key: key, LastModified: arrived } of Contents)
      if (key !== undefined && arrived !== undefined) found.push({ key, arrived });
    token = pages === 'all' ? NextContinuationToken : undefined;
  } while (token !== undefined);
  return found.sort((a, b) => b.arrived.getTime() - a.arrived.getTime());
}
