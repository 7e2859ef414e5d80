/**
 * Checks the expectations against the policies: with our own evaluator, which includes the bucket policy, and with AWS's where it can answer.
 */
import { explain } from '../../../aws/errors.js';
import { describeStatement, type PolicyDocument } from '../../../policy/document.js';
import { type ApplicablePolicies, type Decision, evaluate, type NamedPolicy } from '../../../policy/evaluate.js';
import type { Principal } from '../../../policy/request.js';
import { withKnownConditions } from '../../../stack/resources/bucket/policy.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, fail, ok, skip } from '../check.js';
import { simulate } from '../simulator.js';
import type { Expectation, Request } from './expectations.js';

/** The principal, and its own policies. */
export interface Subject {
  principal: Principal;
  policies: Pick<ApplicablePolicies, 'identity' | 'boundary'>;
  /**
   * How conditions on unknown values (the source network, for example) are treated. `met`: an Allow is assumed to apply and a Deny
   * not to. `as they are`: for a principal whose requests are fully known.
   */
  unknown: 'met' | 'as they are';
}

/** What decides a subject's requests in addition to its own policies. */
export interface EvaluationContext {
  /** The bucket policy, if there is one. */
  bucketPolicy: PolicyDocument | undefined;
  account: string;
}

/** Each expectation as a check. */
export function judge(expectations: Expectation[], subject: Subject, context: EvaluationContext): Check[] {
  return expectations.map(({ name, requests, fix }) => {
    const faults = requests.flatMap((request) => faultOf(request, subject, context));
    return faults.length === 0 ? ok(name) : fail(name, faults.join('; '), fix);
  });
}

function faultOf(request: Request, subject: Subject, context: EvaluationContext): string[] {
  const what = `${request.action} on ${shortened(request)}`;
  try {
    const decision = decide(request, subject, context);
    return decision.allowed ? [] : [`${what} is denied${because(decision)}`];
  } catch (error) {
    // A condition operator that the evaluator does not know: unknown is not OK.
    return [`${what}: ${explain(error)}`];
  }
}

function shortened({ resource, context }: Request): string {
  const [, ...key] = resource.split('/');
  // Of a listing its prefix, of an object its key.
  const text = key.length === 0 ? String(context['s3:prefix']) : key.join('/');
  return text.replace(/0x([12])\1{39}/, '0x$1…');
}

function because({ policy, statement, reason }: Decision): string {
  if (policy === undefined || statement === undefined) return `: ${reason}`;
  return ` by ${policy}: ${describeStatement(statement)}`;
}

/** The context of every request, from any caller. */
function contextOf(request: Request): Record<string, string> {
  return { 'aws:SecureTransport': 'true', ...request.context };
}

function decide(
  request: Request,
  { principal, policies, unknown }: Subject,
  { bucketPolicy, account }: EvaluationContext,
): Decision {
  const known = ({ Statement, ...rest }: PolicyDocument) => ({
    ...rest,
    Statement: Statement.flatMap((statement) => withKnownConditions(statement)),
  });
  const seen = (policy: NamedPolicy): NamedPolicy =>
    unknown === 'met' ? { ...policy, document: known(policy.document) } : policy;
  return evaluate(
    { ...request, principal, resourceAccount: account, context: contextOf(request) },
    {
      identity: policies.identity.map(seen),
      ...(policies.boundary && { boundary: seen(policies.boundary) }),
      ...(bucketPolicy && { resource: seen({ name: 'the bucket policy', document: bucketPolicy }) }),
    },
  );
}

const agreement = "AWS's policy simulator agrees on its own policies";

/** Whether both evaluators agree about a role's own policies. */
export async function agree(compared: Request[], roleArn: string, subject: Subject, scope: Scope): Promise<Check> {
  const { account } = scope.identity;
  // The simulator has only the keys that it is given; our evaluator adds these.
  const always = {
    'aws:PrincipalArn': roleArn,
    'aws:PrincipalAccount': account,
    'aws:PrincipalIsAWSService': 'false',
    'aws:ResourceAccount': account,
  };
  const requests = compared
    // It is not documented whether the simulator accepts an empty value; if not, it would reject the whole call.
    .filter(({ context }) => !Object.values(context).includes(''))
    .map((request) => ({ ...request, context: { ...always, ...contextOf(request) } }));
  try {
    const theirs = await simulate(roleArn, requests, scope);
    const alone = { ...subject, unknown: 'as they are' as const };
    const differing = requests.filter((request, index) => {
      const ours = decide(request, alone, { bucketPolicy: undefined, account }).allowed;
      return theirs[index] !== 'denied by the organization' && theirs[index] !== (ours ? 'allowed' : 'denied');
    });
    // The simulator also denies by organization conditions that a real request would meet: https://github.com/aws/aws-sdk/issues/102
    const hidden = theirs.filter((answer) => answer === 'denied by the organization').length;
    if (differing.length === 0 && hidden > 0)
      return skip(
        agreement,
        `it denies ${hidden} of ${requests.length} requests because of the organization's service control policies, not the role's; it agrees on the others`,
      );
    if (differing.length === 0) return ok(agreement, `${requests.length} requests`);
    const where = differing.map((request) => `${request.action} on ${shortened(request)}`);
    return fail(
      agreement,
      `it disagrees on ${where.join('; ')}`,
      'run it again in a minute: IAM changes take a few seconds to propagate. If the disagreement persists, please report it.',
    );
  } catch (error) {
    // AWS did not answer, or our evaluator does not know a condition operator.
    return skip(agreement, `unknown: ${explain(error, scope.settings.endpointUrl)}`);
  }
}
