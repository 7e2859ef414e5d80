/**
 * How old the newest mail is: what SES stored last, and what was routed last.
 *
 * S3 lists by key, and SES's message ids tell no time, so the newest is found by listing all: both folders side by side, page by page.
 */
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { objectAt } from '../../../handler/event.js';
import { INBOUND_PREFIX, isRoutedKey, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import type { Scope } from '../../stack/scope.js';
import { type Attempt, attempt } from './attempt.js';

/** When the newest message was stored; undefined where there is none. */
export interface Mail {
  inbound: Attempt<Date | undefined>;
  routed: Attempt<Date | undefined>;
}

/**
 * Looks for both.
 *
 * @param onListed told how many objects have been listed so far. Ctrl-C ends the listings at their next page.
 */
export async function newestMail(scope: Scope, onListed: (listed: number) => void): Promise<Mail> {
  let listed = 0;
  const count = (more: number) => {
    listed += more;
    onListed(listed);
  };
  const isMessage = (key: string) => objectAt(key).skip === undefined;
  const [inbound, routed] = await Promise.all([
    attempt(newest(scope, INBOUND_PREFIX, isMessage, count), scope.settings),
    attempt(newest(scope, WALLETS_PREFIX, isRoutedKey, count), scope.settings),
  ]);
  return { inbound, routed };
}

async function newest(
  { aws, names, identity, signal }: Scope,
  prefix: string,
  isWanted: (key: string) => boolean,
  count: (more: number) => void,
): Promise<Date | undefined> {
  const input = { Bucket: names.bucket, Prefix: prefix, ExpectedBucketOwner: identity.account };
  let found: Date | undefined;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: aws.s3 }, input)) {
    for (const { Key = '', LastModified } of Contents)
      if (LastModified !== undefined && isWanted(Key) && (found === undefined || LastModified > found))
        found = LastModified;
    count(Contents.length);
    signal.throwIfAborted();
  }
  return found;
}
