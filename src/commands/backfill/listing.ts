/**
 * The messages under `inbound/`, page by page: memory use does not depend on their number.
 */
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { objectAt } from '../../../handler/event.js';
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import type { Message } from '../../../handler/route.js';
import { nameOf } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';

/**
 * The storage classes whose objects can't be read before they are restored. For the archive tiers of Intelligent-Tiering, only reading shows
 * it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html
 */
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

/** Selects messages. */
export interface Selection {
  /** Only those that SES stored at this time or later. */
  since?: Date;
  /** Only those whose key comes after this one. */
  startAfter?: string;
}

/** Some messages, in the order of their keys. */
export interface Batch {
  messages: Message[];
  /** How many more are archived: they can't be read before they are restored. */
  archived: number;
  /** The last key seen: all keys up to it are in this batch or an earlier one, or were not selected. */
  last: string;
}

/** The part of a scope that a listing uses. */
type Where = Pick<Scope, 'aws' | 'names' | 'identity' | 'signal'>;

/**
 * The selected messages in batches.
 *
 * One generator serves all workers; each batch goes to one of them.
 *
 * @param size messages per batch.
 */
export async function* batches(where: Where, selection: Selection, size: number): AsyncGenerator<Batch> {
  let messages: Message[] = [];
  let archived = 0;
  let last = selection.startAfter;
  for await (const page of pages(where, selection))
    for (const { key, message, isArchived } of page) {
      if (where.signal.aborted) return;
      last = key;
      if (isArchived) archived += 1;
      else if (message !== undefined) messages.push(message);
      if (messages.length + archived < size) continue;
      yield { messages, archived, last };
      messages = [];
      archived = 0;
    }
  if (last !== undefined) yield { messages, archived, last };
}

/** The number of selected messages, yielded after each page. */
export async function* count(where: Where, selection: Selection): AsyncGenerator<number> {
  let counted = 0;
  for await (const page of pages(where, selection)) {
    counted += page.filter(({ message }) => message !== undefined).length;
    yield counted;
  }
}

async function* pages({ aws, names, identity, signal }: Where, { since, startAfter }: Selection) {
  const input = {
    Bucket: names.bucket,
    Prefix: INBOUND_PREFIX,
    ExpectedBucketOwner: identity.account,
    OptionalObjectAttributes: ['RestoreStatus' as const],
    ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
  };
  const listed = paginateListObjectsV2({ client: aws.s3 }, input);
  while (!signal.aborted) {
    const { value, done } = await listed.next().catch((error) => {
      // Before the first write, Ctrl-C ends the call under way.
      if (nameOf(error) === 'AbortError') return { value: undefined, done: true };
      throw error;
    });
    if (done === true) return;
    const { Contents = [] } = { ...value };
    yield Contents.map(({ Key = '', LastModified, StorageClass, RestoreStatus }) => {
      const { key, messageId, skip } = objectAt(Key);
      const early = since !== undefined && LastModified !== undefined && LastModified < since;
      if (skip !== undefined || early) return { key };
      const restored = RestoreStatus?.IsRestoreInProgress === false;
      return { key, message: { key, messageId }, isArchived: !restored && ARCHIVES.includes(String(StorageClass)) };
    });
  }
}
