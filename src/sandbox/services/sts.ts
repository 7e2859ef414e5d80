/**
 * The operations of STS. https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
 * Transitive session tags end with the session that they were given to: a role assumed from it does not inherit them.
 */
import { parsePolicy } from '../../policy/document.js';
import { decide } from '../access/authorize.js';
import { createSession, sessionArn } from '../access/callers.js';
import type { AccountState, Role } from '../account/state.js';
import { type Access, AwsRefusal, type Caller, type Operation } from '../operation.js';
import { existing, listIn, type TagEntry, tagContext } from './iam/common.js';
import { type Claims, readToken } from './web-identity.js';

interface SessionInput {
  RoleArn: string;
  RoleSessionName: string;
  DurationSeconds?: string;
  /** A session policy. */
  Policy?: string;
}

/** The keys that both ways of assuming a role hand to the trust policy. */
function sessionContext(input: SessionInput, tags: TagEntry[]): Record<string, string | string[]> {
  return { 'sts:RoleSessionName': input.RoleSessionName, ...tagContext(tags) };
}

/** What a trust policy has to allow: the assuming, and the session tags if there are any. */
function accesses(action: string, input: SessionInput, tags: TagEntry[], context: Access['context']): Access[] {
  const resource = input.RoleArn;
  const all = { ...sessionContext(input, tags), ...context };
  const assume = { action, resource, context: all };
  return tags.length === 0 ? [assume] : [assume, { action: 'sts:TagSession', resource, context: all }];
}

/**
 * How much of the room for session policy and tags is taken, per cent; nothing where there is neither. AWS packs them in a way
 * that it doesn't tell: here it is the plain text's share of the 2,048 characters that a session policy may have.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
function packedSize(tags: TagEntry[], policy = ''): number | undefined {
  const characters = [policy, ...tags.flatMap(({ Key, Value }) => [Key, Value])].join('').length;
  return characters === 0 ? undefined : Math.ceil((characters / 2048) * 100);
}

function assume(state: AccountState, role: Role, input: SessionInput, tags: TagEntry[]): Record<string, unknown> {
  const { RoleSessionName: session, DurationSeconds = '3600', Policy: sessionPolicy } = input;
  const durationSeconds = Number(DurationSeconds);
  if (durationSeconds > role.maxSessionDuration || durationSeconds < 900) {
    const limits = `The requested DurationSeconds must be at least 900 and not exceed the MaxSessionDuration set for this role`;
    throw new AwsRefusal('ValidationError', `${limits}, ${role.maxSessionDuration}.`);
  }
  if (sessionPolicy !== undefined) wellFormed(sessionPolicy);
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

function wellFormed(policy: string): void {
  try {
    parsePolicy(policy);
  } catch (fault) {
    throw new AwsRefusal('MalformedPolicyDocument', `Syntax errors in policy. (${String(fault)})`);
  }
}

/** The role of an ARN. A trust policy was found to allow the call, so there is one. */
function roleOf(state: AccountState, arn: string): Role {
  const found = [...state.iam.roles.values()].find((role) => role.arn === arn);
  return existing(found, `The role ${arn} cannot be found.`);
}

const getCallerIdentity: Operation<object> = {
  service: 'sts',
  name: 'GetCallerIdentity',
  mutates: false,
  // "No permissions are required to perform this operation", not even with an explicit deny.
  access: () => [],
  run: ({ state, caller }) => ({ UserId: caller.userId, Account: state.account, Arn: caller.principal.arn }),
};

const assumeRole: Operation<SessionInput & { Tags?: TagEntry[] | string; ExternalId?: string }> = {
  service: 'sts',
  name: 'AssumeRole',
  mutates: true,
  access: ({ input }) => {
    const external = input.ExternalId === undefined ? undefined : { 'sts:ExternalId': input.ExternalId };
    return accesses('sts:AssumeRole', input, listIn(input.Tags), external);
  },
  run({ state, input }) {
    return assume(state, roleOf(state, input.RoleArn), input, listIn(input.Tags));
  },
};

/** The tags that a token carries. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
function tokenTags(claims: Claims): TagEntry[] {
  const tags = claims['https://aws.amazon.com/tags']?.principal_tags ?? {};
  return Object.entries(tags).map(([Key, values]) => ({ Key, Value: [values].flat().join() }));
}

const assumeRoleWithWebIdentity: Operation<SessionInput & { WebIdentityToken: string }> = {
  service: 'sts',
  name: 'AssumeRoleWithWebIdentity',
  mutates: true,
  // Its caller has no credentials yet: the token says who it is, and the trust policy is asked about that one.
  access: () => [],
  run({ state, input }) {
    const { claims, provider } = readToken(state, input.WebIdentityToken);
    const tags = tokenTags(claims);
    const caller: Caller = { principal: { arn: provider.arn, federated: provider.arn }, userId: claims.sub, tags: {} };
    const name = provider.url.replace(/^https:\/\//, '');
    const context = { [`${name}:aud`]: claims.aud, [`${name}:sub`]: claims.sub, 'aws:FederatedProvider': provider.arn };
    for (const access of accesses('sts:AssumeRoleWithWebIdentity', input, tags, context)) {
      if (decide(state, caller, access).allowed) continue;
      throw new AwsRefusal('AccessDenied', `Not authorized to perform ${access.action}`, 403);
    }
    const output = assume(state, roleOf(state, input.RoleArn), input, tags);
    const Audience = [claims.aud].flat()[0];
    return { ...output, SubjectFromWebIdentityToken: claims.sub, Provider: provider.arn, Audience };
  },
};

export const stsOperations: Operation[] = [getCallerIdentity, assumeRole, assumeRoleWithWebIdentity];
