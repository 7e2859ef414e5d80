/**
 * `teardown --broker`: the saved grants first, exactly as they were, then our own policies go.
 */
import { parsePolicy } from '../../aws/policy/document.js';
import type { Write } from '../../aws/writes.js';
import { attention, type Entry } from '../../reconcile/plan.js';
import type { Scope } from '../scope.js';
import { statementDifferences } from '../statements.js';
import { detachedNote, isDetachable, retainedPolicyName, savedPolicyPath } from './grants.js';
import { brokerPolicyName } from './policy.js';
import { type BrokerRole, detachedTag, narrowedTag } from './state.js';

const title = 'broad grant';

export function restoreEntries(role: BrokerRole, scope: Scope): Entry[] {
  return [...restoreDetached(role, scope), ...restoreNarrowed(role), ...removeOurs(role)];
}

/** A tag can be set by whoever may tag the role: only what this tool detaches is attached again on its word. */
function restoreDetached(role: BrokerRole, scope: Scope): Entry[] {
  const noted = Object.entries(role.tags).filter(([key]) => key.startsWith(detachedTag));
  return noted.map(([key, PolicyArn]) => {
    const name = `${role.name}/${PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1)}`;
    if (!isDetachable(PolicyArn, scope) || key !== detachedNote(PolicyArn)) return notOurs(role, key);
    const attached = role.policies.some((policy) => policy.kind === 'managed' && policy.arn === PolicyArn);
    const attach: Write = { call: 'iam:AttachRolePolicy', input: { RoleName: role.name, PolicyArn } };
    return {
      resource: title,
      name,
      action: 'create',
      note: 'attached again, as it was',
      differences: [],
      destroys: `attach ${PolicyArn} to ${role.name} again`,
      writes: [...(attached ? [] : [attach]), untag(role, key)],
    };
  });
}

function restoreNarrowed(role: BrokerRole): Entry[] {
  const noted = Object.entries(role.tags).filter(([key]) => key.startsWith(narrowedTag));
  return noted.map(([key, arn]): Entry => {
    if (!arn.includes(`:policy${savedPolicyPath}`)) return notOurs(role, key);
    const saved = role.saved.find((one) => one.arn === arn);
    // Stopped after the note was made and before the document was saved, or after it was put back and deleted.
    if (saved === undefined)
      return { ...restored(role, arn), note: 'nothing is left to be put back', writes: [untag(role, key)] };
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
        { call: 'iam:DeletePolicy', input: { PolicyArn: arn } },
        untag(role, key),
      ],
    };
  });
}

function notOurs(role: BrokerRole, key: string): Entry {
  return attention(title, role.name, `its tag ${key} names what this tool did not take: nothing is given back for it`);
}

function restored(role: BrokerRole, name: string): Entry {
  return { resource: title, name: `${role.name}/${name}`, action: 'update', differences: [], writes: [] };
}

function removeOurs(role: BrokerRole): Entry[] {
  const ours = role.policies.filter(({ name }) => name === retainedPolicyName || name === brokerPolicyName);
  return ours.map(({ name, document }) => ({
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
