/**
 * What keeps a bucket from the public: its settings for that, and whether its policy lets the public in.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
import { parsePolicy } from '../../../policy/document.js';
import { isPublicPolicy } from '../../access/public-policy.js';
import type { PublicAccessBlock } from '../../account/state.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';
import { xmlBody, xmlText } from '../../protocols/xml.js';
import { bucketArn, bucketOf, noPolicy, onBucket, type S3Call, xmlAnswer } from './common.js';

const path = '/{Bucket}';
const subresource = 'publicAccessBlock';

/** What new buckets have. https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html */
export const wholeBlock: PublicAccessBlock = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** What PutBucketPolicy says where public policies are blocked. https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html */
export function blockedPolicy({ state, caller, input }: S3Call): AwsRefusal {
  const action = `s3:PutBucketPolicy on resource: "${bucketArn(state, input.Bucket)}"`;
  const why = 'public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.';
  const message = `User: ${caller.principal.arn} is not authorized to perform: ${action} because ${why}`;
  return new AwsRefusal('AccessDenied', message, 403);
}

const getBucketPolicyStatus: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketPolicyStatus',
  mutates: false,
  route: { method: 'GET', path, subresource: 'policyStatus' },
  access: onBucket('s3:GetBucketPolicyStatus'),
  run(call) {
    const { name, policy } = bucketOf(call);
    if (policy === undefined) throw noPolicy(name);
    return xmlAnswer('PolicyStatus', { IsPublic: isPublicPolicy(parsePolicy(policy)) });
  },
};

const putPublicAccessBlock: Operation<S3Request> = {
  service: 's3',
  name: 'PutPublicAccessBlock',
  mutates: true,
  route: { method: 'PUT', path, subresource },
  access: onBucket('s3:PutBucketPublicAccessBlock'),
  run(call) {
    const bucket = bucketOf(call);
    const configuration = xmlBody(call.input.body, 'PublicAccessBlockConfiguration');
    const setting = (name: keyof PublicAccessBlock) => xmlText(configuration, name) === 'true';
    bucket.publicAccessBlock = {
      BlockPublicAcls: setting('BlockPublicAcls'),
      IgnorePublicAcls: setting('IgnorePublicAcls'),
      BlockPublicPolicy: setting('BlockPublicPolicy'),
      RestrictPublicBuckets: setting('RestrictPublicBuckets'),
    };
  },
};

const getPublicAccessBlock: Operation<S3Request> = {
  service: 's3',
  name: 'GetPublicAccessBlock',
  mutates: false,
  route: { method: 'GET', path, subresource },
  access: onBucket('s3:GetBucketPublicAccessBlock'),
  run(call) {
    const { name, publicAccessBlock } = bucketOf(call);
    if (publicAccessBlock) return xmlAnswer('PublicAccessBlockConfiguration', publicAccessBlock);
    const message = 'The public access block configuration was not found';
    throw new AwsRefusal('NoSuchPublicAccessBlockConfiguration', message, 404, { BucketName: name });
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html: the permission is the one to put it. */
const deletePublicAccessBlock: Operation<S3Request> = {
  service: 's3',
  name: 'DeletePublicAccessBlock',
  mutates: true,
  route: { method: 'DELETE', path, subresource, status: 204 },
  access: onBucket('s3:PutBucketPublicAccessBlock'),
  run(call) {
    bucketOf(call).publicAccessBlock = undefined;
  },
};

export const publicAccessOperations: Operation[] = [
  getBucketPolicyStatus,
  putPublicAccessBlock,
  getPublicAccessBlock,
  deletePublicAccessBlock,
];
