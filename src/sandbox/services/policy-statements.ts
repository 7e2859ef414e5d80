/**
 * What IAM and S3 both refuse about the statements of a policy.
 */
import { operatorOf } from '../../policy/conditions.js';
import type { PolicyDocument, Statement } from '../../policy/document.js';

/**
 * A Sid that a document has twice: "the Sid value must be unique within a JSON policy".
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
 */
export function repeatedSid({ Statement: statements }: PolicyDocument): string | undefined {
  const sids = statements.flatMap(({ Sid }) => (Sid ? [Sid] : []));
  return sids.find((sid, index) => sids.indexOf(sid) !== index);
}

/** A condition operator that IAM does not have. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export function unknownOperator({ Condition = {} }: Statement): string | undefined {
  return Object.keys(Condition).find((operator) => operatorOf(operator) === undefined);
}
