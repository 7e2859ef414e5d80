/**
 * Decides whether a caller has the permissions that an operation needs, by the policies that apply, and words a denial as AWS does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { type PolicyDocument, parsePolicy } from '../../policy/document.js';
import { type ApplicablePolicies, type Decision, evaluate, type NamedPolicy } from '../../policy/evaluate.js';
import type { AccountState, Bucket, Identity } from '../account/state.js';
import { type Access, AwsRefusal, type Caller, type ServiceName } from '../operation.js';
import { anonymous } from './callers.js';
import { isPublicPolicy } from './public-policy.js';

/** The default version of a managed policy; empty if there is none. */
function managed(state: AccountState, arn: string | undefined, name = String(arn)): NamedPolicy[] {
  const policy = state.iam.policies.get(String(arn));
  return policy ? [{ name, document: parsePolicy(String(policy.versions.get(policy.defaultVersion))) }] : [];
}

/** The policies of a role or user: inline ones by their name and attached ones by their ARN, and the permissions boundary. */
export function policiesOf(
  state: AccountState,
  { inline, attached, boundary }: Identity,
): Pick<ApplicablePolicies, 'identity' | 'boundary'> {
  return {
    identity: [
      ...[...inline].map(([name, policy]) => ({ name, document: parsePolicy(policy) })),
      ...[...attached].flatMap((arn) => managed(state, arn)),
    ],
    boundary: managed(state, boundary, 'permissions boundary')[0],
  };
}

/** The caller's own policies, and the session policy. */
function callerPolicies(state: AccountState, { identity, sessionPolicy }: Caller): ApplicablePolicies {
  const holder = identity && (identity.kind === 'user' ? state.iam.users : state.iam.roles).get(identity.name);
  const session = text(sessionPolicy);
  return {
    ...(holder ? policiesOf(state, holder) : { identity: [] }),
    session: session && { name: 'session policy', document: session },
  };
}

/** A resource's own policy, and the account that owns the resource. */
interface ResourceSide {
  account: string;
  document?: PolicyDocument;
}

/** The bucket of an access; undefined for CreateBucket. */
function bucketIn({ s3 }: AccountState, { action, resource }: Access): Bucket | undefined {
  const [, name = ''] = /^arn:[\w-]+:s3:::([^/]+)/.exec(resource) ?? [];
  return action === 's3:CreateBucket' ? undefined : s3.buckets.get(name);
}

/** The resource policy: of a bucket, a function, or a role (its trust policy). */
function resourceSide(state: AccountState, caller: Caller, access: Access): ResourceSide {
  const { action, resource } = access;
  const [, , service, , account] = resource.split(':');
  if (service === 's3') {
    // A bucket that does not exist has no owner: only the caller's own policies are evaluated, then S3 reports the missing bucket.
    const bucket = bucketIn(state, access);
    return { account: bucket?.owner ?? String(caller.principal.account), document: text(bucket?.policy) };
  }
  if (service === 'lambda') {
    const fn = state.lambda.functions.get(String(resource.split(':')[6]));
    return { account: String(account), document: fn && { Version: '2012-10-17', Statement: fn.policy } };
  }
  if (service === 'sqs') {
    const queue = state.sqs.queues.get(String(resource.split(':')[5]));
    return { account: String(account), document: text(queue?.attributes.get('Policy')) };
  }
  if (action.startsWith('sts:')) {
    const role = [...state.iam.roles.values()].find(({ arn }) => arn === resource);
    return { account: String(account), document: text(role?.trust) ?? { Statement: [] } };
  }
  // AWS's own managed policies (`arn:aws:iam::aws:policy/…`) can be read by every account.
  return { account: account === 'aws' || account === undefined || account === '' ? state.account : account };
}

function text(policy: string | undefined): PolicyDocument | undefined {
  return policy === undefined ? undefined : parsePolicy(policy);
}

/**
 * Whether RestrictPublicBuckets denies access: with a public policy, only the bucket's own account and AWS services have access. "Any denial
 * resulting from the RestrictPublicBuckets setting is explicit", and is attributed to the bucket policy.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
 */
function restricted(
  state: AccountState,
  { principal }: Caller,
  access: Access,
  policy: PolicyDocument | undefined,
): boolean {
  const bucket = bucketIn(state, access);
  if (!bucket?.publicAccessBlock?.RestrictPublicBuckets || policy === undefined) return false;
  const outsider = principal.service === undefined && principal.account !== bucket.owner;
  return outsider && isPublicPolicy(policy);
}

/** Global condition keys. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function contextOf(
  state: AccountState,
  caller: Caller,
  resourceAccount: string,
  sourceIp: string,
): Record<string, string> {
  const { principal, identity } = caller;
  return {
    'aws:PrincipalArn': principal.roleArn ?? principal.arn,
    'aws:userid': caller.userId,
    'aws:SourceIp': sourceIp,
    'aws:CurrentTime': new Date(state.now()).toISOString(),
    'aws:EpochTime': String(Math.floor(state.now() / 1000)),
    'aws:RequestedRegion': state.region,
    'aws:ResourceAccount': resourceAccount,
    // This port uses plain HTTP, but represents AWS's HTTPS endpoints. Bucket policies that deny unencrypted transport are common, and must
    // not deny these callers.
    'aws:SecureTransport': 'true',
    ...(principal.account === undefined ? {} : { 'aws:PrincipalAccount': principal.account }),
    ...(identity?.kind === 'user' ? { 'aws:username': identity.name } : {}),
    ...Object.fromEntries(Object.entries(caller.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}

/**
 * Decides one access.
 * @param sourceIp `aws:SourceIp`
 * @throws {UnknownConditionError} for a condition operator that the evaluator does not support
 */
export function decide(state: AccountState, caller: Caller, access: Access, sourceIp = '127.0.0.1'): Decision {
  const { account, document } = resourceSide(state, caller, access);
  if (restricted(state, caller, access, document)) {
    return { allowed: false, reason: 'explicit deny', policy: 'resource-based policy' };
  }
  const request = {
    principal: caller.principal,
    action: access.action,
    resource: access.resource,
    resourceAccount: account,
    context: { ...contextOf(state, caller, account, sourceIp), ...access.context },
  };
  const policies = {
    ...callerPolicies(state, caller),
    resource: document && { name: 'resource-based policy', document },
  };
  return evaluate(request, policies);
}

/** The kind of policy that denies, as AWS's messages name it. */
function kindOf(decision: Decision): string {
  const kinds = ['resource-based policy', 'permissions boundary', 'session policy'];
  return kinds.find((kind) => kind === decision.policy) ?? 'identity-based policy';
}

const lacking: Partial<Record<Decision['reason'], string>> = {
  'not within the permissions boundary': 'permissions boundary',
  'not within the session policy': 'session policy',
};

/** A denial in AWS's words. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denial(service: ServiceName, caller: Caller, access: Access, decision: Decision): AwsRefusal {
  const [code, status] = denied[service];
  if (caller === anonymous) return new AwsRefusal(code, 'Access Denied', status);
  const resource = service === 's3' ? `"${access.resource}"` : access.resource;
  // SQS has it in lower case: aws/serverless-application-model#3633.
  const action = service === 'sqs' ? access.action.toLowerCase() : access.action;
  const user = `User: ${caller.principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  return new AwsRefusal(code, `${user}${why(service, { ...access, action }, decision)}`, status);
}

function why(service: ServiceName, { action }: Access, decision: Decision): string {
  const kind = kindOf(decision);
  if (decision.reason === 'explicit deny') {
    return ` with an explicit deny in ${kind.startsWith('i') ? 'an' : 'a'} ${kind}`;
  }
  // The reason may be the role's trust policy: STS does not say.
  if (service === 'sts') return '';
  return ` because no ${lacking[decision.reason] ?? 'identity-based policy'} allows the ${action} action`;
}

const denied: Record<ServiceName, [code: string, status: number]> = {
  sts: ['AccessDenied', 403],
  iam: ['AccessDenied', 403],
  ses: ['AccessDenied', 403],
  cloudwatch: ['AccessDenied', 403],
  sqs: ['AccessDeniedException', 403],
  s3: ['AccessDenied', 403],
  lambda: ['AccessDeniedException', 403],
  accessanalyzer: ['AccessDeniedException', 403],
  mailmanager: ['AccessDeniedException', 400],
  events: ['AccessDeniedException', 400],
  logs: ['AccessDeniedException', 400],
};

/** Checks that the caller has all permissions. @throws {AwsRefusal} AccessDenied, in the service's wording */
export function authorize(
  state: AccountState,
  caller: Caller,
  service: ServiceName,
  accesses: Access[],
  sourceIp: string,
): void {
  for (const access of accesses) {
    const decision = decide(state, caller, access, sourceIp);
    if (!decision.allowed) throw denial(service, caller, access, decision);
  }
}
