/**
 * `teardown --broker`: the saved grants first, exactly as they were, then our own policies go. While something has no room to be
 * given back, they stay: the next run goes on from there.
 */

import type { Write } from '../../aws/writes.js';
import { parsePolicy } from '../../policy/document.js';
import { attention, type Entry } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Scope } from '../scope.js';
import { isDetachable } from './broad-grants.js';
import { fitsAttached, type InlineTexts, inlineOverflow, inlineTexts, withInlineText } from './iam-quotas.js';
import { brokerPolicyName } from './policy.js';
import { detachedNote, retainedPolicyName, savedPolicyPath } from './remove-grant.js';
import { type BrokerRole, detachedTag, narrowedTag, type SavedPolicy } from './state.js';

const kind = 'broad grant';

export function restoreEntries(role: BrokerRole, scope: Scope): Entry[] {
  const ours = removeOurs(role);
  const [detached, noPlace] = restoreDetached(role, scope);
  const [narrowed, noRoom] = restoreNarrowed(role, inlineTexts(role));
  if (!noPlace && !noRoom) return [...detached, ...narrowed, ...ours];
  // What doesn't fit beside our own policies may fit without them.
  const [alone, stillNoRoom] = restoreNarrowed(role, withoutOurs(role));
  if (!noPlace && !stillNoRoom) return [...detached, ...ours, ...alone];
  const kept = ours.map(({ resource, name }) => attention(resource, name, 'kept until everything is given back'));
  return [...detached, ...narrowed, ...kept];
}

/**
 * A tag can be set by whoever may tag the role: only what this tool detaches is attached again on its word.
 * @returns the entries, and whether something has no place
 */
function restoreDetached(role: BrokerRole, scope: Scope): [entries: Entry[], blocked: boolean] {
  const attached = role.policies.flatMap((policy) => (policy.kind === 'managed' ? [policy.arn] : []));
  const noted = Object.entries(role.tags).filter(([key]) => key.startsWith(detachedTag));
  let blocked = false;
  const entries = noted.map(([key, PolicyArn]): Entry => {
    const name = `${role.name}/${PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1)}`;
    if (!isDetachable(PolicyArn, scope) || key !== detachedNote(PolicyArn)) return notOurs(role, key);
    const back: Entry = {
      resource: kind,
      name,
      action: 'create',
      note: 'attached again, as it was',
      differences: [],
      destroys: `attach ${PolicyArn} to ${role.name} again`,
      writes: [untag(role, key)],
    };
    if (attached.includes(PolicyArn)) return back;
    if (!fitsAttached(attached)) {
      blocked = true;
      const many = `${attached.length} managed policies are attached, and IAM allows no more unless your quota was raised`;
      return attention(kind, name, `not attached again: ${many}; detach one, or attach ${PolicyArn} yourself`);
    }
    attached.push(PolicyArn);
    const attach: Write = { call: 'iam:AttachRolePolicy', input: { RoleName: role.name, PolicyArn } };
    return { ...back, writes: [attach, ...back.writes] };
  });
  return [entries, blocked];
}

/**
 * @param inline the role's inline policies beside which they are put back
 * @returns the entries, and whether something has no room
 */
function restoreNarrowed(role: BrokerRole, inline: InlineTexts): [entries: Entry[], blocked: boolean] {
  const noted = Object.entries(role.tags).filter(([key]) => key.startsWith(narrowedTag));
  let texts = inline;
  let blocked = false;
  const entries = noted.map(([key, arn]): Entry => {
    if (!arn.includes(`:policy${savedPolicyPath}`)) return notOurs(role, key);
    const saved = role.saved.find((one) => one.arn === arn);
    // Stopped after the note was made and before the document was saved, or after it was put back and deleted.
    if (saved === undefined)
      return { ...restored(role, arn), note: 'nothing is left to be put back', writes: [untag(role, key)] };
    const after = withInlineText(texts, saved.name, saved.text);
    const overflow = inlineOverflow(after);
    if (overflow !== undefined) {
      blocked = true;
      const why = `not put back: ${overflow}; make room, then run this again (it stays saved as ${arn})`;
      return attention(kind, `${role.name}/${saved.name}`, why);
    }
    texts = after;
    return putBack(role, saved, key);
  });
  return [entries, blocked];
}

function putBack(role: BrokerRole, saved: SavedPolicy, key: string): Entry {
  const have = role.policies.find(({ kind, name }) => kind === 'inline' && name === saved.name);
  const put: Write = {
    call: 'iam:PutRolePolicy',
    input: { RoleName: role.name, PolicyName: saved.name, PolicyDocument: saved.text },
  };
  return {
    ...restored(role, saved.name),
    note: 'put back, as it was',
    differences: statementDifferences('statement', have?.document, parsePolicy(saved.text)),
    destroys: `replace the policy ${saved.name} of ${role.name} by what it was before it was narrowed`,
    writes: [
      ...(have?.text === saved.text ? [] : [put]),
      // The note goes last: stopped before that, the next run still finds what is left to do.
      { call: 'iam:DeletePolicy', input: { PolicyArn: saved.arn } },
      untag(role, key),
    ],
  };
}

function notOurs(role: BrokerRole, key: string): Entry {
  return attention(kind, role.name, `its tag ${key} names what this tool did not take: nothing is given back for it`);
}

function restored(role: BrokerRole, name: string): Entry {
  return { resource: kind, name: `${role.name}/${name}`, action: 'update', differences: [], writes: [] };
}

function isOurs({ kind, name }: BrokerRole['policies'][number]): boolean {
  return kind === 'inline' && (name === retainedPolicyName || name === brokerPolicyName);
}

function withoutOurs(role: BrokerRole): InlineTexts {
  return inlineTexts({ ...role, policies: role.policies.filter((policy) => !isOurs(policy)) });
}

function removeOurs(role: BrokerRole): Entry[] {
  return role.policies.filter(isOurs).map(({ name, document }) => ({
    resource: 'broker policy',
    name: `${role.name}/${name}`,
    action: 'delete',
    differences: statementDifferences('statement', document, undefined),
    ...(name === brokerPolicyName
      ? {
          destroys: `take from ${role.name} its right to read inbound/, which login by magic link needs, and its deny on routed mail`,
        }
      : {}),
    writes: [{ call: 'iam:DeleteRolePolicy', input: { RoleName: role.name, PolicyName: name } }],
  }));
}

function untag(role: BrokerRole, key: string): Write {
  return { call: 'iam:UntagRole', input: { RoleName: role.name, TagKeys: [key] } };
}
