/**
 * Policy documents in IAM: the checks before one is stored, and how one is encoded in an answer.
 */
import { listOf, type PolicyDocument, parsePolicy, type Statement } from '../../../policy/document.js';
import { AwsRefusal } from '../../operation.js';
import { repeatedSid, unknownOperator } from '../policy-statements.js';

/** A document as IAM answers with it. https://www.rfc-editor.org/rfc/rfc3986 */
export function encodedDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

type Check = [message: string, found: (statement: Statement) => boolean];

const actions = (statement: Statement) => [...listOf(statement.Action), ...listOf(statement.NotAction)];

const resources = (statement: Statement) => [...listOf(statement.Resource), ...listOf(statement.NotResource)];

const vendorCheck: Check = [
  'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
  (statement) => actions(statement).some((action) => !/^(\*|[\w-]+:.+)$/.test(action)),
];

/** Of IAM's own policies. Others, S3's for instance, take any text. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
const sidCheck: Check = [
  'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
  ({ Sid = '' }) => !/^[0-9A-Za-z]*$/.test(Sid),
];

const operatorCheck: Check = [
  'Syntax errors in policy. (Invalid condition operator)',
  (statement) => unknownOperator(statement) !== undefined,
];

const identityChecks: Check[] = [
  [
    'Policy document should not specify a principal.',
    (statement) => 'Principal' in statement || 'NotPrincipal' in statement,
  ],
  ['Policy statement must contain resources.', (statement) => resources(statement).length === 0],
  [
    'Resource must be in ARN format or "*".',
    (statement) => resources(statement).some((arn) => !/^(\*|arn:.+:.+)$/.test(arn)),
  ],
  vendorCheck,
  sidCheck,
  operatorCheck,
];

const trustChecks: Check[] = [
  ['Has prohibited field Resource', (statement) => resources(statement).length > 0],
  ['Missing required field Principal', (statement) => !('Principal' in statement)],
  [
    'AssumeRole policy may only specify STS AssumeRole actions.',
    (statement) => actions(statement).some((action) => !/^(\*|sts:)/.test(action)),
  ],
  sidCheck,
  operatorCheck,
];

/**
 * Reads a policy document that a caller wants to store.
 * @param kind `identity`: inline and managed policies; `trust`: a role's trust policy
 * @throws {AwsRefusal} MalformedPolicyDocument
 */
export function readPolicy(text: string, kind: 'identity' | 'trust'): PolicyDocument {
  const document = parsed(text);
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html: at least one statement.
  if (document.Statement.length === 0) throw new AwsRefusal('MalformedPolicyDocument', 'Syntax errors in policy.');
  const faults = kind === 'trust' ? trustChecks : identityChecks;
  const fault = faults.find(([, found]) => document.Statement.some(found));
  if (fault) throw new AwsRefusal('MalformedPolicyDocument', fault[0]);
  if (repeatedSid(document) !== undefined) {
    throw new AwsRefusal('MalformedPolicyDocument', 'Statement IDs (SID) in a single policy must be unique.');
  }
  return document;
}

function parsed(text: string): PolicyDocument {
  try {
    return parsePolicy(text);
  } catch (fault) {
    throw new AwsRefusal('MalformedPolicyDocument', `Syntax errors in policy. (${String(fault)})`);
  }
}
