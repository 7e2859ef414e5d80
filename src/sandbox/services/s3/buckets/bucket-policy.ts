/**
 * S3: bucket policies, the checks before one is stored, and whether one is public.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
 */
import { listOf, type PolicyDocument, parsePolicy, type Statement } from '../../../../policy/document.js';
import { isPublicPolicy } from '../../../access/public-policy.js';
import type { AccountState } from '../../../account/state.js';
import { AwsRefusal, type Operation, RestAnswer } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { repeatedSid, unknownOperator } from '../../policy-statements.js';
import { bodyOf } from '../body.js';
import { bucketAccess, bucketArn, findBucket, type S3Call, xmlAnswer } from '../common.js';

const actions = (statement: Statement) => [...listOf(statement.Action), ...listOf(statement.NotAction)];

const resources = (statement: Statement) => [...listOf(statement.Resource), ...listOf(statement.NotResource)];

/** The condition keys that only listing knows. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const listingKeys = ['s3:prefix', 's3:delimiter', 's3:max-keys'];

function hasListingKey({ Condition = {} }: Statement): boolean {
  return Object.values(Condition).some((keys) =>
    Object.keys(keys).some((key) => listingKeys.includes(key.toLowerCase())),
  );
}

/** An action with a wildcard in it may be a listing one. */
function isListing(action: string): boolean {
  return action.includes('*') || /^s3:listbucket(versions)?$/i.test(action);
}

type Check = [message: string, fails: (statement: Statement, bucket: string) => boolean];

const checks: Check[] = [
  ['Missing required field Principal', (statement) => !('Principal' in statement || 'NotPrincipal' in statement)],
  ['Missing required field Resource', (statement) => resources(statement).length === 0],
  ['Policy has invalid action', (statement) => actions(statement).some((action) => !/^(\*|s3:.+)$/i.test(action))],
  [
    'Policy has invalid resource',
    (statement, bucket) => resources(statement).some((arn) => arn !== bucket && !arn.startsWith(`${bucket}/`)),
  ],
  ['Policy has an invalid condition operator', (statement) => unknownOperator(statement) !== undefined],
  [
    'Conditions do not apply to combination of actions and resources in statement',
    (statement) => hasListingKey(statement) && !actions(statement).every(isListing),
  ],
];

function parse(text: string): PolicyDocument {
  try {
    return parsePolicy(text);
  } catch (failed) {
    throw new AwsRefusal(
      'MalformedPolicy',
      `Policies must be valid JSON and the first byte must be '{'. (${String(failed)})`,
    );
  }
}

/** @returns the text to store. @throws {AwsRefusal} MalformedPolicy */
function checkedBucketPolicy(state: AccountState, bucket: string, text: string): string {
  const document = parse(text);
  const { Statement } = document;
  const arn = bucketArn(state, bucket);
  const failed = checks.find(([, fails]) => Statement.some((statement) => fails(statement, arn)));
  if (failed) throw new AwsRefusal('MalformedPolicy', failed[0]);
  // S3 takes Sids with any characters: its own examples have spaces in them.
  const sid = repeatedSid(document);
  if (sid !== undefined)
    throw new AwsRefusal('MalformedPolicy', `Policy has more than one statement with the Sid ${sid}`);
  return text;
}

/** What PutBucketPolicy says where public policies are blocked. https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html */
function publicPolicyRefusal({ state, caller, input }: S3Call): AwsRefusal {
  const action = `s3:PutBucketPolicy on resource: "${bucketArn(state, input.Bucket)}"`;
  const why = 'public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.';
  const message = `User: ${caller.principal.arn} is not authorized to perform: ${action} because ${why}`;
  return new AwsRefusal('AccessDenied', message, 403);
}

/** The error for a bucket without a policy. */
function noSuchBucketPolicy(bucket: string): AwsRefusal {
  return new AwsRefusal('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: bucket });
}

const path = '/{Bucket}';

const putBucketPolicy: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketPolicy',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'policy', status: 204 },
  access: bucketAccess('s3:PutBucketPolicy'),
  run(call) {
    const bucket = findBucket(call);
    const policy = checkedBucketPolicy(call.state, bucket.name, bodyOf(call.input).toString('utf8'));
    if (bucket.publicAccessBlock?.BlockPublicPolicy && isPublicPolicy(parsePolicy(policy))) {
      throw publicPolicyRefusal(call);
    }
    bucket.policy = policy;
  },
};

const getBucketPolicy: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketPolicy',
  mutates: false,
  route: { method: 'GET', path, subresource: 'policy' },
  access: bucketAccess('s3:GetBucketPolicy'),
  run(call) {
    const { name, policy } = findBucket(call);
    if (policy !== undefined) return new RestAnswer(200, { 'content-type': 'application/json' }, policy);
    throw noSuchBucketPolicy(name);
  },
};

const deleteBucketPolicy: Operation<S3Request> = {
  service: 's3',
  name: 'DeleteBucketPolicy',
  mutates: true,
  route: { method: 'DELETE', path, subresource: 'policy', status: 204 },
  access: bucketAccess('s3:DeleteBucketPolicy'),
  run(call) {
    findBucket(call).policy = undefined;
  },
};

const getBucketPolicyStatus: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketPolicyStatus',
  mutates: false,
  route: { method: 'GET', path, subresource: 'policyStatus' },
  access: bucketAccess('s3:GetBucketPolicyStatus'),
  run(call) {
    const { name, policy } = findBucket(call);
    if (policy === undefined) throw noSuchBucketPolicy(name);
    return xmlAnswer('PolicyStatus', { IsPublic: isPublicPolicy(parsePolicy(policy)) });
  },
};

export const bucketPolicyOperations: Operation[] = [
  putBucketPolicy,
  getBucketPolicy,
  deleteBucketPolicy,
  getBucketPolicyStatus,
];
