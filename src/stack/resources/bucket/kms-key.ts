/**
 * The KMS key that the mail bucket encrypts with by default. The permissions that the function needs are in its role's policy. This tool
 * does not change the key policy and other roles: the plan shows what they need.
 */

import { INBOUND_PREFIX } from '../../../../handler/mail/address.js';
import { accountInArn } from '../../../policy/arns.js';
import type { Statement } from '../../../policy/document.js';
import { evaluate } from '../../../policy/evaluate.js';
import { attention, difference, type Entry } from '../../../reconcile/plan.js';
import { inboundAccess } from '../../broker/inbound-access.js';
import type { BrokerRole, BrokerState, SeenBucket } from '../../broker/state.js';
import type { StackContext } from '../../scope.js';

type Use = 'kms:Decrypt' | 'kms:GenerateDataKey';

/** A key, as policies name it. */
interface Key {
  /** The key's ARN, or for an alias the ARNs of all keys that may carry it. */
  arn: string;
  alias?: string;
  account: string;
}

/**
 * The key that needs permissions; undefined for AWS's own key for S3, whose fixed policy lets every principal of the account use it
 * through S3: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
 *
 * @param name as the bucket's default encryption has it: an ARN, an id, an alias or an alias's ARN; undefined where it names none.
 */
export function ownKey(name: string | undefined): string | undefined {
  return name !== undefined && /(?:^|:)alias\/aws\/s3$/.test(name) ? undefined : name;
}

function keyOf(name: string, { partition, region, account }: StackContext['identity']): Key {
  const resource = name.startsWith('alias/') ? name : `key/${name}`;
  const arn = name.startsWith('arn:') ? name : `arn:${partition}:kms:${region}:${account}:${resource}`;
  const [prefix = '', alias] = arn.split(/:(?=alias\/)/);
  const owner = accountInArn(arn);
  return alias === undefined ? { arn, account: owner } : { arn: `${prefix}:key/*`, alias, account: owner };
}

/**
 * Permission to use the key through S3 in this region only: to read a message S3 asks for kms:Decrypt, to write a
 * copy for kms:GenerateDataKey, with S3 Bucket Keys, two layers (DSSE-KMS) and multi-Region keys too.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function keyStatement(Sid: string, name: string, uses: Use | Use[], { identity }: StackContext): Statement {
  const { arn, alias } = keyOf(name, identity);
  const viaS3 = through(identity);
  return {
    Sid,
    Effect: 'Allow',
    Action: uses,
    Resource: arn,
    // A policy can't name a key by an alias as its resource, only by a condition.
    // https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    Condition: alias === undefined ? viaS3 : { ...viaS3, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } },
  };
}

/**
 * The service's name ends in `.amazonaws.com` in all partitions, China's too.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
function through({ region }: StackContext['identity']) {
  return { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } };
}

/** The plan's notes on the key: what its key policy must allow, and who else needs it. They have no calls. Pure. */
export function keyEntries(
  bucket: SeenBucket & { kmsKey?: string },
  broker: BrokerState,
  stack: StackContext,
): Entry[] {
  const { kmsKey } = bucket;
  if (kmsKey === undefined) return [];
  const { identity, names, settings } = stack;
  const key = keyOf(kmsKey, identity);
  const decrypt = keyStatement('DecryptMail', kmsKey, 'kms:Decrypt', stack);
  const reader = (resource: string, name: string, what: string) =>
    attention(
      resource,
      name,
      `${what} without kms:Decrypt on the bucket's key; where the role does not have it, allow it:`,
      [difference('statement', undefined, JSON.stringify(decrypt))],
    );
  const brokerName = broker.role?.name ?? settings.brokerInstanceProfile ?? settings.brokerRole;
  return [
    attention('bucket key', kmsKey, keyNote(key, stack), [
      difference('key policy', undefined, JSON.stringify(delegation(stack))),
    ]),
    reader('data role', names.dataRoleArn, 'agents, who assume it, can not read the mail that is routed to them'),
    ...(broker.role !== undefined && needsNothing(broker.role, bucket, key, stack)
      ? []
      : [reader('broker role', brokerName, 'the broker can not read the mail in inbound/')]),
  ];
}

/** Whether the broker does not read mail, or may decrypt it. */
function needsNothing(role: BrokerRole, bucket: SeenBucket, key: Key, stack: StackContext): boolean {
  return inboundAccess(role, bucket, stack).reads === false || mayDecrypt(role, key, stack);
}

function keyNote({ account, alias }: Key, { identity }: StackContext): string {
  const where = account === identity.account ? '' : ` (that is done in account ${account}, which it belongs to)`;
  const byAlias =
    alias === undefined
      ? ''
      : ' It is named by an alias, which KMS looks up in the account that stores an object: name it by its ARN.';
  return `the mail is encrypted with it.${byAlias} Its own policy, which is not read here, must leave it to the IAM policies of account ${identity.account} who may use it, as the default key policy does; where it does not${where}, add to it:`;
}

/**
 * Names the account, not the roles: a key policy that names a role stores the role's ID, so a role that is created again loses access. By
 * itself the statement grants nothing.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
 */
function delegation({ identity }: StackContext): Statement {
  return {
    Sid: 'IamPoliciesDecideThroughS3',
    Effect: 'Allow',
    Principal: { AWS: `arn:${identity.partition}:iam::${identity.account}:root` },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: '*',
    Condition: through(identity),
  };
}

/** Whether the role's policies let it decrypt what is under `inbound/`; false if that can't be decided. */
function mayDecrypt(
  { name, arn: roleArn, policies, boundary }: BrokerRole,
  { arn, alias }: Key,
  { identity, names }: StackContext,
): boolean {
  const { partition, account, region } = identity;
  const request = {
    principal: {
      arn: `arn:${partition}:sts::${account}:assumed-role/${name}/broker`,
      roleArn,
      account,
    },
    action: 'kms:Decrypt',
    resource: arn,
    // The key policy is the operator's to check: this is about the role's policies.
    resourceAccount: account,
    context: {
      'kms:ViaService': `s3.${region}.amazonaws.com`,
      'kms:CallerAccount': account,
      'kms:EncryptionContext:aws:s3:arn': `${names.bucketArn}/${INBOUND_PREFIX}message`,
      'aws:SecureTransport': 'true',
      ...(alias === undefined ? {} : { 'kms:ResourceAliases': [alias] }),
    },
  };
  try {
    return evaluate(request, { identity: policies, ...(boundary && { boundary }) }).allowed;
  } catch {
    // The evaluator does not support a condition operator.
    return false;
  }
}
