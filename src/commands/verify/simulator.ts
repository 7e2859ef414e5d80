/**
 * AWS's own evaluator of identity policies, IAM's policy simulator.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
import { type EvaluationResult, type IAMClient, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import { Limit } from '../../aws/limit.js';
import { orderedJson } from '../../stack/canonical-json.js';
import type { Scope } from '../../stack/scope.js';

/** A request to simulate. */
export interface Question {
  action: string;
  resource: string;
  /** Condition keys and their values. */
  context: Record<string, string>;
}

/** By client: several roles may be simulated at once. */
const limits = new WeakMap<IAMClient, Limit>();

function limitOf(client: IAMClient): Limit {
  const limit = limits.get(client) ?? new Limit(3);
  limits.set(client, limit);
  return limit;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const booleanKeys = new Set(['aws:SecureTransport', 'aws:PrincipalIsAWSService']);

/** The simulator's answer. `denied by the organization`: a service control policy denies it, whatever the role's policies say. */
export type Answer = 'allowed' | 'denied' | 'denied by the organization';

/**
 * Simulates requests against a role's own policies and its permissions boundary. The simulator knows only the given context.
 * Each call names one action: the simulator rejects some combinations of actions without saying which. At most three calls of a run are
 * made at a time, because IAM throttles the simulator at a few requests a second (reported: cloud-custodian/cloud-custodian#7641); what it
 * throttles all the same, the SDK repeats with back-off.
 *
 * @returns an answer for each question, in their order; undefined where AWS gave none.
 * @throws the SDK's errors: AccessDenied, NoSuchEntity.
 */
export async function simulate(
  roleArn: string,
  questions: Question[],
  { aws }: Pick<Scope, 'aws'>,
): Promise<Array<Answer | undefined>> {
  const calls = new Map<string, Question & { resources: Set<string> }>();
  for (const question of questions) {
    const key = orderedJson([question.action, question.context]);
    const call = calls.get(key) ?? { ...question, resources: new Set<string>() };
    call.resources.add(question.resource);
    calls.set(key, call);
  }
  const answers = new Map<string, Answer>();
  const ask = async ({ action, context, resources }: Question & { resources: Set<string> }) => {
    const entries = Object.entries(context);
    const input = {
      PolicySourceArn: roleArn,
      ActionNames: [action],
      ResourceArns: [...resources],
      ContextEntries: entries.map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyType: booleanKeys.has(ContextKeyName) ? ('boolean' as const) : ('string' as const),
        ContextKeyValues: [value],
      })),
    };
    for await (const { EvaluationResults = [] } of paginateSimulatePrincipalPolicy({ client: aws.iam }, input))
      for (const { resource, answer } of EvaluationResults.flatMap(byResource))
        answers.set(orderedJson([action, resource, context]), answer);
  };
  const limit = limitOf(aws.iam);
  await Promise.all([...calls.values()].map((call) => limit.run(() => ask(call))));
  return questions.map(({ action, resource, context }) => answers.get(orderedJson([action, resource, context])));
}

/**
 * If resources were named, the answer for the action as a whole counts for none of them, except for the organization's decision.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_OrganizationsDecisionDetail.html
 */
function byResource({
  EvalResourceName,
  EvalDecision,
  OrganizationsDecisionDetail,
  ResourceSpecificResults = [],
}: EvaluationResult): Array<{ resource: string | undefined; answer: Answer }> {
  const own = [{ EvalResourceName, EvalResourceDecision: EvalDecision }];
  const results = ResourceSpecificResults.length > 0 ? ResourceSpecificResults : own;
  const denied =
    OrganizationsDecisionDetail?.AllowedByOrganizations === false ? 'denied by the organization' : 'denied';
  return results.map(({ EvalResourceName: resource, EvalResourceDecision: decision }) => ({
    resource,
    answer: decision === 'allowed' ? 'allowed' : denied,
  }));
}
