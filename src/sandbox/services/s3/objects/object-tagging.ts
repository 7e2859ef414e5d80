/**
 * S3: the tags of objects. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
import type { Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { bodyOf } from '../body.js';
import { findBucket, findObject, objectAccess, xmlAnswer } from '../common.js';
import { tagsInBody } from '../tags.js';

const path = '/{Bucket}/{Key+}';

const putObjectTagging: Operation<S3Request> = {
  service: 's3',
  name: 'PutObjectTagging',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'tagging' },
  access: objectAccess('s3:PutObjectTagging'),
  run(call) {
    const object = findObject(call, findBucket(call), call.input.Key);
    object.tags = tagsInBody(bodyOf(call.input));
  },
};

const getObjectTagging: Operation<S3Request> = {
  service: 's3',
  name: 'GetObjectTagging',
  mutates: false,
  route: { method: 'GET', path, subresource: 'tagging' },
  access: objectAccess('s3:GetObjectTagging'),
  run(call) {
    const { tags } = findObject(call, findBucket(call), call.input.Key);
    return xmlAnswer('Tagging', { TagSet: { Tag: [...tags].map(([Key, Value]) => ({ Key, Value })) } });
  },
};

export const objectTaggingOperations: Operation[] = [putObjectTagging, getObjectTagging];
