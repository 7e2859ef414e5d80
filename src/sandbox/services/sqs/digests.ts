/**
 * The MD5 digests by which a client checks that SQS received and returned what was sent.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
import { createHash } from 'node:crypto';
import type { MessageAttribute } from '../../account/queues.js';

export const md5 = (bytes: string | Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Bytes with their length before them, in four bytes. */
function counted(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

/** The digest of a message's attributes; undefined if it has none. */
export function md5OfAttributes(attributes: Record<string, MessageAttribute>): string | undefined {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = sorted.flatMap(([name, { DataType, StringValue, BinaryValue }]) => [
    ...counted(Buffer.from(name)),
    ...counted(Buffer.from(DataType)),
    Buffer.from([BinaryValue === undefined ? 1 : 2]),
    ...counted(BinaryValue === undefined ? Buffer.from(String(StringValue)) : Buffer.from(BinaryValue, 'base64')),
  ]);
  return parts.length === 0 ? undefined : md5(Buffer.concat(parts));
}
