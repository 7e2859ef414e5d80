/**
 * IAM has no conditional writes. So what a write of ours rests on is looked at directly before it, and again after one that takes a grant or
 * clears a note away: another run, of a machine that knows nothing of this one, may have come between. What was taken and is noted
 * nowhere is given back, and this run ends there: two that want opposite things can't both go on.
 */
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { OperatorError } from '../../aws/errors.js';
import { NotYet, until } from '../../aws/waits.js';
import { send, type Write } from '../../aws/writes.js';
import { canonical, parsePolicy } from '../../policy/document.js';
import { attachedPolicies } from '../role-policies.js';
import type { Scope } from '../scope.js';
import { tagList, tagRecord } from '../tags.js';
import { brokerPolicyName } from './policy.js';
import { inlineText, readSaved } from './read.js';
import { detachedNote, narrowedNote, retainedPolicyName } from './remove-grant.js';
import { type BrokerRole, detachedTag } from './state.js';

/** The role is not as it was read: another run is at work on it. Named as AWS names it where it says so itself. */
class BrokerRoleChanged extends Error {
  override readonly name = 'ConcurrentModificationException';
}

/**
 * How long IAM may take to show what was written moments ago, milliseconds. A reading that lacks it before then proves nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
const untilShown = 15_000;

/**
 * Looks before a write.
 *
 * @throws a race when the inline policy that is to be changed no longer reads as planned, or a saved one to be deleted was not put back.
 */
export async function checkBefore(write: Write, scope: Scope, role: BrokerRole): Promise<void> {
  if (write.call === 'iam:PutRolePolicy' || write.call === 'iam:DeleteRolePolicy') {
    const { PolicyName = '' } = write.input;
    const planned = role.policies.find(({ kind, name }) => kind === 'inline' && name === PolicyName);
    const text = await inlineText(role.name, PolicyName, scope);
    // What is retained grows with each policy that a run detaches: nothing of it may be lost.
    const grows = write.call === 'iam:PutRolePolicy' && PolicyName === retainedPolicyName;
    if (text !== planned?.text && !(grows && isWithin(text, write.input.PolicyDocument)))
      throw changed(PolicyName, role);
  }
  if (write.call === 'iam:DeletePolicy') {
    const saved = role.saved.find(({ arn }) => arn === write.input.PolicyArn);
    if (saved !== undefined && (await inlineText(role.name, saved.name, scope)) !== saved.text)
      throw changed(saved.name, role);
  }
}

/** Whether each statement of a policy stands in another one too. */
function isWithin(text = '{"Statement":[]}', other = ''): boolean {
  const statements = parsePolicy(other).Statement.map(canonical);
  return parsePolicy(text).Statement.every((statement) => statements.includes(canonical(statement)));
}

/**
 * Looks after a write.
 *
 * @throws OperatorError when another run has come between, after what was lost by that has been put right.
 */
export async function checkAfter(write: Write, scope: Scope, role: BrokerRole): Promise<void> {
  const { clock } = scope;
  const end = clock.now() + untilShown;
  const { mend } = await until({ ...scope, deadline: 2 * untilShown }, async () => {
    const due = await mending(write, scope, role);
    const settled = due === undefined || clock.now() >= end;
    return settled ? { mend: due } : new NotYet(`IAM to show what is noted on ${role.name}`);
  });
  if (mend === undefined) return;
  await send(scope.aws, mend);
  throw new OperatorError(
    `Another run is giving back what this one takes from ${role.name}, or the other way round. The last call was undone (${mend.call}), so that nothing is lost. Run this again once the other has ended.`,
  );
}

/** What has to be done for a write of ours to be as if it had not been made; undefined when all is well. */
async function mending(write: Write, scope: Scope, role: BrokerRole): Promise<Write | undefined> {
  const RoleName = role.name;
  switch (write.call) {
    case 'iam:DetachRolePolicy': {
      const { PolicyArn = '' } = write.input;
      const [tags, retained] = await Promise.all([
        tagsOf(RoleName, scope),
        inlineText(RoleName, retainedPolicyName, scope),
      ]);
      const kept = tags[detachedNote(PolicyArn)] === PolicyArn && retained !== undefined;
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
      const givesBack = role.saved.some(({ name }) => name === PolicyName);
      if (before === undefined || givesBack || [brokerPolicyName, retainedPolicyName].includes(PolicyName))
        return undefined;
      const { [narrowedNote(PolicyName)]: arn } = await tagsOf(RoleName, scope);
      if (arn !== undefined && (await readSaved(arn, RoleName, scope)) !== undefined) return undefined;
      return { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName, PolicyDocument: before.text } };
    }
    case 'iam:DeletePolicy': {
      const deleted = role.saved.filter(({ arn }) => arn === write.input.PolicyArn);
      // Narrowed again, on the word of the copy that is gone now: this run is the one that still has the text.
      for (const { name: PolicyName, text } of deleted)
        if ((await inlineText(RoleName, PolicyName, scope)) !== text)
          return { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName, PolicyDocument: text } };
      return undefined;
    }
    case 'iam:UntagRole': {
      const { TagKeys: [key = ''] = [] } = write.input;
      const { [key]: arn = '' } = role.tags;
      const attached = async () => (await attachedPolicies(scope.aws.iam, RoleName)).map((one) => one.PolicyArn);
      const stillTaken = key.startsWith(detachedTag)
        ? !(await attached()).includes(arn)
        : (await readSaved(arn, RoleName, scope)) !== undefined;
      return stillTaken ? { call: 'iam:TagRole', input: { RoleName, Tags: tagList({ [key]: arn }) } } : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether the role lacks a policy that is noted as detached, and so needs what is retained of it. */
async function hasDetached(RoleName: string, scope: Scope): Promise<boolean> {
  const [tags, attached] = await Promise.all([tagsOf(RoleName, scope), attachedPolicies(scope.aws.iam, RoleName)]);
  const noted = Object.entries(tags).filter(([key, arn]) => key === detachedNote(arn));
  return noted.some(([, arn]) => !attached.some(({ PolicyArn }) => PolicyArn === arn));
}

function changed(PolicyName: string, role: BrokerRole): BrokerRoleChanged {
  return new BrokerRoleChanged(`somebody else is changing the policy ${PolicyName} of ${role.name}`);
}

async function tagsOf(RoleName: string, { aws }: Scope): Promise<Record<string, string>> {
  const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName }));
  return tagRecord(Role?.Tags);
}
