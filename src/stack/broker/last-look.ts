/**
 * IAM has no conditional writes. So what a write of ours rests on is looked at directly before it, and again after one that takes a grant or
 * clears a note away: another run, of a machine that knows nothing of this one, may have come between. What was taken and is noted
 * nowhere is given back at once; then the role is read and planned anew.
 */
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { send, type Write } from '../../aws/writes.js';
import { attachedPolicies } from '../role-policies.js';
import type { Scope } from '../scope.js';
import { tagList, tagRecord } from '../tags.js';
import { brokerPolicyName } from './policy.js';
import { inlineText, readSaved } from './read.js';
import { type BrokerRole, detachedTag } from './state.js';
import { detachedNote, narrowedNote, retainedPolicyName } from './take.js';

/** The role is not as it was read: another run is at work on it. Named as AWS names it where it says so itself. */
class BrokerRoleChanged extends Error {
  override readonly name = 'ConcurrentModificationException';
}

/**
 * Looks before a write.
 *
 * @throws a race when the inline policy that is to be changed no longer reads as planned, or a saved one to be deleted was not put back.
 */
export async function lookBefore(write: Write, scope: Scope, role: BrokerRole): Promise<void> {
  if (write.call === 'iam:PutRolePolicy' || write.call === 'iam:DeleteRolePolicy') {
    const { PolicyName = '' } = write.input;
    const planned = role.policies.find(({ kind, name }) => kind === 'inline' && name === PolicyName);
    const text = await inlineText(role.name, PolicyName, scope);
    if (text !== planned?.text && PolicyName !== retainedPolicyName) throw changed(PolicyName, role);
  }
  if (write.call === 'iam:DeletePolicy') {
    const saved = role.saved.find(({ arn }) => arn === write.input.PolicyArn);
    if (saved !== undefined && (await inlineText(role.name, saved.name, scope)) !== saved.text)
      throw changed(saved.name, role);
  }
}

/**
 * Looks after a write.
 *
 * @throws a race when another run has come between, after what was lost by that has been put right.
 */
export async function lookAfter(write: Write, scope: Scope, role: BrokerRole): Promise<void> {
  const mend = await mending(write, scope, role);
  if (mend === undefined) return;
  await send(scope.aws, mend);
  throw new BrokerRoleChanged(
    `another run is giving back what this one takes from ${role.name}, or the other way round`,
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
      const [key = ''] = write.input.TagKeys ?? [];
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

function changed(PolicyName: string, role: BrokerRole): BrokerRoleChanged {
  return new BrokerRoleChanged(`somebody else is changing the policy ${PolicyName} of ${role.name}`);
}

async function tagsOf(RoleName: string, { aws }: Scope): Promise<Record<string, string>> {
  const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName }));
  return tagRecord(Role?.Tags);
}
