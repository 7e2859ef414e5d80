/**
 * S3: the tags of objects. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { findBucket, findObject, objectAccess, xmlAnswer } from '../common.js';

const path = '/{Bucket}/{Key+}';

const putObjectTagging: Operation<S3Request> = {
  service: 's3',
  name: 'PutObjectTagging',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'tagging' },
  access: objectAccess('s3:PutObjectTagging'),
  run(call) {
    const object = findObject(call, findBucket(call), call.input.Key);
    const [set] = xmlList(xmlBody(call.input.body, 'Tagging'), 'TagSet');
    const tags = xmlList(set, 'Tag');
    if (tags.length > 10) throw new AwsRefusal('BadRequest', 'Object tags cannot be greater than 10');
    object.tags = new Map(tags.map((tag) => [String(xmlText(tag, 'Key')), String(xmlText(tag, 'Value'))]));
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
