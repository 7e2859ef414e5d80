/**
 * AWS's own evaluator of identity policies, IAM's policy simulator.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
import { type EvaluationResult, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import { orderedJson } from '../stack/json.js';
import type { Scope } from '../stack/scope.js';

/** What a role is asked about. */
export interface Question {
  action: string;
  resource: string;
  /** Condition keys and their values. */
  context: Record<string, string>;
}

/**
 * Asks what a role's own policies and its permissions boundary allow. Nothing but the context that is given is known to the simulator.
 *
 * @returns an answer for each question, in their order; undefined where AWS gave none.
 * @throws the SDK's errors: AccessDenied, NoSuchEntity.
 */
export async function simulate(
  roleArn: string,
  questions: Question[],
  { aws }: Pick<Scope, 'aws'>,
): Promise<Array<boolean | undefined>> {
  const byContext = new Map<string, Question[]>();
  for (const question of questions) {
    const key = orderedJson(question.context);
    byContext.set(key, [...(byContext.get(key) ?? []), question]);
  }
  const answers = new Map<string, boolean>();
  const ask = async (context: string, same: Question[]) => {
    const entries = Object.entries<string>(JSON.parse(context));
    const input = {
      PolicySourceArn: roleArn,
      ActionNames: [...new Set(same.map(({ action }) => action))],
      ResourceArns: [...new Set(same.map(({ resource }) => resource))],
      ContextEntries: entries.map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyType: 'string' as const,
        ContextKeyValues: [value],
      })),
    };
    for await (const { EvaluationResults = [] } of paginateSimulatePrincipalPolicy({ client: aws.iam }, input))
      for (const { action, resource, decision } of EvaluationResults.flatMap(byResource))
        answers.set(orderedJson([action, resource, context]), decision === 'allowed');
  };
  await Promise.all([...byContext].map(([context, same]) => ask(context, same)));
  return questions.map(({ action, resource, context }) =>
    answers.get(orderedJson([action, resource, orderedJson(context)])),
  );
}

/** Where resources were named, what is said of the action itself is about none of them in particular. */
function byResource({
  EvalActionName,
  EvalResourceName,
  EvalDecision,
  ResourceSpecificResults = [],
}: EvaluationResult) {
  const own = [{ EvalResourceName, EvalResourceDecision: EvalDecision }];
  const results = ResourceSpecificResults.length > 0 ? ResourceSpecificResults : own;
  return results.map(({ EvalResourceName: resource, EvalResourceDecision: decision }) => ({
    action: EvalActionName,
    resource,
    decision,
  }));
}
