/**
 * S3's buckets: their making, place, policy, default encryption and versioning.
 */
import { parsePolicy } from '../../../policy/document.js';
import { isPublicPolicy } from '../../access/public-policy.js';
import { AwsRefusal, type Operation, RestAnswer } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';
import { xmlBody, xmlList, xmlText } from '../../protocols/xml.js';
import { validBucketPolicy } from './bucket-policy.js';
import { bucketOf, noPolicy, onBucket, xmlAnswer } from './common.js';
import { KeyedMap } from './key-order.js';
import { blockedPolicy, wholeBlock } from './public-access.js';

const path = '/{Bucket}';

const createBucket: Operation<S3Request> = {
  service: 's3',
  name: 'CreateBucket',
  mutates: true,
  route: { method: 'PUT', path },
  access: onBucket('s3:CreateBucket'),
  run({ state, input }) {
    const { Bucket: name, body } = input;
    const constraint =
      body.length === 0 ? undefined : xmlText(xmlBody(body, 'CreateBucketConfiguration'), 'LocationConstraint');
    const region = constraint ?? 'us-east-1';
    if (region !== state.region) {
      const message = `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`;
      throw new AwsRefusal('IllegalLocationConstraintException', message);
    }
    const there = state.s3.buckets.get(name);
    if (there && there.owner !== state.account) {
      throw new AwsRefusal('BucketAlreadyExists', 'The requested bucket name is not available.', 409, {
        BucketName: name,
      });
    }
    // "If you re-create an existing bucket that you already own in us-east-1, S3 returns 200 OK."
    if (there && region !== 'us-east-1') {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new AwsRefusal('BucketAlreadyOwnedByYou', message, 409, { BucketName: name });
    }
    if (!there) {
      state.s3.buckets.set(name, {
        name,
        owner: state.account,
        region,
        created: new Date(state.now()),
        publicAccessBlock: state.blockPublicAccess ? { ...wholeBlock } : undefined,
        objectOwnership: input.headers['x-amz-object-ownership'] ?? 'BucketOwnerEnforced',
        encryption: { algorithm: 'AES256' },
        notification: {},
        objects: new KeyedMap(),
      });
    }
    return new RestAnswer(200, { location: `/${name}` });
  },
};

const headBucket: Operation<S3Request> = {
  service: 's3',
  name: 'HeadBucket',
  mutates: false,
  route: { method: 'HEAD', path },
  access: onBucket('s3:ListBucket'),
  run: (call) => new RestAnswer(200, { 'x-amz-bucket-region': bucketOf(call).region }),
};

const getBucketLocation: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketLocation',
  mutates: false,
  route: { method: 'GET', path, subresource: 'location' },
  access: onBucket('s3:GetBucketLocation'),
  run(call) {
    const { region } = bucketOf(call);
    // The oldest region's name is empty here.
    return xmlAnswer('LocationConstraint', region === 'us-east-1' ? '' : region);
  },
};

const putBucketPolicy: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketPolicy',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'policy', status: 204 },
  access: onBucket('s3:PutBucketPolicy'),
  run(call) {
    const bucket = bucketOf(call);
    const policy = validBucketPolicy(call.state, bucket.name, call.input.body.toString('utf8'));
    if (bucket.publicAccessBlock?.BlockPublicPolicy && isPublicPolicy(parsePolicy(policy))) {
      throw blockedPolicy(call);
    }
    bucket.policy = policy;
  },
};

const getBucketPolicy: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketPolicy',
  mutates: false,
  route: { method: 'GET', path, subresource: 'policy' },
  access: onBucket('s3:GetBucketPolicy'),
  run(call) {
    const { name, policy } = bucketOf(call);
    if (policy !== undefined) return new RestAnswer(200, { 'content-type': 'application/json' }, policy);
    throw noPolicy(name);
  },
};

const deleteBucketPolicy: Operation<S3Request> = {
  service: 's3',
  name: 'DeleteBucketPolicy',
  mutates: true,
  route: { method: 'DELETE', path, subresource: 'policy', status: 204 },
  access: onBucket('s3:DeleteBucketPolicy'),
  run(call) {
    bucketOf(call).policy = undefined;
  },
};

const putBucketEncryption: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketEncryption',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'encryption' },
  access: onBucket('s3:PutEncryptionConfiguration'),
  run(call) {
    const bucket = bucketOf(call);
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
  access: onBucket('s3:GetEncryptionConfiguration'),
  run(call) {
    const { algorithm, key, bucketKeyEnabled: BucketKeyEnabled = false } = bucketOf(call).encryption;
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: algorithm, KMSMasterKeyID: key };
    return xmlAnswer('ServerSideEncryptionConfiguration', {
      Rule: [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled }],
    });
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
const putBucketVersioning: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketVersioning',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'versioning' },
  access: onBucket('s3:PutBucketVersioning'),
  run(call) {
    const bucket = bucketOf(call);
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
  access: onBucket('s3:GetBucketVersioning'),
  run: (call) => xmlAnswer('VersioningConfiguration', { Status: bucketOf(call).versioning }),
};

export const bucketOperations: Operation[] = [
  createBucket,
  headBucket,
  getBucketLocation,
  putBucketPolicy,
  getBucketPolicy,
  deleteBucketPolicy,
  putBucketEncryption,
  getBucketEncryption,
  putBucketVersioning,
  getBucketVersioning,
];
