/**
 * S3: the Object Lock configuration of a bucket. Objects are not locked.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, findBucket, xmlAnswer } from '../common.js';

const path = '/{Bucket}';
const subresource = 'object-lock';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html: only in a bucket with versioning. */
const putObjectLockConfiguration: Operation<S3Request> = {
  service: 's3',
  name: 'PutObjectLockConfiguration',
  mutates: true,
  route: { method: 'PUT', path, subresource },
  access: bucketAccess('s3:PutBucketObjectLockConfiguration'),
  run(call) {
    const bucket = findBucket(call);
    if (bucket.versioning !== 'Enabled') {
      const message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
      throw new AwsRefusal('InvalidBucketState', message, 409);
    }
    const [rule] = xmlList(xmlBody(call.input.body, 'ObjectLockConfiguration'), 'Rule');
    const [retention] = xmlList(rule, 'DefaultRetention');
    bucket.objectLock = {
      ...(retention && {
        retention: {
          Mode: String(xmlText(retention, 'Mode')),
          Days: xmlText(retention, 'Days'),
          Years: xmlText(retention, 'Years'),
        },
      }),
    };
  },
};

const getObjectLockConfiguration: Operation<S3Request> = {
  service: 's3',
  name: 'GetObjectLockConfiguration',
  mutates: false,
  route: { method: 'GET', path, subresource },
  access: bucketAccess('s3:GetBucketObjectLockConfiguration'),
  run(call) {
    const { name, objectLock } = findBucket(call);
    if (!objectLock) {
      const message = 'Object Lock configuration does not exist for this bucket';
      throw new AwsRefusal('ObjectLockConfigurationNotFoundError', message, 404, { BucketName: name });
    }
    const Rule = objectLock.retention && { DefaultRetention: objectLock.retention };
    return xmlAnswer('ObjectLockConfiguration', { ObjectLockEnabled: 'Enabled', Rule });
  },
};

export const objectLockConfigurationOperations: Operation[] = [putObjectLockConfiguration, getObjectLockConfiguration];
