/**
 * The S3 calls that the function makes for each fixture, and how much of the message it reads.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createHandler } from '../../../handler/handler.js';
import type { Outcome } from '../../../handler/route.js';
import { TrimmedClient } from '../../../handler/s3/client.js';
import { startSandbox } from '../../../src/sandbox/index.js';

export interface MessageCost {
  file: string;
  /** Bytes. */
  size: number;
  /** `routed`, or the reason why it stays. */
  outcome: string;
  /** The operations, in their order. */
  calls: string[];
  bytesRead: number;
}

const bucket = 'agentkeys-mail-111122223333';

/** Routes each message on an embedded AWS. @param directory Where the fixtures are. */
export async function costOfMessages(directory: string): Promise<MessageCost[]> {
  const sandbox = await startSandbox();
  const { region, endpoint, administrator: credentials } = sandbox;
  const administrator = new S3Client({ region, endpoint, credentials, forcePathStyle: true });
  const s3 = new TrimmedClient({ region, endpoint, credentials, maxAttempts: 1, requestHandler: {} });
  try {
    await administrator.send(new CreateBucketCommand({ Bucket: bucket }));
    const { mailDomain, prefixes, messages } = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
    const lines: string[] = [];
    const handler = createHandler({
      s3: s3 as Pick<S3Client, 'send'> as S3Client,
      settings: { bucket, accountId: sandbox.account, mailDomain, prefixes, deleteSource: false, logLevel: 'info' },
      write: (line) => lines.push(line),
    });
    const costs: MessageCost[] = [];
    for (const { file, key } of messages) {
      const body = readFileSync(join(directory, file));
      await administrator.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      const before = sandbox.calls.length;
      const event = {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        detail: { bucket: { name: bucket }, object: { key } },
      };
      const context = { functionName: 'bench', awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 };
      const outcome = (await handler(event, context)) as Outcome;
      const { HeaderBytesRead: bytesRead = 0 } = JSON.parse(lines.at(-1) ?? '{}');
      const calls = sandbox.calls.slice(before).map(({ operation }) => operation);
      costs.push({
        file,
        size: body.length,
        outcome: outcome.outcome === 'skipped' ? outcome.reason : outcome.outcome,
        calls,
        bytesRead,
      });
    }
    return costs;
  } finally {
    s3.destroy();
    administrator.destroy();
    await sandbox.close();
  }
}
