import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, findBucket, xmlAnswer } from '../common.js';
import { canonicalId } from './bucket-acl.js';

const path = '/{Bucket}';

const ownerships = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html */
const putBucketOwnershipControls: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketOwnershipControls',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'ownershipControls' },
  access: bucketAccess('s3:PutBucketOwnershipControls'),
  run(call) {
    const bucket = findBucket(call);
    const [rule] = xmlList(xmlBody(call.input.body, 'OwnershipControls'), 'Rule');
    const ownership = String(xmlText(rule, 'ObjectOwnership'));
    if (!ownerships.includes(ownership)) {
      throw new AwsRefusal('MalformedXML', `There is no object ownership ${ownership}.`);
    }
    const others = (bucket.grants ?? []).some(({ grantee }) => grantee !== canonicalId(bucket.owner));
    if (ownership === 'BucketOwnerEnforced' && others) {
      const message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
      throw new AwsRefusal('InvalidBucketAclWithObjectOwnership', message);
    }
    bucket.objectOwnership = ownership;
  },
};

const getBucketOwnershipControls: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketOwnershipControls',
  mutates: false,
  route: { method: 'GET', path, subresource: 'ownershipControls' },
  access: bucketAccess('s3:GetBucketOwnershipControls'),
  run(call) {
    const { name, objectOwnership: ObjectOwnership } = findBucket(call);
    if (ObjectOwnership !== undefined) return xmlAnswer('OwnershipControls', { Rule: [{ ObjectOwnership }] });
    const message = 'The bucket ownership controls were not found';
    throw new AwsRefusal('OwnershipControlsNotFoundError', message, 404, { BucketName: name });
  },
};

export const bucketOwnershipControlsOperations: Operation[] = [putBucketOwnershipControls, getBucketOwnershipControls];
