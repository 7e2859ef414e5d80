/**
 * Why AWS may find too much where this tool does not: Access Analyzer sees one document, a request meets all policies that apply to it.
 */
import { accountNamed, listOf, type PolicyDocument, principalsOf } from '../../../policy/document.js';
import { reaches } from '../../../policy/principals.js';
import { readRole } from '../../../stack/broker/read.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import type { Scope } from '../../../stack/scope.js';
import type { Origin } from './merge.js';

/** For the broker's own policies: its permissions boundary, or a Deny in the bucket policy. */
export function explainBrokerGrant(
  role: BrokerRole,
  bucketPolicy: PolicyDocument | undefined,
  { identity: { account } }: Scope,
): string | undefined {
  if (role.boundary !== undefined) return `the permissions boundary ${role.boundary.name} limits what they grant`;
  const principal = { arn: role.arn, roleArn: role.arn, account };
  const denies = bucketPolicy?.Statement.some((one) => one.Effect === 'Deny' && reaches(one, principal, false));
  return denies ? 'the bucket policy denies the broker requests that they allow' : undefined;
}

/** For statements of the bucket policy: it delegates to the account's own policies, or those of the role that it names deny more. */
export async function explainBucketGrant(beyond: Origin[], scope: Scope): Promise<string | undefined> {
  const principals = beyond.map(({ statement: { Principal } }) =>
    Object.entries(principalsOf(Principal)).flatMap(([type, named]) => listOf(named).map((value) => ({ type, value }))),
  );
  // A statement with NotPrincipal names none.
  if (principals.length === 0 || principals.some((named) => named.length === 0)) return undefined;
  const explanations = await Promise.all(
    principals.flat().map(({ type, value }) => (type === 'AWS' ? explainPrincipal(value, scope) : undefined)),
  );
  // Each of them has to be explained.
  return explanations.includes(undefined) ? undefined : [...new Set(explanations)].join('; ');
}

async function explainPrincipal(value: string, scope: Scope): Promise<string | undefined> {
  const { account } = scope.identity;
  if (accountNamed(value) === account)
    return "it delegates to this account's own policies, which are checked by themselves";
  const [, owner, name = ''] =
    /^arn:[\w-]+:(?:iam|sts)::(\d{12}):(?:role\/(?:.+\/)?|assumed-role\/)([^/]+)/.exec(value) ?? [];
  if (owner !== account) return undefined;
  const role = await readRole(name, scope).catch(() => undefined);
  if (role === undefined) return undefined;
  if (role.boundary !== undefined) return `the permissions boundary of ${name} limits what it grants`;
  const denying = role.policies.find(({ document }) => document.Statement.some(({ Effect }) => Effect === 'Deny'));
  return denying && `a Deny in ${name}'s policy ${denying.name} limits what it grants`;
}
