/**
 * S3: bucket ACLs. They are stored and returned, but grant nothing here: only policies do.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 */
import { createHash } from 'node:crypto';
import type { Bucket, Grant } from '../../../account/state.js';
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { type XmlValue, xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, findBucket, xmlAnswer } from '../common.js';

const path = '/{Bucket}';

/** An account's canonical user id: 64 hexadecimal digits, here derived from the account id. */
export function canonicalId(account: string): string {
  return createHash('sha256').update(account).digest('hex');
}

const group = (name: string) => `http://acs.amazonaws.com/groups/global/${name}`;

const everyone = group('AllUsers');

/** Of any account. */
const authenticated = group('AuthenticatedUsers');

/** "Amazon S3 considers a bucket … ACL public if it grants any permissions to members of" these groups. */
function isPublic({ grantee }: Grant): boolean {
  return grantee === everyone || grantee === authenticated;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
const cannedAcls: Record<string, Grant[]> = {
  private: [],
  'public-read': [{ grantee: everyone, permission: 'READ' }],
  'public-read-write': [
    { grantee: everyone, permission: 'READ' },
    { grantee: everyone, permission: 'WRITE' },
  ],
  'authenticated-read': [{ grantee: authenticated, permission: 'READ' }],
};

function ownerGrant({ owner }: Bucket): Grant[] {
  return [{ grantee: canonicalId(owner), permission: 'FULL_CONTROL' }];
}

const malformed = (message: string): AwsRefusal => new AwsRefusal('MalformedACLError', message);

/** @throws {AwsRefusal} MalformedACLError for a grantee that is neither an id nor a group */
function readGrant(grant: XmlValue): Grant {
  const [grantee] = xmlList(grant, 'Grantee');
  const id = xmlText(grantee, 'ID') ?? xmlText(grantee, 'URI');
  if (id !== undefined) return { grantee: id, permission: String(xmlText(grant, 'Permission')) };
  throw malformed('The embedded AWS supports only grantees with an ID or a URI.');
}

/** The list that a request names, in its body or as one of S3's own. @throws {AwsRefusal} */
function grantsIn({ headers, body }: S3Request, bucket: Bucket): Grant[] {
  const name = headers['x-amz-acl'];
  if (name !== undefined) {
    const grants = cannedAcls[name];
    if (grants) return [...ownerGrant(bucket), ...grants];
    throw new AwsRefusal('InvalidArgument', `The embedded AWS does not support the canned ACL ${name}.`);
  }
  if (Object.keys(headers).some((header) => header.startsWith('x-amz-grant-'))) {
    throw new AwsRefusal('NotImplemented', 'The embedded AWS does not support grants in headers.', 501);
  }
  const [list] = xmlList(xmlBody(body, 'AccessControlPolicy'), 'AccessControlList');
  return xmlList(list, 'Grant').map(readGrant);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html */
const putBucketAcl: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketAcl',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'acl' },
  access: bucketAccess('s3:PutBucketAcl'),
  run(call) {
    const bucket = findBucket(call);
    if (bucket.objectOwnership === 'BucketOwnerEnforced') {
      throw new AwsRefusal('AccessControlListNotSupported', 'The bucket does not allow ACLs');
    }
    const grants = grantsIn(call.input, bucket);
    if (bucket.publicAccessBlock?.BlockPublicAcls && grants.some(isPublic)) {
      throw new AwsRefusal('AccessDenied', 'Access Denied', 403);
    }
    bucket.grants = grants;
  },
};

/** A grantee in XML. An attribute has its kind. */
function grantElement({ grantee, permission }: Grant) {
  const [type, element] = grantee.startsWith('http') ? ['Group', 'URI'] : ['CanonicalUser', 'ID'];
  const opening = `Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}"`;
  return { [opening]: { [String(element)]: grantee }, Permission: permission };
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html
 * Where public lists are ignored, the answer "reflects the access permissions that Amazon S3 is enforcing".
 */
const getBucketAcl: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketAcl',
  mutates: false,
  route: { method: 'GET', path, subresource: 'acl' },
  access: bucketAccess('s3:GetBucketAcl'),
  run(call) {
    const bucket = findBucket(call);
    const grants = bucket.grants ?? ownerGrant(bucket);
    const inForce = bucket.publicAccessBlock?.IgnorePublicAcls ? grants.filter((grant) => !isPublic(grant)) : grants;
    return xmlAnswer('AccessControlPolicy', {
      Owner: { ID: canonicalId(bucket.owner) },
      AccessControlList: { Grant: inForce.map(grantElement) },
    });
  },
};

export const bucketAclOperations: Operation[] = [putBucketAcl, getBucketAcl];
