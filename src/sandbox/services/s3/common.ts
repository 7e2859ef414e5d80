/**
 * What S3's operations share: finding the bucket and the object, and what a caller must be allowed to do to them.
 */
import { decide } from '../../authorize.js';
import { type Access, AwsRefusal, type OperationCall, RestAnswer } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';
import { xmlDocument } from '../../protocols/xml.js';
import type { Bucket, StoredObject, World } from '../../world.js';

export type S3Call = OperationCall<S3Request>;

export function bucketArn(world: World, bucket: string): string {
  return `arn:${world.partition}:s3:::${bucket}`;
}

export function objectArn(world: World, bucket: string, key: string): string {
  return `${bucketArn(world, bucket)}/${key}`;
}

/** An answer with an XML body. */
export function xmlAnswer(root: string, value: unknown, headers: Record<string, string> = {}): RestAnswer {
  const body = xmlDocument(`${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`, value, 'flat');
  return new RestAnswer(200, { 'content-type': 'application/xml', ...headers }, body);
}

/**
 * Sends a caller on who asks in one region for a bucket of another.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingRouting.html
 * @throws {AwsRefusal} PermanentRedirect
 */
export function regional({ world, input }: S3Call): void {
  const bucket = world.s3.buckets.get(input.Bucket);
  if (!bucket || input.region === undefined || input.region === bucket.region) return;
  throw new AwsRefusal(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    301,
    { Bucket: bucket.name, Endpoint: `s3.${bucket.region}.amazonaws.com` },
    { 'x-amz-bucket-region': bucket.region },
  );
}

/** The permission to do one thing to the request's bucket. */
export function onBucket(action: string) {
  return (call: S3Call): Access[] => {
    regional(call);
    return [{ action, resource: bucketArn(call.world, call.input.Bucket) }];
  };
}

/** The permission to do one thing to the request's object. */
export function onObject(action: string) {
  return (call: S3Call): Access[] => {
    regional(call);
    const { Bucket, Key } = call.input;
    const object = call.world.s3.buckets.get(Bucket)?.objects.get(Key);
    return [{ action, resource: objectArn(call.world, Bucket, Key), context: existingTags(object) }];
  };
}

/** The condition keys of an object that is there. */
export function existingTags(object: StoredObject | undefined): Record<string, string> {
  return Object.fromEntries([...(object?.tags ?? [])].map(([key, value]) => [`s3:ExistingObjectTag/${key}`, value]));
}

/**
 * The request's bucket, or another that it names.
 * @param owner the header that says whose bucket it must be
 * @throws {AwsRefusal} NoSuchBucket; AccessDenied when it is another account's than the caller expects
 */
export function bucketOf({ world, input }: S3Call, name = input.Bucket, owner = 'x-amz-expected-bucket-owner'): Bucket {
  const bucket = world.s3.buckets.get(name);
  if (!bucket) {
    throw new AwsRefusal('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  }
  if ((input.headers[owner] ?? bucket.owner) !== bucket.owner) {
    throw new AwsRefusal('AccessDenied', 'Access Denied', 403);
  }
  return bucket;
}

/**
 * An object. Who may not list the bucket does not learn that a key is missing.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 * @throws {AwsRefusal} NoSuchKey; AccessDenied instead for a caller without s3:ListBucket
 */
export function objectOf(call: S3Call, bucket: Bucket, key: string): StoredObject {
  const object = bucket.objects.get(key);
  if (object) return object;
  const { world, caller, sourceIp } = call;
  const list = { action: 's3:ListBucket', resource: bucketArn(world, bucket.name) };
  if (decide(world, caller, list, sourceIp).allowed) {
    throw new AwsRefusal('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
  }
  throw new AwsRefusal('AccessDenied', 'Access Denied', 403);
}

/** @throws {AwsRefusal} PreconditionFailed when the request wants a new object and there is one */
export function preconditions({ input }: S3Call, bucket: Bucket): void {
  if (input.headers['if-none-match'] !== '*' || !bucket.objects.has(input.Key)) return;
  throw new AwsRefusal('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: 'If-None-Match',
  });
}

/** The ARN of a KMS key named by its ARN or its id. */
export function keyArn(world: World, key: string | undefined): string | undefined {
  if (key === undefined || key.startsWith('arn:')) return key;
  return `arn:${world.partition}:kms:${world.region}:${world.account}:key/${key}`;
}

/** How a new object is encrypted: as the request says, or as the bucket does by default. */
export function encryptionFor({ world, input }: S3Call): StoredObject['encryption'] {
  const algorithm = input.headers['x-amz-server-side-encryption'];
  if (algorithm === undefined) return world.s3.buckets.get(input.Bucket)?.encryption;
  return { algorithm, keyArn: keyArn(world, input.headers['x-amz-server-side-encryption-aws-kms-key-id']) };
}

/**
 * What S3 needs of KMS on the caller's behalf. Without a key of the account's own it is AWS's key for S3, which
 * everybody in the account may use through S3.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function keyAccess(world: World, action: string, encryption: StoredObject['encryption']): Access[] {
  if (encryption?.keyArn === undefined) return [];
  const context = { 'kms:ViaService': `s3.${world.region}.amazonaws.com` };
  return [{ action, resource: encryption.keyArn, context }];
}

/** The headers that tell how an object is encrypted. */
export function encryptionHeaders(encryption: StoredObject['encryption']): Record<string, string> {
  if (!encryption) return {};
  const algorithm = { 'x-amz-server-side-encryption': encryption.algorithm };
  if (encryption.keyArn === undefined) return algorithm;
  return { ...algorithm, 'x-amz-server-side-encryption-aws-kms-key-id': encryption.keyArn };
}
