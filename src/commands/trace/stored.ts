/**
 * Messages and copies as S3 stores them. Of a copy, nothing but its entry in a listing is read.
 */
import { HeadObjectCommand, ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { isRoutedKey, routedKey, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import { explain, OperatorError, statusOf } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { type Attempt, attempt } from '../status/attempt.js';

/** An object. */
export interface StoredObject {
  /** When it was stored. */
  at: Date;
  /** Bytes. */
  size: number;
  storageClass: string;
  /** The state of an archived object's restored copy, in words. */
  restore?: string;
}

/** A message in `inbound/`. */
export interface StoredMessage extends StoredObject {
  /** `AES256` or `aws:kms` and the key. */
  encryption: Attempt<string>;
}

/** A copy in a wallet's folder; no object if there is none. */
export interface Copy {
  wallet: string;
  key: string;
  object: Attempt<StoredObject | undefined>;
}

type Place = Pick<Scope, 'aws' | 'names' | 'identity' | 'settings'>;

/** What every request names. */
const common = ({ names, identity }: Place) => ({ Bucket: names.bucket, ExpectedBucketOwner: identity.account });

/** The value, or what AWS denied. */
async function allowed<Value>(action: string, resource: string, place: Place, asked: Promise<Value>): Promise<Value> {
  return asked.catch((error) => {
    // The answer to HEAD has no body that says more.
    if (statusOf(error) === 403) throw new OperatorError(`AWS denied ${action} on ${resource}.`, { cause: error });
    throw new OperatorError(explain(error, place.settings.endpointUrl), { cause: error });
  });
}

/**
 * The message at a key; undefined if there is none. Without `s3:ListBucket` S3 answers a missing key as it does a denied one: then the
 * listing decides. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function storedMessage(key: string, place: Place): Promise<Attempt<StoredMessage | undefined>> {
  const head = place.aws.s3.send(new HeadObjectCommand({ ...common(place), Key: key })).catch((error) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
  const read = await attempt(allowed('s3:GetObject', `${place.names.bucketArn}/${key}`, place, head), place.settings);
  if ('value' in read) {
    if (read.value === undefined) return { value: undefined };
    const { LastModified, ContentLength, StorageClass, Restore, ServerSideEncryption, SSEKMSKeyId } = read.value;
    const restore = restoreIn(Restore);
    return {
      value: {
        at: new Date(Number(LastModified)),
        size: Number(ContentLength),
        storageClass: StorageClass ?? 'STANDARD',
        ...(restore === undefined ? {} : { restore }),
        // Since 2023 every new object is encrypted: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
        encryption: { value: [ServerSideEncryption ?? 'not reported', SSEKMSKeyId].filter(Boolean).join(', ') },
      },
    };
  }
  const listed = await attempt(listExact(key, place), place.settings);
  if ('unknown' in listed) return { unknown: `${read.unknown} ${listed.unknown}` };
  return { value: listed.value && { ...listed.value, encryption: { unknown: read.unknown } } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html#API_HeadObject_ResponseSyntax, x-amz-restore */
function restoreIn(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return header.includes('ongoing-request="true"') ? 'a restore is in progress' : 'restored for now';
}

/** The object with exactly this key, by a listing, which does not give access to it. */
async function listExact(key: string, place: Place): Promise<StoredObject | undefined> {
  const list = new ListObjectsV2Command({ ...common(place), Prefix: key, MaxKeys: 1 });
  const answer = await allowed('s3:ListBucket', place.names.bucketArn, place, place.aws.s3.send(list));
  const found = answer.Contents?.find((object) => object.Key === key);
  return found && asObject(found);
}

interface ListedObject {
  Key?: string | undefined;
  LastModified?: Date | undefined;
  Size?: number | undefined;
  StorageClass?: string | undefined;
}

function asObject({ LastModified, Size, StorageClass = 'STANDARD' }: ListedObject): StoredObject {
  return { at: new Date(Number(LastModified)), size: Number(Size), storageClass: StorageClass };
}

/** The copies of a message for these wallets. */
export function copiesFor(id: string, wallets: string[], place: Place): Promise<Copy[]> {
  return Promise.all(
    wallets.map(async (wallet) => {
      const key = routedKey(wallet, id);
      return { wallet, key, object: await attempt(listExact(key, place), place.settings) };
    }),
  );
}

/**
 * The copies of a message, whatever the wallet: all copies are listed, because S3 finds keys by their beginning only.
 *
 * @param onListed called with the number of objects listed so far.
 */
export async function findCopies(id: string, place: Place, onListed: (listed: number) => void): Promise<Copy[]> {
  const found: Copy[] = [];
  await listAll(WALLETS_PREFIX, place, (objects, listed) => {
    for (const object of objects) {
      const { Key = '' } = object;
      const [, wallet = ''] = Key.split('/');
      if (isRoutedKey(Key) && Key === routedKey(wallet, id))
        found.push({ wallet, key: Key, object: { value: asObject(object) } });
    }
    onListed(listed);
  });
  return found;
}

/** The objects of a wallet's folder that were stored since a time, by key. */
export async function listFolder(prefix: string, since: number, place: Place): Promise<Map<string, StoredObject>> {
  const found = new Map<string, StoredObject>();
  await listAll(prefix, place, (objects) => {
    for (const object of objects)
      if (Number(object.LastModified) >= since) found.set(String(object.Key), asObject(object));
  });
  return found;
}

async function listAll(
  prefix: string,
  place: Place,
  onPage: (objects: ListedObject[], listed: number) => void,
): Promise<void> {
  const pages = paginateListObjectsV2({ client: place.aws.s3 }, { ...common(place), Prefix: prefix });
  let listed = 0;
  for (;;) {
    const page = await allowed('s3:ListBucket', place.names.bucketArn, place, pages.next());
    if (page.done) return;
    const { Contents = [] } = page.value;
    listed += Contents.length;
    onPage(Contents, listed);
  }
}
