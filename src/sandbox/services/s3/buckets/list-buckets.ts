/**
 * S3: ListBuckets. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
 */
import type { Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { tokenPage } from '../../pagination.js';
import { xmlAnswer } from '../common.js';
import { byBytes } from '../key-order.js';
import { canonicalId } from './bucket-acl.js';

const listBuckets: Operation<S3Request> = {
  service: 's3',
  name: 'ListBuckets',
  mutates: false,
  route: { method: 'GET', path: '/' },
  access: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
  run({ state, input }) {
    const { query } = input;
    // The region is told only where one of these was asked for.
    const narrowed = ['prefix', 'bucket-region', 'max-buckets', 'continuation-token'].some((name) => query.has(name));
    const prefix = query.get('prefix') ?? '';
    const region = query.get('bucket-region');
    const own = [...state.s3.buckets.values()]
      .filter(({ owner }) => owner === state.account)
      .filter((bucket) => bucket.name.startsWith(prefix) && (region ?? bucket.region) === bucket.region)
      .sort((a, b) => byBytes(a.name, b.name));
    const most = Number(query.get('max-buckets') ?? 10_000);
    const { items, token } = tokenPage(own, query.get('continuation-token') ?? undefined, most, 'InvalidArgument');
    return xmlAnswer('ListAllMyBucketsResult', {
      Owner: { ID: canonicalId(state.account) },
      Buckets: {
        Bucket: items.map(({ name, created, region: BucketRegion }) => ({
          Name: name,
          CreationDate: created,
          BucketRegion: narrowed ? BucketRegion : undefined,
        })),
      },
      ContinuationToken: token,
      Prefix: query.get('prefix') ?? undefined,
    });
  },
};

export const listBucketsOperations: Operation[] = [listBuckets];
