/**
 * Whether the bucket is public: by S3's own policy status and its access control list.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
import {
  GetBucketAclCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
} from '@aws-sdk/client-s3';
import { ifExists } from '../../../aws/errors.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, fail, ok } from '../check.js';

const close =
  'block public access to the bucket (aws s3api put-public-access-block), and remove public grants from its policy or ACL';

/** The groups that mean everybody. https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups */
const everybody = /\/global\/(AllUsers|AuthenticatedUsers)$/;

/** The account that CloudFront delivers its logs with. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html */
const logDelivery = 'c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0';

/** @throws the SDK's errors. */
export async function publicChecks({ aws, names, identity }: Scope): Promise<Check[]> {
  const input = { Bucket: names.bucket, ExpectedBucketOwner: identity.account };
  const [status, blocked, acl] = await Promise.all([
    ifExists(aws.s3.send(new GetBucketPolicyStatusCommand(input))),
    ifExists(aws.s3.send(new GetPublicAccessBlockCommand(input))),
    aws.s3.send(new GetBucketAclCommand(input)),
  ]);
  const block: PublicAccessBlockConfiguration = { ...blocked?.PublicAccessBlockConfiguration };
  const grants = acl.Grants ?? [];
  const known = [acl.Owner?.ID, logDelivery, undefined];
  const others = grants.filter(({ Grantee }) => !known.includes(Grantee?.ID));
  const open = grants.filter(({ Grantee }) => everybody.test(String(Grantee?.URI)));
  return [
    status?.PolicyStatus?.IsPublic !== true || block.RestrictPublicBuckets
      ? ok('S3 reports that its policy is not public')
      : fail('S3 reports that its policy is not public', 'S3 reports that it is public', close),
    open.length === 0 || block.IgnorePublicAcls
      ? ok('its access control list is not public')
      : fail(
          'its access control list is not public',
          `it grants ${open.map(({ Permission, Grantee }) => `${Permission} to ${Grantee?.URI?.split('/').at(-1)}`).join(', ')}`,
          close,
        ),
    others.length === 0
      ? ok('its access control list is for its owner only')
      : fail(
          'its access control list is for its owner only',
          `it grants ${others.map(({ Permission, Grantee }) => `${Permission} to ${Grantee?.ID}`).join(', ')}`,
          'disable access control lists (aws s3api put-bucket-ownership-controls, BucketOwnerEnforced), or remove the grants',
        ),
  ];
}
