/** The differences between two policies, statement by statement. */
import { describeStatement, diffStatements, type PolicyDocument } from '../policy/document.js';
import { type Difference, difference } from '../reconcile/plan.js';

export function statementDifferences(
  field: string,
  have: PolicyDocument | undefined,
  want: PolicyDocument | undefined,
): Difference[] {
  const { removed, added } = diffStatements(have ?? { Statement: [] }, want ?? { Statement: [] });
  return [
    ...removed.map((statement) => difference(field, describeStatement(statement), undefined)),
    ...added.map((statement) => difference(field, undefined, describeStatement(statement))),
  ];
}
