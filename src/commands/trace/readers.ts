/**
 * Who can read a message and its copies, by the policies of roles and bucket. Only what they establish is claimed: where a condition on
 * something unknown decides, or a policy can't be read, the answer is unknown.
 */
import { explain, OperatorError } from '../../aws/errors.js';
import { accountInArn, nameInArn } from '../../policy/arns.js';
import { type PolicyDocument, parsePolicy } from '../../policy/document.js';
import { type Decision, evaluate, type NamedPolicy } from '../../policy/evaluate.js';
import { broker } from '../../stack/broker/broker.js';
import { readRole } from '../../stack/broker/read.js';
import { bucketPolicyName, sessionArn } from '../../stack/broker/sessions.js';
import type { BrokerRole } from '../../stack/broker/state.js';
import { readBucketPolicy, walletTag, withKnownConditions } from '../../stack/resources/bucket/policy.js';
import type { Scope } from '../../stack/scope.js';
import { type Attempt, attempt } from '../status/attempt.js';

/** Whether somebody can read an object. */
export interface Reader {
  /** `the broker (agentkeys-broker-host)`. */
  who: string;
  key: string;
  can: 'yes' | 'no' | 'unknown';
  because: string;
}

/** An object, and the wallet whose folder it is in; none for `inbound/`. */
export interface ReadableObject {
  key: string;
  wallet?: string;
}

/** Who is asked about: a role, and the tags of its session. */
interface Asked {
  who: string;
  role: Attempt<BrokerRole>;
  tags: Record<string, string>;
}

export async function readersOf(objects: ReadableObject[], scope: Scope): Promise<Reader[]> {
  if (objects.length === 0) return [];
  const { names, identity, settings } = scope;
  const dataRole = nameInArn(names.dataRoleArn);
  const [policy, brokerRole, data] = await Promise.all([
    attempt(bucketPolicy(scope), settings),
    attempt(readBroker(scope), settings),
    attempt(readDataRole(scope), settings),
  ]);
  const ofBroker: Asked = { who: `the broker (${settings.brokerRole})`, role: brokerRole, tags: {} };
  const askedAbout = ({ wallet }: ReadableObject): Asked[] =>
    wallet === undefined
      ? [ofBroker, { who: `an agent (${dataRole})`, role: data, tags: { [walletTag]: `0x${'0'.repeat(40)}` } }]
      : [{ who: `a session of the wallet (${dataRole})`, role: data, tags: { [walletTag]: wallet } }, ofBroker];
  return objects.flatMap((object) =>
    askedAbout(object).map(({ who, role, tags }): Reader => {
      const { key } = object;
      if ('unknown' in role) return { who, key, can: 'unknown', because: role.unknown };
      const request = {
        action: 's3:GetObject',
        resource: `${names.bucketArn}/${key}`,
        tags,
        account: identity.account,
      };
      return { who, key, ...answer(request, role.value, policy) };
    }),
  );
}

async function bucketPolicy(scope: Scope): Promise<PolicyDocument | undefined> {
  const { policy, policyDenied } = await readBucketPolicy(scope);
  if (policyDenied) throw new OperatorError('AWS denied s3:GetBucketPolicy on the bucket.');
  return policy === undefined ? undefined : parsePolicy(policy);
}

async function readBroker(scope: Scope): Promise<BrokerRole> {
  const state = await broker.read(scope);
  if (state.role === undefined) throw new OperatorError(`${state.why}.`);
  return state.role;
}

async function readDataRole(scope: Scope): Promise<BrokerRole> {
  const { dataRoleArn } = scope.names;
  if (accountInArn(dataRoleArn) !== scope.identity.account)
    throw new OperatorError('The role belongs to another account, whose policies are not read.');
  const role = await readRole(nameInArn(dataRoleArn), scope);
  if (role === undefined)
    throw new OperatorError(`There is no role ${nameInArn(dataRoleArn)}; name it with --data-role (DATA_ROLE_ARN).`);
  return role;
}

interface ReadRequest {
  action: string;
  resource: string;
  tags: Record<string, string>;
  account: string;
}

function answer(
  request: ReadRequest,
  role: BrokerRole,
  policy: Attempt<PolicyDocument | undefined>,
): Pick<Reader, 'can' | 'because'> {
  const resource = 'value' in policy ? policy.value : undefined;
  const hidden = [
    ...('unknown' in policy ? [policy.unknown] : []),
    ...(role.unreadable ?? []).map(({ why }) => why),
  ].join(' ');
  try {
    const [strict, lenient] = [false, true].map((known) => decide(request, role, resource, known)) as [
      Decision,
      Decision,
    ];
    const because = reasonOf(strict);
    // A Deny is final, whatever the policies that can't be read say.
    if (strict.reason === 'explicit deny' && lenient.reason === 'explicit deny') return { can: 'no', because };
    if (hidden !== '') return { can: 'unknown', because: hidden };
    if (strict.allowed !== lenient.allowed)
      return { can: 'unknown', because: `a condition decides that is not known here (${reasonOf(strict)})` };
    return { can: strict.allowed ? 'yes' : 'no', because };
  } catch (error) {
    // A condition operator that the evaluator does not know.
    return { can: 'unknown', because: explain(error) };
  }
}

/** @param known whether conditions on what is unknown count as met for an Allow, and are left out of a Deny. */
function decide(
  { tags, account, ...request }: ReadRequest,
  { arn, policies, boundary }: BrokerRole,
  resource: PolicyDocument | undefined,
  known: boolean,
): Decision {
  const seen = ({ name, document }: NamedPolicy): NamedPolicy =>
    known
      ? { name, document: { ...document, Statement: document.Statement.flatMap((one) => withKnownConditions(one)) } }
      : { name, document };
  const principal = { arn: sessionArn(arn, 'session'), roleArn: arn, account: accountInArn(arn) };
  return evaluate(
    { ...request, principal, resourceAccount: account, context: { 'aws:SecureTransport': 'true', ...tags } },
    {
      identity: policies.map(seen),
      ...(boundary && { boundary: seen(boundary) }),
      ...(resource && { resource: seen({ name: bucketPolicyName, document: resource }) }),
    },
  );
}

function reasonOf({ allowed, reason, policy }: Decision): string {
  if (policy === undefined) return reason;
  return `${allowed ? 'allowed' : 'denied'} by ${policy}`;
}
