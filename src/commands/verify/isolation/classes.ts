/**
 * The classes of principals, as the access analysis takes them: who they are, which policies apply, and what is known of their requests.
 */

import { OMNI_TAG, WALLET_TAG } from '../../../agentkeys/names.js';
import {
  type Fact,
  type PrincipalClass,
  type ResourcePolicy,
  sets,
  type Values,
} from '../../../policy/access/index.js';
import { accountInArn, nameInArn } from '../../../policy/arns.js';
import { type PolicyDocument, policyIfReadable } from '../../../policy/document.js';
import type { NamedPolicy } from '../../../policy/evaluate.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import type { StackContext } from '../../../stack/scope.js';

export const bucketPolicyName = 'the bucket policy';

/** The policies of the resources that are protected. */
export function resourcePolicies(
  { names }: StackContext,
  bucketPolicy: PolicyDocument | undefined,
  roles: BrokerRole[],
): ResourcePolicy[] {
  const { bucketArn } = names;
  const ofBucket = bucketPolicy && {
    name: bucketPolicyName,
    document: bucketPolicy,
    resources: [bucketArn, `${bucketArn}/*`],
  };
  const trusts = roles.flatMap(({ name, arn, trust }) => {
    // One that is no policy is reported by the check of the agents' trust policy.
    const document = policyIfReadable(trust);
    return document === undefined ? [] : [{ name: `the trust policy of ${name}`, document, resources: [arn] }];
  });
  return [...(ofBucket ? [ofBucket] : []), ...trusts];
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

const walletKey = `aws:principaltag/${WALLET_TAG}`;

/** Newer tokens have this tag beside the wallet: the actor's own ID, by which it has a folder too. */
const omniKey = `aws:principaltag/${OMNI_TAG}`;

/** An agent's session by its tags. */
export interface AgentCase {
  tagged: boolean;
  facts: FactEntries;
}

/**
 * The tags that sessions may have: any wallet, which is the same for all but those that a policy names; each of these; the tag absent; and
 * empty, which AWS may treat as either. The same of the second tag, where a policy refers to it.
 *
 * @param texts of all policies that apply.
 */
export function agentCases(policies: readonly PolicyDocument[]): AgentCase[] {
  const text = JSON.stringify(policies);
  const named = [...new Set([...(text.match(/0x[0-9a-f]{40}/gi) ?? []), ...comparedWith(policies, walletKey)])];
  const omnis = [...new Set([...(text.match(/\b[0-9a-f]{64}\b/gi) ?? []), ...comparedWith(policies, omniKey)])];
  const wallet = (fact: Fact): FactEntries => [[walletKey, fact]];
  const anyWallet: Fact = { own: sets.except(sets.anySegment, ...named) };
  const anyOmni: Fact = { own: sets.except(sets.anySegment, ...omnis) };
  if (!text.toLowerCase().includes(OMNI_TAG))
    return [
      { tagged: true, facts: wallet(anyWallet) },
      ...named.map((is) => ({ tagged: true, facts: wallet({ is }) })),
      { tagged: false, facts: wallet({ is: undefined }) },
      { tagged: false, facts: wallet({ is: '' }) },
    ];
  const pairs: Array<[wallet: Fact, omni: Fact]> = [
    ...[anyWallet, ...named.map((is) => ({ is }))].map((one): [Fact, Fact] => [one, anyOmni]),
    ...omnis.map((is): [Fact, Fact] => [anyWallet, { is }]),
    [anyWallet, { is: undefined }],
    [{ is: undefined }, anyOmni],
    [{ is: undefined }, { is: undefined }],
    [{ is: '' }, { is: '' }],
  ];
  return pairs.map(([one, omni]) => ({
    tagged: !('is' in one) || Boolean(one.is),
    facts: [...wallet(one), [omniKey, omni]],
  }));
}

/** The texts that conditions on a key spell out. */
function comparedWith(policies: readonly PolicyDocument[], key: string): string[] {
  return policies
    .flatMap(({ Statement }) =>
      Statement.flatMap(({ Condition = {} }) =>
        Object.entries(Condition).flatMap(([operator, tests]) =>
          /^(for\w+:)?string/i.test(operator)
            ? Object.entries(tests).flatMap(([name, values]) => (name.toLowerCase() === key ? values : []))
            : [],
        ),
      ),
    )
    .filter((text) => text !== '' && !/[*?/$]/.test(text));
}
