/**
 * Holds what must be so against the policies: by our own evaluator, which knows the bucket's policy too, and by AWS's, where it can answer.
 */
import { explain } from '../../../aws/errors.js';
import { describeStatement, type PolicyDocument } from '../../../policy/document.js';
import { type ApplicablePolicies, type Decision, evaluate, type NamedPolicy } from '../../../policy/evaluate.js';
import type { Principal } from '../../../policy/request.js';
import { withKnownConditions } from '../../../stack/resources/bucket/policy.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, ng, ok, skip } from '../check.js';
import { simulate } from '../simulator.js';
import type { Expectation, Request } from './expectations.js';

/** Who asks, and the policies that are his own. */
export interface Subject {
  principal: Principal;
  policies: Pick<ApplicablePolicies, 'identity' | 'boundary'>;
  /**
   * How conditions on what is not known beforehand are taken (from which network a request comes, say): `met`, a grant is taken to be
   * given and a denial left out; `as they are`, for somebody of whom everything is known.
   */
  unknown: 'met' | 'as they are';
  /** Condition keys that he surely brings no value of. */
  lacks?: RegExp;
}

/** What a subject's requests are judged by beside his own policies. */
export interface EvaluationContext {
  /** The bucket's policy; absent where there is none. */
  bucketPolicy: PolicyDocument | undefined;
  account: string;
}

/** Each expectation as a check. */
export function judge(expectations: Expectation[], subject: Subject, context: EvaluationContext): Check[] {
  return expectations.map(({ name, allowed, requests, mend }) => {
    const faults = requests.flatMap((request) => faultOf(request, allowed, subject, context));
    return faults.length === 0 ? ok(name) : ng(name, faults.join('; '), mend);
  });
}

function faultOf(request: Request, allowed: boolean, subject: Subject, context: EvaluationContext): string[] {
  const what = `${request.action} on ${shortened(request)}`;
  try {
    const decision = decide(request, subject, context);
    if (decision.allowed === allowed) return [];
    return [`${what} is ${decision.allowed ? 'allowed' : 'denied'}${because(decision)}`];
  } catch (error) {
    // A condition operator that the evaluator does not know: what can't be told is no OK.
    return [`${what}: ${explain(error)}`];
  }
}

function shortened({ resource, context }: Request): string {
  const prefix = context['s3:prefix'];
  const key = resource
    .split('/')
    .slice(1)
    .join('/')
    .replace(/0x([12])\1{39}/, '0x$1…');
  if (key !== '') return key;
  if (prefix === '') return 'the whole bucket, by an empty prefix';
  return prefix === undefined ? 'the whole bucket' : prefix.replace(/0x([12])\1{39}/, '0x$1…');
}

function because({ policy, statement, reason }: Decision): string {
  if (policy === undefined || statement === undefined) return `: ${reason}`;
  return ` by ${policy}: ${describeStatement(statement)}`;
}

/** Everything a request brings with it whoever asks. */
function contextOf(request: Request): Record<string, string> {
  return { 'aws:SecureTransport': 'true', ...request.context };
}

function decide(
  request: Request,
  { principal, policies, unknown, lacks }: Subject,
  { bucketPolicy, account }: EvaluationContext,
): Decision {
  const known = ({ Statement, ...rest }: PolicyDocument) => ({
    ...rest,
    Statement: Statement.flatMap((statement) => withKnownConditions(statement, lacks)),
  });
  const seen = (policy: NamedPolicy): NamedPolicy =>
    unknown === 'met' ? { ...policy, document: known(policy.document) } : policy;
  return evaluate(
    { ...request, principal, resourceAccount: account, context: contextOf(request) },
    {
      identity: policies.identity.map(seen),
      ...(policies.boundary && { boundary: seen(policies.boundary) }),
      ...(bucketPolicy && { resource: seen({ name: "the bucket's policy", document: bucketPolicy }) }),
    },
  );
}

const agreement = "AWS's policy simulator says the same of its own policies";

/** Whether both evaluators, asked about a role's own policies alone, come to the same. */
export async function agree(
  expectations: Expectation[],
  roleArn: string,
  subject: Subject,
  scope: Scope,
): Promise<Check> {
  const { account } = scope.identity;
  // The simulator knows no key that it is not given; ours fills these in.
  const always = {
    'aws:PrincipalArn': roleArn,
    'aws:PrincipalAccount': account,
    'aws:PrincipalIsAWSService': 'false',
    'aws:ResourceAccount': account,
  };
  const requests = expectations
    .flatMap(({ requests }) => requests)
    // Whether the simulator takes an empty value is not documented: it would refuse the whole call.
    .filter(({ context }) => !Object.values(context).includes(''))
    .map((request) => ({ ...request, context: { ...always, ...contextOf(request) } }));
  try {
    const theirs = await simulate(roleArn, requests, scope);
    const alone = { ...subject, unknown: 'as they are' as const };
    const differing = requests.filter((request, index) => {
      const ours = decide(request, alone, { bucketPolicy: undefined, account }).allowed;
      return theirs[index] !== 'denied by the organization' && theirs[index] !== (ours ? 'allowed' : 'denied');
    });
    // The simulator also denies by conditions of the organization's that a real request meets: https://github.com/aws/aws-sdk/issues/102
    const hidden = theirs.filter((answer) => answer === 'denied by the organization').length;
    if (differing.length === 0 && hidden > 0)
      return skip(
        agreement,
        `on ${hidden} of ${requests.length} requests it goes by the organization's service control policies, which deny them, and not by the role's; on the others it says the same`,
      );
    if (differing.length === 0) return ok(agreement, `${requests.length} requests`);
    const told = differing.map((request) => `${request.action} on ${shortened(request)}`);
    return ng(
      agreement,
      `it differs on ${told.join('; ')}`,
      'run it again in a minute: IAM takes seconds until all of it knows of a change. If it stays so, please report it.',
    );
  } catch (error) {
    // AWS would not answer, or our own does not know a condition operator.
    return skip(agreement, `can't be told: ${explain(error, scope.settings.endpointUrl)}`);
  }
}
