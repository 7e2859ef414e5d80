/**
 * What S3 asks of a bucket policy before it takes it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
 */
import { listOf, type PolicyDocument, parsePolicy, type Statement } from '../../../policy/document.js';
import type { AccountState } from '../../account/state.js';
import { AwsRefusal } from '../../operation.js';
import { bucketArn } from './common.js';

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

type Fault = [message: string, found: (statement: Statement, bucket: string) => boolean];

const faults: Fault[] = [
  ['Missing required field Principal', (statement) => !('Principal' in statement || 'NotPrincipal' in statement)],
  ['Missing required field Resource', (statement) => resources(statement).length === 0],
  ['Policy has invalid action', (statement) => actions(statement).some((action) => !/^(\*|s3:.+)$/i.test(action))],
  [
    'Policy has invalid resource',
    (statement, bucket) => resources(statement).some((arn) => arn !== bucket && !arn.startsWith(`${bucket}/`)),
  ],
  [
    'Conditions do not apply to combination of actions and resources in statement',
    (statement) => hasListingKey(statement) && !actions(statement).every(isListing),
  ],
];

function parsed(text: string): PolicyDocument {
  try {
    return parsePolicy(text);
  } catch (fault) {
    throw new AwsRefusal(
      'MalformedPolicy',
      `Policies must be valid JSON and the first byte must be '{'. (${String(fault)})`,
    );
  }
}

/** @returns the text, as it is kept. @throws {AwsRefusal} MalformedPolicy */
export function validBucketPolicy(state: AccountState, bucket: string, text: string): string {
  const { Statement } = parsed(text);
  const arn = bucketArn(state, bucket);
  const fault = faults.find(([, found]) => Statement.some((statement) => found(statement, arn)));
  if (fault) throw new AwsRefusal('MalformedPolicy', fault[0]);
  return text;
}
