/**
 * Asks AWS whether policies grant more than is permitted.
 * https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html
 */
import {
  AccessAnalyzerClient,
  type AccessCheckPolicyType,
  CheckNoNewAccessCommand,
} from '@aws-sdk/client-accessanalyzer';
import { explain, nameOf } from '../../../aws/errors.js';
import { type PolicyDocument, policySize, policyText } from '../../../policy/document.js';
import type { Scope } from '../../../stack/scope.js';
import { type MergedPolicies, type Origin, sidOf } from './merge.js';

/** AWS's answer: the statements that grant more than is permitted, and AWS's words; or why there is no answer. */
export type Answer =
  | { result: 'PASS'; note?: string }
  | { result: 'FAIL'; beyond: Origin[]; words: string[] }
  | { unknown: string };

/**
 * The SDK repeats throttled calls, with back-off. An answer that AWS does not give says nothing about the policies, so no failure is
 * thrown: no permission, no such service in the region or at the endpoint, a document that is too large.
 */
export async function askAccessAnalyzer(
  policyType: AccessCheckPolicyType,
  { document, origins }: MergedPolicies,
  permitted: PolicyDocument,
  { aws, settings, identity }: Scope,
): Promise<Answer> {
  const { endpointUrl } = settings;
  const input = {
    policyType,
    newPolicyDocument: policyText(document),
    existingPolicyDocument: policyText(permitted),
  };
  try {
    const { result, reasons = [] } = await aws.client(AccessAnalyzerClient).send(new CheckNoNewAccessCommand(input));
    if (result === 'PASS') return { result };
    // AWS names a statement by its index, its Sid, or both.
    const beyond = reasons.flatMap(({ statementIndex, statementId }) =>
      origins.filter((_, index) => index === statementIndex || sidOf(index) === statementId),
    );
    return { result: 'FAIL', beyond, words: reasons.map(({ description }) => String(description)) };
  } catch (error) {
    const explanation = explain(error, endpointUrl);
    const size = unsuitable.has(nameOf(error)) ? ` The policy is a document of ${policySize(document)} bytes.` : '';
    // A region without the service has no host of its name.
    const away = endpointUrl === undefined && explanation.includes('could not be reached');
    const missing = away ? ` It may not be available in ${identity.region}.` : '';
    return { unknown: `Access Analyzer gave no answer. ${explanation}${size}${missing}` };
  }
}

/** Errors about what was sent. */
const unsuitable = new Set(['InvalidParameterException', 'UnprocessableEntityException', 'ValidationException']);
