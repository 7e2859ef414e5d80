/**
 * When mail was last stored by SES, and when it was last routed.
 *
 * S3 lists by key, and SES's message ids contain no time, so finding the newest takes a full listing: both folders in parallel.
 */
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { objectAt } from '../../../handler/event.js';
import { INBOUND_PREFIX, isRoutedKey, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import type { Scope } from '../../stack/scope.js';
import { type Attempt, attempt } from './attempt.js';

/** When the newest message was stored; undefined if there is none. */
export interface Mail {
  inbound: Attempt<Date | undefined>;
  routed: Attempt<Date | undefined>;
}

/**
 * Finds both.
 *
 * @param onListed called with the number of objects listed so far. Ctrl-C ends the listings at their next page.
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
  matches: (key: string) => boolean,
  count: (more: number) => void,
): Promise<Date | undefined> {
  const input = { Bucket: names.bucket, Prefix: prefix, ExpectedBucketOwner: identity.account };
  let found: Date | undefined;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: aws.s3 }, input)) {
    for (const { Key = '', LastModified } of Contents)
      if (LastModified !== undefined && matches(Key) && (found === undefined || LastModified > found))
        found = LastModified;
    count(Contents.length);
    signal.throwIfAborted();
  }
  return found;
}
