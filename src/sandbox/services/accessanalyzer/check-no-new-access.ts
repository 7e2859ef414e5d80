/**
 * IAM Access Analyzer: whether a policy allows what a reference policy does not.
 * https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html
 *
 * AWS proves its answer by automated reasoning. Here both policies are evaluated on a finite set of requests, at the edges of all that
 * they say (boundary-requests.ts): a FAIL has such a request, a PASS only means that none of them is new access. It shares the evaluator
 * with `verify`, but not verify's analysis.
 */
import { createHash } from 'node:crypto';
import { listOf, type PolicyDocument, parsePolicy, type Statement } from '../../../policy/document.js';
import { evaluate, type NamedPolicy, UnknownConditionError } from '../../../policy/evaluate.js';
import type { AuthorizationRequest } from '../../../policy/request.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import { boundaryRequests, type PolicyKind } from './boundary-requests.js';

interface CheckNoNewAccessInput {
  existingPolicyDocument?: string;
  newPolicyDocument?: string;
  policyType?: string;
}

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidationException.html */
function validationFailure(name: string, message: string): AwsRefusal {
  const fields = { reason: 'fieldValidationFailed', fieldList: [{ name, message }] };
  return new AwsRefusal('ValidationException', `${name}: ${message}`, 400, fields);
}

type DocumentCheck = [fault: string, found: (statement: Statement) => boolean];

const hasPrincipal = (statement: Statement) => 'Principal' in statement || 'NotPrincipal' in statement;

/** The first text is reported (aws/aws-toolkit-vscode#5028); the others follow it. */
const checks: Record<PolicyKind, DocumentCheck[]> = {
  IDENTITY_POLICY: [
    ['Principal is a prohibited policy element.', hasPrincipal],
    ['Resource is a required policy element.', (one) => !('Resource' in one || 'NotResource' in one)],
  ],
  RESOURCE_POLICY: [['Principal is a required policy element.', (one) => !hasPrincipal(one)]],
};

function documentIn(
  input: CheckNoNewAccessInput,
  name: 'existingPolicyDocument' | 'newPolicyDocument',
  kind: PolicyKind,
) {
  const invalid = (why: string) =>
    new AwsRefusal('InvalidParameterException', `The policy in ${name} is invalid. ${why}`);
  const text = input[name];
  if (text === undefined) throw validationFailure(name, 'must not be null');
  let document: PolicyDocument;
  try {
    document = parsePolicy(text);
  } catch (fault) {
    throw invalid(`Syntax errors in policy. (${fault})`);
  }
  const fault = checks[kind].find(([, found]) => document.Statement.some(found));
  if (fault) throw invalid(fault[0]);
  const ids = document.Statement.flatMap(({ Sid }) => Sid ?? []);
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
  if (new Set(ids).size < ids.length) throw invalid('Statement IDs (SID) in a single policy must be unique.');
  if (kind === 'IDENTITY_POLICY' && ids.some((id) => !/^[A-Za-z0-9]*$/.test(id)))
    throw invalid('Statement IDs (SID) must be alpha-numeric.');
  return { ...document, Statement: document.Statement.map(withAccounts) };
}

/** A canonical user is another name of an account, which the evaluator does not know: here it is an account of its own. */
function withAccounts({ Principal, ...statement }: Statement): Statement {
  if (Principal === undefined || Principal === '*') return { ...statement, ...(Principal && { Principal }) };
  const { CanonicalUser, ...named } = Principal;
  const accounts = listOf(CanonicalUser).map((id) => accountOf(id));
  const AWS = [...listOf(named.AWS), ...accounts];
  return { ...statement, Principal: { ...named, ...(AWS.length > 0 && { AWS }) } };
}

/** Twelve digits for a canonical user's 64. */
function accountOf(canonicalUser: string): string {
  return BigInt(`0x${createHash('sha256').update(canonicalUser).digest('hex')}`)
    .toString()
    .slice(0, 12);
}

/** By a resource policy alone, as for a caller whose own policies allow everything. */
const allowAll: NamedPolicy = {
  name: 'everything',
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

function decide(request: AuthorizationRequest, document: PolicyDocument, kind: PolicyKind) {
  const policy = { name: 'policy', document };
  return evaluate(
    request,
    kind === 'IDENTITY_POLICY' ? { identity: [policy] } : { identity: [allowAll], resource: policy },
  );
}

/** The statements of the new policy that allow what the existing one does not, with their index from 0. */
function newAccess(existing: PolicyDocument, updated: PolicyDocument, kind: PolicyKind): number[] {
  const found = new Set<number>();
  for (const request of boundaryRequests(existing, updated, kind)) {
    const { allowed } = decide(request, updated, kind);
    if (!allowed || decide(request, existing, kind).allowed) continue;
    const granting = updated.Statement.findIndex(
      (one) => one.Effect === 'Allow' && decide(request, { ...updated, Statement: [one] }, kind).allowed,
    );
    found.add(granting);
  }
  return [...found].sort((a, b) => a - b);
}

const checkNoNewAccess: Operation<CheckNoNewAccessInput> = {
  service: 'accessanalyzer',
  name: 'CheckNoNewAccess',
  mutates: false,
  route: { method: 'POST', path: '/policy/check-no-new-access' },
  // It has no resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
  access: () => [{ action: 'access-analyzer:CheckNoNewAccess', resource: '*' }],
  run({ input }) {
    const { policyType: kind } = input;
    if (kind !== 'IDENTITY_POLICY' && kind !== 'RESOURCE_POLICY')
      throw validationFailure('policyType', 'must be IDENTITY_POLICY or RESOURCE_POLICY');
    const existing = documentIn(input, 'existingPolicyDocument', kind);
    const updated = documentIn(input, 'newPolicyDocument', kind);
    try {
      const found = newAccess(existing, updated, kind);
      if (found.length === 0)
        return {
          result: 'PASS',
          message: 'The modified permissions do not grant new access compared to your existing policy.',
          reasons: [],
        };
      return {
        result: 'FAIL',
        message: 'The modified permissions grant new access compared to your existing policy.',
        reasons: found.map((statementIndex) => reason(statementIndex, updated.Statement[statementIndex]?.Sid)),
      };
    } catch (failure) {
      throw failure instanceof UnknownConditionError
        ? new AwsRefusal('InvalidParameterException', `A policy is invalid. ${failure.message}`)
        : failure;
    }
  },
};

/** In AWS's words: https://docs.aws.amazon.com/cli/latest/reference/accessanalyzer/check-no-new-access.html */
function reason(statementIndex: number, statementId: string | undefined) {
  return statementId === undefined
    ? { description: `New access in the statement with index: ${statementIndex}.`, statementIndex }
    : { description: `New access in the statement with sid: ${statementId}.`, statementIndex, statementId };
}

export const checkNoNewAccessOperations: Operation[] = [checkNoNewAccess];
