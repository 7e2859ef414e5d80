import { AwsRefusal, type Operation, RestAnswer } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, findBucket, xmlAnswer } from '../common.js';
import { KeyedMap } from '../key-order.js';
import { allPublicAccessBlocked } from './public-access-block.js';

const path = '/{Bucket}';

const createBucket: Operation<S3Request> = {
  service: 's3',
  name: 'CreateBucket',
  mutates: true,
  route: { method: 'PUT', path },
  access: bucketAccess('s3:CreateBucket'),
  run({ state, input }) {
    const { Bucket: name, body } = input;
    const constraint =
      body.length === 0 ? undefined : xmlText(xmlBody(body, 'CreateBucketConfiguration'), 'LocationConstraint');
    const region = constraint ?? 'us-east-1';
    if (region !== state.region) {
      const message = `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`;
      throw new AwsRefusal('IllegalLocationConstraintException', message);
    }
    const existing = state.s3.buckets.get(name);
    if (existing && existing.owner !== state.account) {
      throw new AwsRefusal('BucketAlreadyExists', 'The requested bucket name is not available.', 409, {
        BucketName: name,
      });
    }
    // "If you re-create an existing bucket that you already own in us-east-1, S3 returns 200 OK."
    if (existing && region !== 'us-east-1') {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new AwsRefusal('BucketAlreadyOwnedByYou', message, 409, { BucketName: name });
    }
    if (!existing) {
      state.s3.buckets.set(name, {
        name,
        owner: state.account,
        region,
        created: new Date(state.now()),
        publicAccessBlock: state.blockPublicAccess ? { ...allPublicAccessBlocked } : undefined,
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
  access: bucketAccess('s3:ListBucket'),
  run: (call) => new RestAnswer(200, { 'x-amz-bucket-region': findBucket(call).region }),
};

const getBucketLocation: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketLocation',
  mutates: false,
  route: { method: 'GET', path, subresource: 'location' },
  access: bucketAccess('s3:GetBucketLocation'),
  run(call) {
    const { region } = findBucket(call);
    // The oldest region's name is empty here.
    return xmlAnswer('LocationConstraint', region === 'us-east-1' ? '' : region);
  },
};

export const bucketOperations: Operation[] = [createBucket, headBucket, getBucketLocation];
