/**
 * A role's sessions, as the access analysis takes them: who they are, which policies apply, and what is known of their requests.
 */
import { type Fact, type PrincipalClass, type ResourcePolicy, sets, type Values } from '../../policy/access/index.js';
import { accountInArn, nameInArn } from '../../policy/arns.js';
import type { PolicyDocument } from '../../policy/document.js';
import type { NamedPolicy } from '../../policy/evaluate.js';
import type { StackContext } from '../scope.js';
import type { BrokerRole } from './state.js';

export const bucketPolicyName = 'the bucket policy';

export function ofBucketPolicy(document: PolicyDocument, bucketArn: string): ResourcePolicy {
  return { name: bucketPolicyName, document, resources: [bucketArn, `${bucketArn}/*`] };
}

/** A role by its name and account, whatever its path. */
export function sessionArn(roleArn: string, session: string): string {
  const [, partition, , , account] = roleArn.split(':');
  return `arn:${partition}:sts::${account}:assumed-role/${nameInArn(roleArn)}/${session}`;
}

/**
 * Keys that only AWS's services send, for a resource or an account that they act for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const ofServices = [
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:principalservicename',
  'aws:principalservicenameslist',
];

export type FactEntries = Array<[key: string, fact: Fact]>;

export const lacking = (keys: string[]): FactEntries => keys.map((key) => [key, { is: undefined }]);

/** A condition key that a request has, with one of some texts. */
export const oneOf = (texts: Values['texts']): Fact => ({
  among: { absent: false, several: false, texts },
});

/** The key may be missing, or have one of these values. */
export const orAbsent = (texts: Values['texts']): Fact => ({
  among: { absent: true, several: false, texts },
});

export const always: FactEntries = [
  [' session', oneOf(sets.anySession)],
  ['aws:securetransport', oneOf(sets.exactly('true', 'false'))],
];

/** What is known of the requests of callers that are no service. */
export const ofCallers: FactEntries = [['aws:principalisawsservice', { is: 'false' }], ...lacking(ofServices)];

/** What is known of the requests of a role's sessions. @param id the role's unique ID, if it is known */
function ofRole(arn: string, id: string | undefined): FactEntries {
  return [
    ...always,
    ...ofCallers,
    ['aws:principalarn', { is: arn }],
    ['aws:principalaccount', { is: accountInArn(arn) }],
    ['aws:principaltype', { is: 'AssumedRole' }],
    ...lacking(['aws:username']),
    ...(id === undefined ? [] : [['aws:userid', oneOf(sets.like(`${id}:*`))] as [string, Fact]]),
  ];
}

/** The sessions of a role. */
export function sessionsOf(
  role: Pick<BrokerRole, 'arn' | 'boundary' | 'id'> & { policies: NamedPolicy[] },
  resources: ResourcePolicy[],
  { identity }: StackContext,
  more: FactEntries = [],
): PrincipalClass {
  const { arn, id, policies, boundary } = role;
  const account = accountInArn(arn);
  return {
    principal: (session) => ({ arn: sessionArn(arn, session), roleArn: arn, account }),
    picksSession: true,
    facts: new Map([...ofRole(arn, id), ...more]),
    identity: policies,
    ...(boundary && { boundary }),
    resources,
    resourceAccount: identity.account,
  };
}
