/**
 * The demo's mail: stores the messages of `fixtures/` in the bucket as SES does, and checks where they end up.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { routedKey } from '../../../handler/mail/address.js';
import type { Aws } from '../../aws/clients.js';

/** One message of `fixtures/messages/index.json`. */
export interface DemoMessage {
  file: string;
  about: string;
  /** Where SES stores it. */
  key: string;
  routed?: { by: 'envelope' | 'headers'; wallets: string[] };
  stays?: string;
  /** The link in it. */
  link?: string;
  raw: Buffer;
}

export async function readMessages(directory: string): Promise<{ messages: DemoMessage[]; mailDomain: string }> {
  const index: { mailDomain: string; messages: Omit<DemoMessage, 'raw'>[] } = JSON.parse(
    await readFile(join(directory, 'index.json'), 'utf8'),
  );
  const messages = index.messages.map(async (one) => ({ ...one, raw: await readFile(join(directory, one.file)) }));
  return { messages: await Promise.all(messages), mailDomain: index.mailDomain };
}

/** Stores the messages under `inbound/`, as SES does. */
export async function deliver({ s3 }: Aws, bucket: string, messages: DemoMessage[]): Promise<void> {
  for (const { key, raw } of messages) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: raw }));
}

/** The keys that a message should be routed to. */
export function routedKeys({ key, routed }: DemoMessage): string[] {
  const messageId = key.slice('inbound/'.length);
  return (routed?.wallets ?? []).map((wallet) => routedKey(wallet, messageId));
}

/** Where each message is now, a line each, and whether that is as expected. */
export async function whereabouts(
  { s3 }: Aws,
  bucket: string,
  messages: DemoMessage[],
): Promise<{ lines: string[]; asExpected: boolean; left: string[] }> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  const keys = Contents.map(({ Key = '' }) => Key);
  const expected = messages.flatMap((message) => [message.key, ...routedKeys(message)]);
  const lines = messages.flatMap((message) => {
    const id = message.key.slice('inbound/'.length);
    const copies = keys.filter((key) => key.startsWith('bots/') && key.endsWith(`/${id}`));
    const ends =
      copies.length === 0 ? [`stays in inbound/ (${message.stays})`] : copies.map((key) => `-> ${shorten(key)}`);
    return [`${message.file.padEnd(24)} ${ends.join('\n'.padEnd(26))}`];
  });
  const routed = keys.filter((key) => key.startsWith('bots/')).length;
  return {
    lines,
    asExpected: JSON.stringify(expected.toSorted()) === JSON.stringify(keys.toSorted()),
    left: [`Left in the bucket: ${keys.length - routed} messages in inbound/, ${routed} routed copies in bots/.`],
  };
}

/** Shortens the wallet and the message ID of a key, so that it fits on a line. */
function shorten(key: string): string {
  return key.replace(/(0x[0-9a-f]{4})[0-9a-f]+([0-9a-f]{4})/, '$1…$2').replace(/([^/]{6})[^/]{20,}([^/]{4})$/, '$1…$2');
}
