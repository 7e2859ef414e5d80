/**
 * Encryption at rest: the key, the KMS permissions that the caller needs for it, and the headers of an answer.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 *
 * The embedded AWS has no KMS and no key policies: every key delegates to the callers' own policies, as the default key policy does. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
import { createHash } from 'node:crypto';
import type { AccountState, Encryption } from '../../account/state.js';
import type { Access } from '../../operation.js';
import { bucketArn, objectArn, type S3Call } from './common.js';

/** How a new object is encrypted: as the request says, or as the bucket does by default. */
export function encryptionFor({ state, input }: S3Call): Encryption | undefined {
  const algorithm = input.headers['x-amz-server-side-encryption'];
  if (algorithm === undefined) return state.s3.buckets.get(input.Bucket)?.encryption;
  return { algorithm, key: input.headers['x-amz-server-side-encryption-aws-kms-key-id'] };
}

/** A key and its known aliases. Each alias has its own key, whose id is derived from the alias. */
interface KmsKey {
  arn: string;
  aliases: string[];
}

/**
 * The key with this name: an ARN, an id, an alias or an alias's ARN.
 * @returns undefined for AWS's own key for S3, which everybody in the account may use through S3, by its key policy. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
 */
function keyOf({ partition, region, account }: AccountState, name: string | undefined): KmsKey | undefined {
  if (name === undefined) return undefined;
  const resource = name.startsWith('alias/') ? name : `key/${name}`;
  const arn = name.startsWith('arn:') ? name : `arn:${partition}:kms:${region}:${account}:${resource}`;
  const [prefix = '', alias] = arn.split(/:(?=alias\/)/);
  if (alias === undefined) return { arn, aliases: [] };
  if (alias === 'alias/aws/s3') return undefined;
  return { arn: `${prefix}:key/${createHash('sha256').update(alias).digest('hex').slice(0, 32)}`, aliases: [alias] };
}

/**
 * The KMS permissions that the caller needs to read or write an object.
 * The service's name ends in `.amazonaws.com` in all partitions, and with an S3 Bucket Key the context is the bucket's ARN.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function kmsAccess(
  state: AccountState,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  encryption: Encryption | undefined,
  bucket: string,
  object: string,
): Access[] {
  const key = keyOf(state, encryption?.key);
  if (key === undefined) return [];
  const context = {
    'kms:ViaService': `s3.${state.region}.amazonaws.com`,
    'kms:CallerAccount': state.account,
    'kms:ResourceAliases': key.aliases,
    'kms:EncryptionContext:aws:s3:arn': encryption?.bucketKeyEnabled
      ? bucketArn(state, bucket)
      : objectArn(state, bucket, object),
  };
  return [{ action, resource: key.arn, context }];
}

/** The headers that describe how an object is encrypted. */
export function encryptionHeaders(state: AccountState, encryption: Encryption | undefined): Record<string, string> {
  if (!encryption) return {};
  const key = keyOf(state, encryption.key);
  return {
    'x-amz-server-side-encryption': encryption.algorithm,
    ...(key && { 'x-amz-server-side-encryption-aws-kms-key-id': key.arn }),
    ...(encryption.bucketKeyEnabled && { 'x-amz-server-side-encryption-bucket-key-enabled': 'true' }),
  };
}
