/**
 * Callers: access keys, role sessions, and services that act on their own behalf.
 */
import { randomBytes } from 'node:crypto';
import type { AccessKey, AccountState, Role } from '../account/state.js';
import type { Caller } from '../operation.js';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Creates a unique identifier in IAM's format.
 * @param prefix `AKIA`, `ASIA`, `AROA`, `AIDA`, `ANPA`, `AIPA`. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 * @param length of the whole, prefix included: 20 for access keys, 21 for the others
 */
export function uniqueId(prefix: string, length = 21): string {
  let id = prefix;
  for (const byte of randomBytes(length - prefix.length)) id += letters.charAt(byte % letters.length);
  return id;
}

/** A request without credentials. */
export const anonymous: Caller = { principal: { arn: 'anonymous' }, userId: 'anonymous', tags: {} };

/** A service that acts on its own behalf. @param host `lambda.amazonaws.com` */
export function serviceCaller(host: string): Caller {
  return { principal: { arn: host, service: host }, userId: host, tags: {} };
}

/** A service that acts with a role: Lambda, for a function. */
export function roleCaller(state: AccountState, role: Role): Caller {
  return {
    principal: { arn: role.arn, roleArn: role.arn, account: state.account },
    userId: role.id,
    identity: { kind: 'role', name: role.name },
    tags: {},
  };
}

/** Makes a user's long-term access key. */
export function createAccessKey(state: AccountState, userName: string): AccessKey {
  const key: AccessKey = {
    id: uniqueId('AKIA', 20),
    secret: randomBytes(30).toString('base64'),
    owner: { kind: 'user', name: userName },
    tags: {},
  };
  state.iam.accessKeys.set(key.id, key);
  return key;
}

export interface SessionOptions {
  /** The role session's name. */
  session: string;
  /** How long the credentials are good for, seconds. */
  durationSeconds?: number;
  /** Session tags. */
  tags?: Record<string, string>;
  /** A session policy's text. */
  sessionPolicy?: string;
}

/** Makes temporary credentials for a role, as STS does: without asking whether the caller may have them. */
export function createSession(
  state: AccountState,
  role: Role,
  options: SessionOptions,
): AccessKey & { sessionToken: string; expires: Date } {
  const key = {
    id: uniqueId('ASIA', 20),
    secret: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(96).toString('base64'),
    expires: new Date(state.now() + (options.durationSeconds ?? 3600) * 1000),
    owner: { kind: 'role' as const, name: role.name, roleId: role.id, session: options.session },
    tags: options.tags ?? {},
    sessionPolicy: options.sessionPolicy,
  };
  state.iam.accessKeys.set(key.id, key);
  return key;
}

/** The ARN of a role's session. */
export function sessionArn(state: AccountState, roleName: string, session: string): string {
  return `arn:${state.partition}:sts::${state.account}:assumed-role/${roleName}/${session}`;
}

/**
 * The caller of an access key. A role that was deleted and created again is another role: sessions of the old one have no policies, as on
 * AWS.
 */
export function callerOf(state: AccountState, key: AccessKey): Caller {
  const { owner } = key;
  if (owner.kind === 'user') {
    const user = state.iam.users.get(owner.name);
    return {
      principal: { arn: `arn:${state.partition}:iam::${state.account}:user/${owner.name}`, account: state.account },
      userId: String(user?.id),
      identity: { kind: 'user', name: owner.name },
      tags: Object.fromEntries(user?.tags ?? []),
    };
  }
  const named = state.iam.roles.get(owner.name);
  const role = named?.id === owner.roleId ? named : undefined;
  return {
    principal: {
      arn: sessionArn(state, owner.name, owner.session),
      roleArn: role?.arn,
      account: state.account,
    },
    userId: `${owner.roleId}:${owner.session}`,
    identity: role && { kind: 'role', name: owner.name },
    tags: { ...Object.fromEntries(role?.tags ?? []), ...key.tags },
    sessionPolicy: key.sessionPolicy,
  };
}
