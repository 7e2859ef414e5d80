/**
 * Accounts that a test process prepares once and every later test of it starts from.
 */
import { deserialize, serialize } from 'node:v8';
import type { AccountState, Sandbox } from '../../src/sandbox/index.js';

type Saved = Pick<AccountState, 'iam' | 's3' | 'lambda' | 'events' | 'logs' | 'ses' | 'sqs' | 'cloudwatch'>;

/** What an account has: all but its history. */
export function contentOf({ state }: Sandbox): Saved {
  const { iam, s3, lambda, events, logs, ses, sqs, cloudwatch } = state;
  return { iam, s3, lambda, events, logs, ses, sqs, cloudwatch };
}

const saved = new Map<string, Buffer>();

/**
 * Prepares an account, or copies into it what the first one with this key was prepared to. The administrator keeps the access key.
 *
 * @param key names the preparation and everything that it depends on.
 */
export async function prepareOnce(sandbox: Sandbox, key: string, prepare: () => Promise<unknown>): Promise<void> {
  const content = saved.get(key);
  if (content === undefined) {
    await prepare();
    saved.set(key, serialize(contentOf(sandbox)));
    return;
  }
  const { users, accessKeys } = sandbox.state.iam;
  const copy: Saved = deserialize(content);
  Object.assign(sandbox.state, { ...copy, iam: { ...copy.iam, users, accessKeys } });
}
