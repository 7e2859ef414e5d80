/**
 * IAM has no conditional writes. So each write's preconditions are re-read immediately before it, and again after a write that removes a
 * grant or the tag that records it: a run on another machine may have come in between. If a grant was removed that no tag records any
 * more, it is restored and this run ends: two runs with opposite goals can't both continue.
 */
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { OperatorError } from '../../aws/errors.js';
import { NotYet, until } from '../../aws/waits.js';
import { send, type Write } from '../../aws/writes.js';
import { canonical, parsePolicy } from '../../policy/document.js';
import { attachedPolicies } from '../role-policies.js';
import type { Scope } from '../scope.js';
import { tagList, tagRecord } from '../tags.js';
import { readsInboundTagOf } from './inbound-access.js';
import { isOwnPolicy } from './own-policies.js';
import { inlineText, readSaved } from './read.js';
import { detachedTagKey, narrowedTagKey } from './remove-grant.js';
import { type BrokerRole, isRecord, recordsDetached } from './state.js';

/** The role has changed since it was read. It has the name of AWS's own error for that. */
class BrokerRoleChanged extends Error {
  override readonly name = 'ConcurrentModificationException';
}

/**
 * How long IAM may take to return what was just written, milliseconds. Until then, a read without it proves nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
const propagationTime = 15_000;

/**
 * Checks the preconditions of a write.
 *
 * @throws a race when the inline policy to be changed is not as planned, the saved policy to be deleted has not been restored, or the decision
 * on `inbound/` rests on tags that have changed
 */
export async function checkBefore(write: Write, scope: Scope, role: BrokerRole): Promise<void> {
  const { brokerPolicyName, retainedPolicyName } = scope.names;
  const readsInboundTag = readsInboundTagOf(scope.names);
  // A role that was read while another run removed its grants may have seemed to have none, and no record of them.
  if (write.call === 'iam:TagRole' && write.input.Tags?.some(({ Key }) => Key === readsInboundTag)) {
    const tags = await tagsOf(role.name, scope);
    if (ownTags(tags) !== ownTags(role.tags)) throw changed('the tags', role);
  }
  if (write.call === 'iam:PutRolePolicy' || write.call === 'iam:DeleteRolePolicy') {
    const { PolicyName = '' } = write.input;
    const planned = role.policies.find(({ kind, name }) => kind === 'inline' && name === PolicyName);
    const text = await inlineText(role.name, PolicyName, scope);
    // The retained policy grows with each policy that a run detaches, and must not lose a statement.
    const grows = write.call === 'iam:PutRolePolicy' && PolicyName === retainedPolicyName;
    if (text !== planned?.text && !(grows && isWithin(text, write.input.PolicyDocument)))
      throw changed(`the policy ${PolicyName}`, role);
    // Without its record, the Deny alone would count as a policy of an earlier version, which always let the broker read.
    if (
      PolicyName === brokerPolicyName &&
      write.call === 'iam:PutRolePolicy' &&
      isDenyAlone(write.input.PolicyDocument)
    ) {
      const { [readsInboundTag]: recorded } = await tagsOf(role.name, scope);
      if (recorded !== 'false') throw changed('the tags', role);
    }
  }
  if (write.call === 'iam:DeletePolicy') {
    const saved = role.saved.find(({ arn }) => arn === write.input.PolicyArn);
    if (saved !== undefined && (await inlineText(role.name, saved.name, scope)) !== saved.text)
      throw changed(`the policy ${saved.name}`, role);
  }
}

/** Whether a policy allows nothing. */
function isDenyAlone(text = ''): boolean {
  return parsePolicy(text).Statement.every(({ Effect }) => Effect === 'Deny');
}

/** Whether another policy has each of a policy's statements. */
function isWithin(text = '{"Statement":[]}', other = ''): boolean {
  const statements = parsePolicy(other).Statement.map(canonical);
  return parsePolicy(text).Statement.every((statement) => statements.includes(canonical(statement)));
}

/**
 * Checks the result of a write.
 *
 * @throws OperatorError when another run interfered, after repairing what would have been lost
 */
export async function checkAfter(write: Write, scope: Scope, role: BrokerRole): Promise<void> {
  const { clock } = scope;
  const end = clock.now() + propagationTime;
  const { repair } = await until({ ...scope, deadline: 2 * propagationTime }, async () => {
    const due = await repairFor(write, scope, role);
    const settled = due === undefined || clock.now() >= end;
    return settled ? { repair: due } : new NotYet(`IAM to return the latest tags and policies of ${role.name}`);
  });
  if (repair === undefined) return;
  await send(scope.aws, repair);
  throw new OperatorError(
    `Another run is restoring the grants of ${role.name} that this run removes, or the other way round. The last call was undone with ${repair.call}, so nothing is lost. Run this again after the other run has ended.`,
  );
}

/** The call that undoes a write; undefined when the write was right. */
async function repairFor(write: Write, scope: Scope, role: BrokerRole): Promise<Write | undefined> {
  const RoleName = role.name;
  const { retainedPolicyName } = scope.names;
  switch (write.call) {
    case 'iam:DetachRolePolicy': {
      const { PolicyArn = '' } = write.input;
      const [tags, retained] = await Promise.all([
        tagsOf(RoleName, scope),
        inlineText(RoleName, retainedPolicyName, scope),
      ]);
      const kept = tags[detachedTagKey(PolicyArn, scope.names)] === PolicyArn && retained !== undefined;
      return kept ? undefined : { call: 'iam:AttachRolePolicy', input: { RoleName, PolicyArn } };
    }
    case 'iam:PutRolePolicy':
    case 'iam:DeleteRolePolicy': {
      const { PolicyName = '' } = write.input;
      const before = role.policies.find(({ kind, name }) => kind === 'inline' && name === PolicyName);
      if (write.call === 'iam:DeleteRolePolicy' && PolicyName === retainedPolicyName && before !== undefined) {
        const needed = await hasDetached(RoleName, scope);
        return needed
          ? { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName, PolicyDocument: before.text } }
          : undefined;
      }
      const saved = role.saved.find(({ name }) => name === PolicyName)?.text;
      const restores = write.call === 'iam:PutRolePolicy' && write.input.PolicyDocument === saved;
      if (before === undefined || restores || isOwnPolicy({ kind: 'inline', name: PolicyName })) return undefined;
      const { [narrowedTagKey(PolicyName, scope.names)]: arn } = await tagsOf(RoleName, scope);
      if (arn !== undefined && (await readSaved(arn, RoleName, scope)) !== undefined) return undefined;
      return { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName, PolicyDocument: saved ?? before.text } };
    }
    case 'iam:DeletePolicy': {
      const deleted = role.saved.filter(({ arn }) => arn === write.input.PolicyArn);
      // Another run narrowed it again, relying on the copy that was just deleted: only this run still has the text.
      for (const { name: PolicyName, text } of deleted)
        if ((await inlineText(RoleName, PolicyName, scope)) !== text)
          return { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName, PolicyDocument: text } };
      return undefined;
    }
    case 'iam:UntagRole': {
      const { TagKeys: [key = ''] = [] } = write.input;
      const { [key]: arn = '' } = role.tags;
      const attached = async () => (await attachedPolicies(scope.aws.iam, RoleName)).map((one) => one.PolicyArn);
      const stillRemoved = recordsDetached(key)
        ? !(await attached()).includes(arn)
        : (await readSaved(arn, RoleName, scope)) !== undefined;
      return stillRemoved ? { call: 'iam:TagRole', input: { RoleName, Tags: tagList({ [key]: arn }) } } : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether a tag records a policy as detached and it is not attached, so that the retained statements are needed. */
async function hasDetached(RoleName: string, scope: Scope): Promise<boolean> {
  const [tags, attached] = await Promise.all([tagsOf(RoleName, scope), attachedPolicies(scope.aws.iam, RoleName)]);
  const noted = Object.entries(tags).filter(([key, arn]) => key === detachedTagKey(arn, scope.names));
  return noted.some(([, arn]) => !attached.some(({ PolicyArn }) => PolicyArn === arn));
}

/** What is recorded of this tool's decisions and removals. */
function ownTags(tags: Record<string, string>): string {
  const own = Object.entries(tags).filter(([key]) => isRecord(key));
  return JSON.stringify(own.sort());
}

function changed(what: string, role: BrokerRole): BrokerRoleChanged {
  return new BrokerRoleChanged(`${what} of ${role.name} changed during the run`);
}

async function tagsOf(RoleName: string, { aws }: Scope): Promise<Record<string, string>> {
  const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName }));
  return tagRecord(Role?.Tags);
}
