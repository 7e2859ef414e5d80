/**
 * S3: ListObjectsV2, ListObjects and ListObjectVersions.
 */
import type { Bucket } from '../../../account/state.js';
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { canonicalId } from '../buckets/bucket-acl.js';
import { bucketArn, checkRegion, findBucket, type S3Call, xmlAnswer } from '../common.js';
import { byBytes, firstWhere, KeyedMap } from '../key-order.js';
import { storageListed } from '../storage-class.js';
import { isMarker, versionIdOf, versionsOf } from '../versions.js';

/** The sorted keys of a bucket. A map of another class is sorted each time. */
function sortedKeys({ objects }: Bucket): readonly string[] {
  return objects instanceof KeyedMap ? objects.sortedKeys() : [...objects.keys()].sort(byBytes);
}

/** The parameters of a listing. */
interface ListingInput {
  prefix: string;
  delimiter: string;
  /** Only keys after this one. */
  startAfter: string;
  /** The last entry of the previous page; empty for the first page. */
  last: string;
  limit: number;
}

/** One entry of a listing: a key, or a common prefix. */
interface ListingEntry {
  name: string;
  common: boolean;
}

/**
 * The entries of a page, and one more if there is one.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
 */
function entriesOf(
  keys: readonly string[],
  { prefix, delimiter, startAfter, last, limit }: ListingInput,
): ListingEntry[] {
  const entries: ListingEntry[] = [];
  let at = firstWhere(keys, (key) => {
    return byBytes(key, prefix) >= 0 && byBytes(key, startAfter) > 0 && byBytes(key, last) > 0;
  });
  for (let key = keys[at]; key?.startsWith(prefix) && entries.length <= limit; key = keys[at]) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = end !== -1;
    const name = common ? key.slice(0, end + delimiter.length) : key;
    // Keys under a common prefix sort after it, so the last prefix of the previous page would appear again.
    if (name !== last) entries.push({ name, common });
    at = common ? firstWhere(keys, (other) => !other.startsWith(name), at) : at + 1;
  }
  return entries;
}

/** The condition keys of the request's parameters. */
function listContext(query: URLSearchParams): Record<string, string> {
  const given = ['prefix', 'delimiter', 'max-keys'].flatMap((name) =>
    query.getAll(name).map((value) => [`s3:${name}`, value]),
  );
  return Object.fromEntries(given);
}

/** The permission to list, with the condition keys of the request. */
function listAccess(action: string) {
  return (call: S3Call) => {
    checkRegion(call);
    const { state, input } = call;
    return [{ action, resource: bucketArn(state, input.Bucket), context: listContext(input.query) }];
  };
}

/** Names in the answer: URL-encoded if the request says so. */
function nameEncoder(query: URLSearchParams): (name: string) => string {
  const encoded = query.get('encoding-type') === 'url';
  return (name) => (encoded ? encodeURIComponent(name).replace(/%2F/g, '/') : name);
}

/** The parameters and the names that both listings have. */
function listingOf(call: S3Call) {
  const { query } = call.input;
  const parameter = (name: string) => query.get(name) ?? undefined;
  const prefix = parameter('prefix') ?? '';
  const limit = Math.min(Number(parameter('max-keys') ?? 1000), 1000);
  return { bucket: findBucket(call), parameter, prefix, limit, encode: nameEncoder(query) };
}

/** The objects and common prefixes of a page, and what both versions of the answer have. */
function pageOf(call: S3Call, startAfter: string, last: string) {
  const { bucket, parameter, prefix, limit, encode } = listingOf(call);
  const delimiter = parameter('delimiter') ?? '';
  const entries = entriesOf(sortedKeys(bucket), { prefix, delimiter, startAfter, last, limit });
  const page = entries.slice(0, limit);
  // With max-keys 0 the listing is not truncated.
  const more = page.length > 0 && entries.length > page.length;
  const described = {
    Name: bucket.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: parameter('encoding-type'),
    MaxKeys: limit,
    IsTruncated: more,
    Contents: page.flatMap(({ name, common }) => {
      const object = common ? undefined : bucket.objects.get(name);
      if (!object) return [];
      const { modified: LastModified, etag: ETag, body } = object;
      return [
        { Key: encode(name), LastModified, ETag, Size: body.length, ...storageListed(object, call.input.headers) },
      ];
    }),
    CommonPrefixes: page.filter(({ common }) => common).map(({ name }) => ({ Prefix: encode(name) })),
  };
  return { described, count: page.length, next: more ? page.at(-1)?.name : undefined, parameter, encode };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const listObjectsV2: Operation<S3Request> = {
  service: 's3',
  name: 'ListObjectsV2',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}', subresource: 'list-type' },
  access: listAccess('s3:ListBucket'),
  run(call) {
    const { query } = call.input;
    const token = query.get('continuation-token') ?? undefined;
    // A token is the last entry of the previous page.
    const last = Buffer.from(token ?? '', 'base64url').toString();
    const { described, count, next, parameter } = pageOf(call, query.get('start-after') ?? '', last);
    return xmlAnswer('ListBucketResult', {
      ...described,
      StartAfter: parameter('start-after'),
      ContinuationToken: token,
      NextContinuationToken: next === undefined ? undefined : Buffer.from(next).toString('base64url'),
      KeyCount: count,
    });
  },
};

/** The first version, which boto3's `bucket.objects` calls. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
const listObjects: Operation<S3Request> = {
  service: 's3',
  name: 'ListObjects',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}' },
  access: listAccess('s3:ListBucket'),
  run(call) {
    const marker = call.input.query.get('marker') ?? '';
    const { described, next, parameter, encode } = pageOf(call, '', marker);
    // "This element is returned only if you have the delimiter request parameter specified": else it is the last key.
    const named = next !== undefined && parameter('delimiter') !== undefined;
    const owner = { Owner: { ID: canonicalId(findBucket(call).owner) } };
    return xmlAnswer('ListBucketResult', {
      ...described,
      Contents: described.Contents.map((object) => ({ ...object, ...owner })),
      Marker: encode(marker),
      NextMarker: named ? encode(next) : undefined,
    });
  },
};

/** Without delimiters. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
const listObjectVersions: Operation<S3Request> = {
  service: 's3',
  name: 'ListObjectVersions',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}', subresource: 'versions' },
  access: listAccess('s3:ListBucketVersions'),
  run(call) {
    if (call.input.query.has('delimiter')) {
      throw new AwsRefusal('NotImplemented', "The embedded AWS's ListObjectVersions does not support delimiter.", 501);
    }
    const { bucket, parameter, prefix, limit, encode } = listingOf(call);
    const keyMarker = parameter('key-marker') ?? '';
    const versionIdMarker = parameter('version-id-marker');

    const keys = new Set([...bucket.objects.keys(), ...(bucket.otherVersions?.keys() ?? [])]);
    const all = [...keys]
      .filter((key) => key.startsWith(prefix))
      .sort(byBytes)
      .flatMap((key) => versionsOf(bucket, key).map((version, at) => ({ key, version, IsLatest: at === 0 })));
    const marker = all.findIndex(({ key, version }) => key === keyMarker && versionIdOf(version) === versionIdMarker);
    const rest = marker === -1 ? all.filter(({ key }) => byBytes(key, keyMarker) > 0) : all.slice(marker + 1);
    const page = rest.slice(0, limit);
    const last = rest.length > page.length ? page.at(-1) : undefined;

    const entries = page.map(({ key, version, IsLatest }) => {
      const common = { Key: encode(key), VersionId: versionIdOf(version), IsLatest, LastModified: version.modified };
      if (isMarker(version)) return { DeleteMarker: common };
      return { Version: { ...common, ETag: version.etag, Size: version.body.length, ...storageListed(version, {}) } };
    });
    return xmlAnswer('ListVersionsResult', {
      Name: bucket.name,
      Prefix: encode(prefix),
      KeyMarker: encode(keyMarker),
      VersionIdMarker: versionIdMarker,
      NextKeyMarker: last && encode(last.key),
      NextVersionIdMarker: last && versionIdOf(last.version),
      EncodingType: parameter('encoding-type'),
      MaxKeys: limit,
      IsTruncated: last !== undefined,
      Version: entries.flatMap(({ Version }) => Version ?? []),
      DeleteMarker: entries.flatMap(({ DeleteMarker }) => DeleteMarker ?? []),
    });
  },
};

export const listObjectsOperations: Operation[] = [listObjectsV2, listObjects, listObjectVersions];
