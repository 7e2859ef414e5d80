/**
 * S3: whether a bucket keeps versions.
 */
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, findBucket, xmlAnswer } from '../common.js';

const path = '/{Bucket}';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
const putBucketVersioning: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketVersioning',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'versioning' },
  access: bucketAccess('s3:PutBucketVersioning'),
  run(call) {
    const bucket = findBucket(call);
    const status = xmlText(xmlBody(call.input.body, 'VersioningConfiguration'), 'Status');
    if (status !== 'Enabled' && status !== 'Suspended') {
      throw new AwsRefusal('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
    }
    bucket.versioning = status;
  },
};

const getBucketVersioning: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketVersioning',
  mutates: false,
  route: { method: 'GET', path, subresource: 'versioning' },
  access: bucketAccess('s3:GetBucketVersioning'),
  run: (call) => xmlAnswer('VersioningConfiguration', { Status: findBucket(call).versioning }),
};

export const bucketVersioningOperations: Operation[] = [putBucketVersioning, getBucketVersioning];
