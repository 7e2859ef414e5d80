/**
 * S3's listings: of objects, and of all their versions.
 */
import { AwsRefusal, type Operation } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';
import type { Bucket } from '../../world.js';
import { bucketArn, bucketOf, regional, type S3Call, xmlAnswer } from './common.js';
import { idOf, isMarker, versionsOf } from './versions.js';

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The keys and the common prefixes of a listing, in the order of their UTF-8 bytes. */
function entries(bucket: Bucket, prefix: string, delimiter: string | undefined, startAfter: string): string[] {
  const rolledUp = [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix) && byBytes(key, startAfter) > 0)
    .map((key) => {
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      return end === -1 ? key : key.slice(0, end + String(delimiter).length);
    });
  return [...new Set(rolledUp)].sort(byBytes);
}

/** Condition keys of the parameters that were given. */
function context(query: URLSearchParams): Record<string, string> {
  const given = ['prefix', 'delimiter', 'max-keys'].flatMap((name) =>
    query.getAll(name).map((value) => [`s3:${name}`, value]),
  );
  return Object.fromEntries(given);
}

/** The permission to list, under the condition keys of what is asked for. */
function listing(action: string) {
  return (call: S3Call) => {
    regional(call);
    const { world, input } = call;
    return [{ action, resource: bucketArn(world, input.Bucket), context: context(input.query) }];
  };
}

/** Names as the answer has them: URL-encoded where that is asked for. */
function shownIn(query: URLSearchParams): (name: string) => string {
  const encoded = query.get('encoding-type') === 'url';
  return (name) => (encoded ? encodeURIComponent(name).replace(/%2F/g, '/') : name);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const listObjectsV2: Operation<S3Request> = {
  service: 's3',
  name: 'ListObjectsV2',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}', subresource: 'list-type' },
  access: listing('s3:ListBucket'),
  run(call) {
    const { query } = call.input;
    const parameter = (name: string) => query.get(name) ?? undefined;
    const bucket = bucketOf(call);
    const prefix = parameter('prefix') ?? '';
    const delimiter = parameter('delimiter');
    const token = parameter('continuation-token');
    const limit = Math.min(Number(parameter('max-keys') ?? 1000), 1000);

    // A token is the last entry of the page before.
    const last = Buffer.from(token ?? '', 'base64url');
    const all = entries(bucket, prefix, delimiter, parameter('start-after') ?? '');
    const rest = all.filter((entry) => Buffer.compare(Buffer.from(entry), last) > 0);
    const page = rest.slice(0, limit);
    // Nothing asked for is nothing cut off.
    const more = page.length > 0 && rest.length > page.length;

    const shown = shownIn(query);
    return xmlAnswer('ListBucketResult', {
      Name: bucket.name,
      Prefix: shown(prefix),
      Delimiter: delimiter && shown(delimiter),
      StartAfter: parameter('start-after'),
      ContinuationToken: token,
      NextContinuationToken: more ? Buffer.from(String(page.at(-1))).toString('base64url') : undefined,
      EncodingType: parameter('encoding-type'),
      MaxKeys: limit,
      KeyCount: page.length,
      IsTruncated: more,
      Contents: page.flatMap((entry) => {
        const object = bucket.objects.get(entry);
        if (!object) return [];
        const { modified: LastModified, etag: ETag, body } = object;
        return [{ Key: shown(entry), LastModified, ETag, Size: body.length, StorageClass: 'STANDARD' }];
      }),
      CommonPrefixes: page.filter((entry) => !bucket.objects.has(entry)).map((entry) => ({ Prefix: shown(entry) })),
    });
  },
};

/** Without delimiters. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
const listObjectVersions: Operation<S3Request> = {
  service: 's3',
  name: 'ListObjectVersions',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}', subresource: 'versions' },
  access: listing('s3:ListBucketVersions'),
  run(call) {
    const { query } = call.input;
    const parameter = (name: string) => query.get(name) ?? undefined;
    if (parameter('delimiter') !== undefined) {
      throw new AwsRefusal('NotImplemented', "The embedded AWS's ListObjectVersions knows no delimiter.", 501);
    }
    const bucket = bucketOf(call);
    const prefix = parameter('prefix') ?? '';
    const keyMarker = parameter('key-marker') ?? '';
    const versionIdMarker = parameter('version-id-marker');
    const limit = Math.min(Number(parameter('max-keys') ?? 1000), 1000);

    const keys = new Set([...bucket.objects.keys(), ...(bucket.otherVersions?.keys() ?? [])]);
    const all = [...keys]
      .filter((key) => key.startsWith(prefix))
      .sort(byBytes)
      .flatMap((key) => versionsOf(bucket, key).map((version, at) => ({ key, version, IsLatest: at === 0 })));
    const marker = all.findIndex(({ key, version }) => key === keyMarker && idOf(version) === versionIdMarker);
    const rest = marker === -1 ? all.filter(({ key }) => byBytes(key, keyMarker) > 0) : all.slice(marker + 1);
    const page = rest.slice(0, limit);
    const last = rest.length > page.length ? page.at(-1) : undefined;

    const shown = shownIn(query);
    const told = page.map(({ key, version, IsLatest }) => {
      const common = { Key: shown(key), VersionId: idOf(version), IsLatest, LastModified: version.modified };
      if (isMarker(version)) return { DeleteMarker: common };
      return { Version: { ...common, ETag: version.etag, Size: version.body.length, StorageClass: 'STANDARD' } };
    });
    return xmlAnswer('ListVersionsResult', {
      Name: bucket.name,
      Prefix: shown(prefix),
      KeyMarker: shown(keyMarker),
      VersionIdMarker: versionIdMarker,
      NextKeyMarker: last && shown(last.key),
      NextVersionIdMarker: last && idOf(last.version),
      EncodingType: parameter('encoding-type'),
      MaxKeys: limit,
      IsTruncated: last !== undefined,
      Version: told.flatMap(({ Version }) => Version ?? []),
      DeleteMarker: told.flatMap(({ DeleteMarker }) => DeleteMarker ?? []),
    });
  },
};

export const listOperations: Operation[] = [listObjectsV2, listObjectVersions];
