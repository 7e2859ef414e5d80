import type { Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, findBucket, xmlAnswer } from '../common.js';

const path = '/{Bucket}';

const putBucketEncryption: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketEncryption',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'encryption' },
  access: bucketAccess('s3:PutEncryptionConfiguration'),
  run(call) {
    const bucket = findBucket(call);
    const [rule] = xmlList(xmlBody(call.input.body, 'ServerSideEncryptionConfiguration'), 'Rule');
    const [byDefault] = xmlList(rule, 'ApplyServerSideEncryptionByDefault');
    bucket.encryption = {
      algorithm: String(xmlText(byDefault, 'SSEAlgorithm')),
      key: xmlText(byDefault, 'KMSMasterKeyID'),
      bucketKeyEnabled: xmlText(rule, 'BucketKeyEnabled') === 'true',
    };
  },
};

const getBucketEncryption: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketEncryption',
  mutates: false,
  route: { method: 'GET', path, subresource: 'encryption' },
  access: bucketAccess('s3:GetEncryptionConfiguration'),
  run(call) {
    const { algorithm, key, bucketKeyEnabled: BucketKeyEnabled = false } = findBucket(call).encryption;
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: algorithm, KMSMasterKeyID: key };
    return xmlAnswer('ServerSideEncryptionConfiguration', {
      Rule: [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled }],
    });
  },
};

export const bucketEncryptionOperations: Operation[] = [putBucketEncryption, getBucketEncryption];
