/**
 * The policies of the resources that are protected, and the sessions of agents by their tags.
 */

import { OMNI_TAG, WALLET_TAG } from '../../../agentkeys/names.js';
import { type Fact, type ResourcePolicy, sets } from '../../../policy/access/index.js';
import { type PolicyDocument, policyIfReadable } from '../../../policy/document.js';
import { type FactEntries, ofBucketPolicy } from '../../../stack/broker/sessions.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import type { StackContext } from '../../../stack/scope.js';

/** The policies of the resources that are protected. */
export function resourcePolicies(
  { names }: StackContext,
  bucketPolicy: PolicyDocument | undefined,
  roles: BrokerRole[],
): ResourcePolicy[] {
  const ofBucket = bucketPolicy && ofBucketPolicy(bucketPolicy, names.bucketArn);
  const trusts = roles.flatMap(({ name, arn, trust }) => {
    // One that is no policy is reported by the check of the agents' trust policy.
    const document = policyIfReadable(trust);
    return document === undefined ? [] : [{ name: `the trust policy of ${name}`, document, resources: [arn] }];
  });
  return [...(ofBucket ? [ofBucket] : []), ...trusts];
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
