/**
 * S3: Block Public Access.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
import type { PublicAccessBlock } from '../../../account/state.js';
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, findBucket, xmlAnswer } from '../common.js';

const path = '/{Bucket}';

const subresource = 'publicAccessBlock';

/** What new buckets have. https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html */
export const allPublicAccessBlocked: PublicAccessBlock = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

const putPublicAccessBlock: Operation<S3Request> = {
  service: 's3',
  name: 'PutPublicAccessBlock',
  mutates: true,
  route: { method: 'PUT', path, subresource },
  access: bucketAccess('s3:PutBucketPublicAccessBlock'),
  run(call) {
    const bucket = findBucket(call);
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
  access: bucketAccess('s3:GetBucketPublicAccessBlock'),
  run(call) {
    const { name, publicAccessBlock } = findBucket(call);
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
  access: bucketAccess('s3:PutBucketPublicAccessBlock'),
  run(call) {
    findBucket(call).publicAccessBlock = undefined;
  },
};

export const publicAccessBlockOperations: Operation[] = [
  putPublicAccessBlock,
  getPublicAccessBlock,
  deletePublicAccessBlock,
];
