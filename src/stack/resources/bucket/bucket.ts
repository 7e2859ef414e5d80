/**
 * The mail bucket. Read-only; a problem here stops the run first.
 */
import { GetBucketEncryptionCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { firstFailure, ifExists, OperatorError, statusOf } from '../../../aws/errors.js';
import { unchanged } from '../../../reconcile/plan.js';
import type { BrokerState } from '../../broker/state.js';
import type { Resource } from '../../resource.js';
import type { ReadScope } from '../../scope.js';
import { keyEntries, ownKey } from './kms-key.js';
import { type BucketPolicyState, bucketPolicyEntries, readBucketPolicy } from './policy.js';

export interface BucketState extends BucketPolicyState {
  /** The KMS key that the bucket's default encryption names, in the same form (ARN, ID or alias); absent without SSE-KMS, and for AWS's own key. */
  kmsKey?: string;
}

/** What its plan depends on: the broker may need its key. */
interface BucketView {
  bucket: BucketState;
  broker: BrokerState;
}

export const bucket: Resource<BucketState, BucketView> = {
  async read(scope) {
    const [, encryption, policy] = await firstFailure([head(scope), readEncryption(scope), readBucketPolicy(scope)]);
    return { ...encryption, ...policy };
  },

  deploy: (observed, scope) => [
    unchanged('mail bucket', scope.names.bucket),
    ...bucketPolicyEntries(observed.bucket, scope),
    ...keyEntries(observed.bucket, observed.broker, scope),
  ],

  teardown: (_observed, { names }) => [
    unchanged('mail bucket', names.bucket, 'kept, with all mail: inbound/ and what was routed to bots/'),
  ],

  permissions: ({ names }) => [
    {
      for: 'read',
      actions: ['s3:ListBucket', 's3:GetEncryptionConfiguration', 's3:GetBucketPolicy'],
      resources: [names.bucketArn],
    },
  ],
};

/** Checks that the bucket exists in this region and this account. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
async function head(scope: ReadScope): Promise<void> {
  const { names, identity, aws } = scope;
  try {
    const answer = await aws.s3.send(
      new HeadBucketCommand({ Bucket: names.bucket, ExpectedBucketOwner: identity.account }),
    );
    refuseOtherRegion(answer.BucketRegion, scope);
  } catch (error) {
    const status = statusOf(error);
    if (status === 404)
      throw new OperatorError(
        `There is no bucket ${names.bucket}. Name the one that SES stores the mail in with --bucket (BUCKET).`,
      );
    if (status === 301 || status === 400) refuseOtherRegion(regionOf(error), scope);
    if (status === 403 && (await visibleWithoutOwner(scope)))
      throw new OperatorError(
        `The bucket ${names.bucket} does not belong to account ${identity.account}. Check --bucket (BUCKET) and --account (ACCOUNT_ID).`,
      );
    if (status === 403)
      throw new OperatorError(
        `AWS denied s3:ListBucket on ${names.bucketArn}: either ${identity.caller} lacks that permission, or the bucket belongs to another account. Check --bucket (BUCKET), --account (ACCOUNT_ID) and the caller's policy.`,
      );
    throw error;
  }
}

function refuseOtherRegion(region: string | undefined, { names, identity }: ReadScope): void {
  if (region !== undefined && region !== identity.region)
    throw new OperatorError(
      `The bucket ${names.bucket} is in ${region}, not in ${identity.region}; the function and the rule must be where the bucket is. Use --region ${region}.`,
    );
}

/** S3 returns the right region in a header; a HeadBucket response has no body. */
function regionOf(error: unknown): string | undefined {
  return (error as { $response?: { headers?: Record<string, string> } }).$response?.headers?.['x-amz-bucket-region'];
}

/** If HeadBucket succeeds without ExpectedBucketOwner, the owner mismatch caused the 403. */
async function visibleWithoutOwner({ aws, names }: ReadScope): Promise<boolean> {
  try {
    await aws.s3.send(new HeadBucketCommand({ Bucket: names.bucket }));
    return true;
  } catch {
    return false;
  }
}

async function readEncryption({ aws, names, identity }: ReadScope): Promise<BucketState> {
  const answer = await ifExists(
    aws.s3.send(new GetBucketEncryptionCommand({ Bucket: names.bucket, ExpectedBucketOwner: identity.account })),
  );
  const rule = answer?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  const kmsKey = ownKey(rule?.KMSMasterKeyID);
  return kmsKey === undefined ? {} : { kmsKey };
}
