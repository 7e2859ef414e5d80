/**
 * `teardown --broker`: restores the saved grants exactly, then deletes this tool's own policies. While a grant can't be restored for lack
 * of room, these policies stay, and the next run continues from there.
 */

import type { Write } from '../../aws/writes.js';
import { nameInArn } from '../../policy/arns.js';
import { type PolicyDocument, parsePolicy } from '../../policy/document.js';
import { attention, difference, type Entry } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Scope } from '../scope.js';
import { isDetachable } from './broad-grants.js';
import { fitsAttached, type InlineTexts, inlineOverflow, inlineTexts, withInlineText } from './iam-quotas.js';
import { readsInboundTagOf } from './inbound-access.js';
import { isBrokerPolicy, isOwnPolicy } from './own-policies.js';
import { detachedTagKey } from './remove-grant.js';
import { type BrokerRole, recordsDetached, recordsNarrowed, type SavedPolicy } from './state.js';

const kind = 'broad grant';

export function restoreEntries(role: BrokerRole, scope: Scope): Entry[] {
  const deletions = deleteOwnPolicies(role, scope);
  const [detached, noSlot] = restoreDetached(role, scope);
  const [narrowed, noRoom] = restoreNarrowed(role, inlineTexts(role), scope);
  if (!noSlot && !noRoom) return [...detached, ...narrowed, ...deletions];
  // What doesn't fit beside this tool's own policies may fit without them.
  const [alone, stillNoRoom] = restoreNarrowed(role, withoutOwnPolicies(role), scope);
  if (!noSlot && !stillNoRoom) return [...detached, ...deletions, ...alone];
  const kept = deletions.map(({ resource, name }) => attention(resource, name, 'kept until everything is restored'));
  return [...detached, ...narrowed, ...kept];
}

/**
 * Anyone who may tag the role can set such a tag, so only the policies that this tool detaches are reattached.
 *
 * @returns the entries, and whether the role has too many policies attached for one of them
 */
function restoreDetached(role: BrokerRole, scope: Scope): [entries: Entry[], blocked: boolean] {
  const attached = role.policies.flatMap((policy) => (policy.kind === 'managed' ? [policy.arn] : []));
  const noted = Object.entries(role.tags).filter(([key]) => recordsDetached(key));
  let blocked = false;
  const entries = noted.map(([key, PolicyArn]): Entry => {
    const name = `${role.name}/${nameInArn(PolicyArn)}`;
    if (!isDetachable(PolicyArn, scope) || key !== detachedTagKey(PolicyArn, scope.names))
      return unrecognized(role, key);
    const reattached: Entry = {
      resource: kind,
      name,
      action: 'create',
      note: 'reattached',
      differences: [],
      destroys: `reattach ${PolicyArn} to ${role.name}`,
      writes: [untag(role, key)],
    };
    if (attached.includes(PolicyArn)) return reattached;
    if (!fitsAttached(attached)) {
      blocked = true;
      const many = `${attached.length} managed policies are attached, which is IAM's default quota`;
      return attention(kind, name, `not reattached: ${many}; detach one, or attach ${PolicyArn} yourself`);
    }
    attached.push(PolicyArn);
    const attach: Write = { call: 'iam:AttachRolePolicy', input: { RoleName: role.name, PolicyArn } };
    return { ...reattached, writes: [attach, ...reattached.writes] };
  });
  return [entries, blocked];
}

/**
 * @param inline the role's inline policies that they have to fit beside
 * @returns the entries, and whether one of them does not fit
 */
function restoreNarrowed(
  role: BrokerRole,
  inline: InlineTexts,
  { names }: Scope,
): [entries: Entry[], blocked: boolean] {
  const noted = Object.entries(role.tags).filter(([key]) => recordsNarrowed(key));
  let texts = inline;
  let blocked = false;
  const entries = noted.map(([key, arn]): Entry => {
    if (!arn.includes(`:policy${names.savedPolicyPath}`)) return unrecognized(role, key);
    const saved = role.saved.find((one) => one.arn === arn);
    // An earlier run stopped after tagging and before saving the document, or after restoring and deleting it.
    if (saved === undefined)
      return { ...restoration(role, arn), note: 'nothing left to restore', writes: [untag(role, key)] };
    const after = withInlineText(texts, saved.name, saved.text);
    const overflow = inlineOverflow(after);
    if (overflow !== undefined) {
      blocked = true;
      const why = `not restored: ${overflow}; make room, then run this again (it stays saved as ${arn})`;
      return attention(kind, `${role.name}/${saved.name}`, why);
    }
    texts = after;
    return restorePolicy(role, saved, key);
  });
  return [entries, blocked];
}

function restorePolicy(role: BrokerRole, saved: SavedPolicy, key: string): Entry {
  const have = role.policies.find(({ kind, name }) => kind === 'inline' && name === saved.name);
  const put: Write = {
    call: 'iam:PutRolePolicy',
    input: { RoleName: role.name, PolicyName: saved.name, PolicyDocument: saved.text },
  };
  return {
    ...restoration(role, saved.name),
    note: 'restored as saved',
    differences: statementDifferences('statement', have?.document, parsePolicy(saved.text)),
    destroys: `replace the policy ${saved.name} of ${role.name} with its saved document, from before it was narrowed`,
    writes: [
      ...(have?.text === saved.text ? [] : [put]),
      // The tag goes last: while it is there, the next run finds what is left to do.
      { call: 'iam:DeletePolicy', input: { PolicyArn: saved.arn } },
      untag(role, key),
    ],
  };
}

function unrecognized(role: BrokerRole, key: string): Entry {
  return attention(
    kind,
    role.name,
    `its tag ${key} names nothing that this tool removed, so nothing is restored for it`,
  );
}

function restoration(role: BrokerRole, name: string): Entry {
  return { resource: kind, name: `${role.name}/${name}`, action: 'update', differences: [], writes: [] };
}

function withoutOwnPolicies(role: BrokerRole): InlineTexts {
  return inlineTexts({ ...role, policies: role.policies.filter((policy) => !isOwnPolicy(policy)) });
}

/** The record of whether the broker reads `inbound/` goes with the policy, and last: the next deploy decides anew. */
function deleteOwnPolicies(role: BrokerRole, { names }: Scope): Entry[] {
  const readsInboundTag = readsInboundTagOf(names);
  const resource = 'broker policy';
  const { [readsInboundTag]: recorded } = role.tags;
  const tag = recorded === undefined ? [] : [difference(`tag ${readsInboundTag}`, recorded, undefined)];
  const forget = recorded === undefined ? [] : [untag(role, readsInboundTag)];
  const own = role.policies.filter(isOwnPolicy);
  const deletions = own.map((policy): Entry => {
    const { name, document } = policy;
    const statements = statementDifferences('statement', document, undefined);
    const entry = { resource, name: `${role.name}/${name}`, action: 'delete' as const };
    const call: Write = { call: 'iam:DeleteRolePolicy', input: { RoleName: role.name, PolicyName: name } };
    if (!isBrokerPolicy(policy)) return { ...entry, differences: statements, writes: [call] };
    return {
      ...entry,
      differences: [...statements, ...tag],
      destroys: `remove ${role.name}'s ${readingOf(document)}deny on routed mail`,
      writes: [call, ...forget],
    };
  });
  if (own.some(isBrokerPolicy) || recorded === undefined) return deletions;
  return [...deletions, { resource, name: role.name, action: 'update', differences: tag, writes: forget }];
}

function readingOf({ Statement }: PolicyDocument): string {
  const reads = Statement.some(({ Effect }) => Effect === 'Allow');
  return reads ? 'access to inbound/, which magic-link login needs, and its ' : '';
}

function untag(role: BrokerRole, key: string): Write {
  return { call: 'iam:UntagRole', input: { RoleName: role.name, TagKeys: [key] } };
}
