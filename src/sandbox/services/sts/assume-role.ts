/**
 * STS: AssumeRole, and code shared with AssumeRoleWithWebIdentity.
 * Transitive session tags are not emulated: a role assumed from a session does not inherit them.
 */
import { completeArn } from '../../../policy/arns.js';
import { listOf, type PolicyDocument, parsePolicy } from '../../../policy/document.js';
import { createSession, sessionArn } from '../../access/callers.js';
import type { AccountState, Role } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import type { Tag } from '../iam/common.js';
import { requireEntity, tagContext } from '../iam/common.js';

export interface SessionInput {
  RoleArn: string;
  RoleSessionName: string;
  DurationSeconds?: string;
  /** A session policy. */
  Policy?: string;
}

/** The condition keys of both operations in the trust policy. */
function sessionContext(input: SessionInput, tags: Tag[]): Record<string, string | string[]> {
  return { 'sts:RoleSessionName': input.RoleSessionName, ...tagContext(tags) };
}

/** The permissions that the trust policy must grant: to assume the role, and to pass session tags if there are any. */
export function trustAccesses(action: string, input: SessionInput, tags: Tag[], context: Access['context']): Access[] {
  const resource = input.RoleArn;
  const all = { ...sessionContext(input, tags), ...context };
  const startSession = { action, resource, context: all };
  return tags.length === 0 ? [startSession] : [startSession, { action: 'sts:TagSession', resource, context: all }];
}

/**
 * The size of session policy and tags as a percentage of the limit; undefined without them. AWS does not document its packed format: here
 * it is the share of the 2,048 characters that a session policy may have.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
function packedSize(tags: Tag[], policy = ''): number | undefined {
  const characters = [policy, ...tags.flatMap(({ Key, Value }) => [Key, Value])].join('').length;
  return characters === 0 ? undefined : Math.ceil((characters / 2048) * 100);
}

export function startSession(
  state: AccountState,
  role: Role,
  input: SessionInput,
  tags: Tag[],
): Record<string, unknown> {
  const { RoleSessionName: session, DurationSeconds = '3600', Policy: sessionPolicy } = input;
  const durationSeconds = Number(DurationSeconds);
  if (durationSeconds > role.maxSessionDuration || durationSeconds < 900) {
    const limits = `The requested DurationSeconds must be at least 900 and not exceed the MaxSessionDuration set for this role`;
    throw new AwsRefusal('ValidationError', `${limits}, ${role.maxSessionDuration}.`);
  }
  if (sessionPolicy !== undefined) checkSessionPolicy(sessionPolicy);
  const sessionTags = Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  const key = createSession(state, role, { session, durationSeconds, tags: sessionTags, sessionPolicy });
  return {
    Credentials: {
      AccessKeyId: key.id,
      SecretAccessKey: key.secret,
      SessionToken: key.sessionToken,
      Expiration: key.expires,
    },
    PackedPolicySize: packedSize(tags, sessionPolicy),
    AssumedRoleUser: { AssumedRoleId: `${role.id}:${session}`, Arn: sessionArn(state, role.name, session) },
  };
}

/** Session policies do not support incomplete ARNs. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function checkSessionPolicy(policy: string): void {
  let document: PolicyDocument;
  try {
    document = parsePolicy(policy);
  } catch (fault) {
    throw new AwsRefusal('MalformedPolicyDocument', `Syntax errors in policy. (${String(fault)})`);
  }
  const resources = document.Statement.flatMap((one) => [...listOf(one.Resource), ...listOf(one.NotResource)]);
  const incomplete = resources.find((arn) => completeArn(arn) !== arn);
  if (incomplete !== undefined) throw new AwsRefusal('MalformedPolicyDocument', `Incomplete ARN: ${incomplete}`);
}

/** The role with this ARN. It exists, because its trust policy allowed the call. */
export function roleWithArn(state: AccountState, arn: string): Role {
  const found = [...state.iam.roles.values()].find((role) => role.arn === arn);
  return requireEntity(found, `The role ${arn} cannot be found.`);
}

const assumeRole: Operation<SessionInput & { Tags?: Tag[] | string; ExternalId?: string }> = {
  service: 'sts',
  name: 'AssumeRole',
  mutates: true,
  access: ({ input }) => {
    const external = input.ExternalId === undefined ? undefined : { 'sts:ExternalId': input.ExternalId };
    return trustAccesses('sts:AssumeRole', input, queryList(input.Tags), external);
  },
  run({ state, input }) {
    return startSession(state, roleWithArn(state, input.RoleArn), input, queryList(input.Tags));
  },
};

export const assumeRoleOperations: Operation[] = [assumeRole];
