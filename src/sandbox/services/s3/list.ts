/**
 * S3's listing. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import type { Operation } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';
import type { Bucket } from '../../world.js';
import { bucketArn, bucketOf, regional, xmlAnswer } from './common.js';

/** The keys and the common prefixes of a listing, in the order of their UTF-8 bytes. */
function entries(bucket: Bucket, prefix: string, delimiter: string | undefined, startAfter: string): string[] {
  const rolledUp = [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0)
    .map((key) => {
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      return end === -1 ? key : key.slice(0, end + String(delimiter).length);
    });
  return [...new Set(rolledUp)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Condition keys of the parameters that were given. */
function context(query: URLSearchParams): Record<string, string> {
  const given = ['prefix', 'delimiter', 'max-keys'].flatMap((name) =>
    query.getAll(name).map((value) => [`s3:${name}`, value]),
  );
  return Object.fromEntries(given);
}

const listObjectsV2: Operation<S3Request> = {
  service: 's3',
  name: 'ListObjectsV2',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}', subresource: 'list-type' },
  access(call) {
    regional(call);
    const { world, input } = call;
    return [{ action: 's3:ListBucket', resource: bucketArn(world, input.Bucket), context: context(input.query) }];
  },
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

    const encoding = parameter('encoding-type');
    const shown = (name: string) => (encoding === 'url' ? encodeURIComponent(name).replace(/%2F/g, '/') : name);
    return xmlAnswer('ListBucketResult', {
      Name: bucket.name,
      Prefix: shown(prefix),
      Delimiter: delimiter && shown(delimiter),
      StartAfter: parameter('start-after'),
      ContinuationToken: token,
      NextContinuationToken: more ? Buffer.from(String(page.at(-1))).toString('base64url') : undefined,
      EncodingType: encoding,
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

export const listOperations: Operation[] = [listObjectsV2];
