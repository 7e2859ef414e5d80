/**
 * Whether the bucket is open to everybody: by what S3 itself says of it, its access control list, and our evaluator.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
import {
  GetBucketAclCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
} from '@aws-sdk/client-s3';
import { ifExists } from '../../../aws/errors.js';
import type { Scope, StackContext } from '../../../stack/scope.js';
import { type Check, ng, ok } from '../check.js';
import { ofAnybody } from './expectations.js';
import { type EvaluationContext, judge, type Subject } from './judge.js';

const close =
  'block public access to the bucket (aws s3api put-public-access-block), and take out of its policy or ACL what lets everybody in';

/** The groups that mean everybody. https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups */
const everybody = /\/global\/(AllUsers|AuthenticatedUsers)$/;

/**
 * What a request without credentials has no value of: it is nobody's of any account or organization, and no service's on anybody's behalf.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const ofSomebody = /^aws:(Principal(Org(ID|Paths)|Tag\/.*|ServiceName)|Source(Account|Arn|Org(ID|Paths)))$/i;

/** By the policy alone: it is known whatever else the operator may read. */
export function anybodyChecks(stack: StackContext, context: EvaluationContext): Check[] {
  const subject: Subject = {
    principal: { arn: 'anonymous' },
    policies: { identity: [] },
    unknown: 'met',
    lacks: ofSomebody,
  };
  return judge(ofAnybody(stack), subject, context);
}

/** @throws the SDK's errors. */
export async function publicChecks({ aws, names, identity }: Scope): Promise<Check[]> {
  const input = { Bucket: names.bucket, ExpectedBucketOwner: identity.account };
  const [status, blocked, acl] = await Promise.all([
    ifExists(aws.s3.send(new GetBucketPolicyStatusCommand(input))),
    ifExists(aws.s3.send(new GetPublicAccessBlockCommand(input))),
    aws.s3.send(new GetBucketAclCommand(input)),
  ]);
  const block: PublicAccessBlockConfiguration = { ...blocked?.PublicAccessBlockConfiguration };
  const open = (acl.Grants ?? []).filter(({ Grantee }) => everybody.test(String(Grantee?.URI)));
  return [
    status?.PolicyStatus?.IsPublic !== true || block.RestrictPublicBuckets
      ? ok('S3 says that its policy is not public')
      : ng('S3 says that its policy is not public', 'it says that it is public', close),
    open.length === 0 || block.IgnorePublicAcls
      ? ok('its access control list is not public')
      : ng(
          'its access control list is not public',
          `it grants ${open.map(({ Permission, Grantee }) => `${Permission} to ${Grantee?.URI?.split('/').at(-1)}`).join(', ')}`,
          close,
        ),
  ];
}
