/**
 * A process: an embedded AWS with a given amount of mail in its bucket and a given latency. It carries out each {@link Order} and
 * answers.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { routedKey } from '../../../handler/mail/address.js';
import { type Sandbox, type StoredObject, startSandbox } from '../../../src/sandbox/index.js';

/** The mail bucket. */
export const bucket = 'agentkeys-mail-111122223333';

export type Order =
  /** Starts a new account with this many messages in `inbound/`, and answers with how to reach it. */
  | { kind: 'fill'; fixtures: string; messages: number; latency: number }
  /** Answers with where they are. */
  | { kind: 'check' };

export type FilledAccount = Pick<Sandbox, 'endpoint' | 'account' | 'region' | 'administrator'>;

/** Where the mail is. */
export interface Whereabouts {
  /** Messages for a wallet, and those of them that it has, byte for byte. */
  routable: number;
  routed: number;
  /** Copies that should not exist. */
  astray: number;
}

let running: Sandbox | undefined;
/** Where each copy belongs, and the bytes it must have. */
let expected = new Map<string, Buffer>();

async function fill({ fixtures, messages, latency }: Order & { kind: 'fill' }): Promise<FilledAccount> {
  await running?.close();
  running = await startSandbox();
  const { state, endpoint, account, region, administrator } = running;
  const file = (name: string) => readFile(join(fixtures, name));
  const [signup, login] = await Promise.all([file('routed-signup.eml'), file('magic-link.eml')]);
  const objects = new Map<string, StoredObject>();
  expected = new Map();
  for (let n = 0; n < messages; n++) {
    // Like SES's ids, the keys do not reveal the order of arrival.
    const id = (BigInt(n) * 0x9e3779b97f4a7c15n).toString(36).padStart(40, '0').slice(-40);
    const wallet = `0x${n.toString(16).padStart(40, '0')}`;
    const routable = n % 5 < 3;
    const body = routable ? Buffer.from(signup.toString('latin1').replaceAll(/0x1{40}/g, wallet), 'latin1') : login;
    objects.set(`inbound/${id}`, {
      body,
      etag: `"${n}"`,
      modified: new Date(),
      contentType: 'application/octet-stream',
      metadata: {},
      tags: new Map(),
    });
    if (routable) expected.set(routedKey(wallet, id), body);
  }
  state.s3.buckets.set(bucket, {
    name: bucket,
    owner: account,
    region,
    created: new Date(),
    encryption: { algorithm: 'AES256' },
    notification: {},
    objects,
  });
  if (latency > 0) running.intercept(() => ({ kind: 'delay', milliseconds: latency }));
  return { endpoint, account, region, administrator };
}

function check(): Whereabouts {
  const objects = running?.state.s3.buckets.get(bucket)?.objects ?? new Map<string, StoredObject>();
  const routed = [...expected].filter(([key, body]) => objects.get(key)?.body.equals(body) === true).length;
  const copies = [...objects.keys()].filter((key) => key.startsWith('bots/'));
  return { routable: expected.size, routed, astray: copies.filter((key) => !expected.has(key)).length };
}

process.on('message', async (order: Order) => {
  process.send?.(order.kind === 'fill' ? await fill(order) : check());
});
process.on('disconnect', () => process.exit());
