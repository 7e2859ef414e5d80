/**
 * What IAM's operations share: finding entities, quotas, names and tags.
 */
import type { AccountState, Identity, InstanceProfile, ManagedPolicy, Role } from '../../account/state.js';
import { type Access, AwsRefusal, type OperationCall } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import { checkTagKeys, type TagRules } from '../tags.js';

/** @throws {AwsRefusal} NoSuchEntity if it does not exist */
export function requireEntity<T>(found: T | undefined, message: string): T {
  if (found === undefined) throw new AwsRefusal('NoSuchEntity', message, 404);
  return found;
}

/** @throws {AwsRefusal} NoSuchEntity */
export function roleNamed(state: AccountState, name: string): Role {
  return requireEntity(state.iam.roles.get(name), `The role with name ${name} cannot be found.`);
}

/** @throws {AwsRefusal} NoSuchEntity */
export function policyWithArn(state: AccountState, arn: string): ManagedPolicy {
  return requireEntity(state.iam.policies.get(arn), `Policy ${arn} was not found.`);
}

/** @throws {AwsRefusal} EntityAlreadyExists */
export function requireNoEntity(found: unknown, message: string): void {
  if (found !== undefined) throw new AwsRefusal('EntityAlreadyExists', message, 409);
}

/**
 * The entity that has a name already: "Names are not distinguished by case."
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 */
export function sameName<T extends { name: string }>(entities: Iterable<T>, name: string): T | undefined {
  return [...entities].find((each) => each.name.toLowerCase() === name.toLowerCase());
}

/** @throws {AwsRefusal} DeleteConflict while something depends on it */
export function requireUnused(hindrances: { size: number } | { length: number }, message: string): void {
  const count = 'size' in hindrances ? hindrances.size : hindrances.length;
  if (count > 0) throw new AwsRefusal('DeleteConflict', message, 409);
}

/** @throws {AwsRefusal} LimitExceeded. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function checkQuota(size: number, limit: number, message: string): void {
  if (size > limit) throw new AwsRefusal('LimitExceeded', message, 409);
}

/** The ARN of an identity, whether it exists or not, as policies name it. */
export function identityArn(state: AccountState, kind: 'role' | 'user', name: string): string {
  const found: Identity | undefined = (kind === 'role' ? state.iam.roles : state.iam.users).get(name);
  return found?.arn ?? `arn:${state.partition}:iam::${state.account}:${kind}/${name}`;
}

/** A permission for the input's role. */
export function roleAccess(action: string) {
  return ({ state, input }: OperationCall<{ RoleName: string }>): Access[] => [
    { action, resource: identityArn(state, 'role', input.RoleName) },
  ];
}

/** The instance profiles of a role. */
export function profilesOf(state: AccountState, roleName: string): InstanceProfile[] {
  return [...state.iam.instanceProfiles.values()].filter(({ roles }) => roles.includes(roleName));
}

/** Checks a name. @throws {AwsRefusal} ValidationError */
export function checkName(member: string, name: string, longest: number): void {
  if (/^[\w+=,.@-]+$/.test(name) && name.length <= longest) return;
  throw new AwsRefusal(
    'ValidationError',
    `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${longest} and satisfy regular expression pattern: [\\w+=,.@-]+`,
  );
}

/** Checks a path: `/`, or printable ASCII between slashes. @throws {AwsRefusal} ValidationError */
export function checkPath(path: string): void {
  if (/^\/([!-~]+\/)?$/.test(path) && path.length <= 512) return;
  throw new AwsRefusal(
    'ValidationError',
    'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  );
}

export interface Tag {
  Key: string;
  Value: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules */
const tagRules: TagRules = {
  reserved: (key) => new AwsRefusal('InvalidInput', `Invalid tag key ${key}: keys that begin with aws: are reserved.`),
  duplicate: () =>
    new AwsRefusal('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
  ignoreCase: true,
};

/** Adds tags. @throws {AwsRefusal} InvalidInput; LimitExceeded for more than 50 */
export function addTags(tags: Map<string, string>, entries: Tag[] | string | undefined): void {
  const keys = queryList(entries).map(({ Key }) => Key);
  checkTagKeys(keys, tagRules);
  const all = new Map([...tags, ...queryList(entries).map(({ Key, Value }): [string, string] => [Key, Value])]);
  checkQuota(all.size, 50, 'The number of tags has reached the maximum limit.');
  for (const [key, value] of all) tags.set(key, value);
}

/** Tags in IAM's answers. */
export function tagEntries(tags: Map<string, string>): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

/** Tags as IAM lists them: "The returned list of tags is sorted by tag key." https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html */
export function sortedTagEntries(tags: Map<string, string>): Tag[] {
  return tagEntries(tags).sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** Tags in a description: omitted if there are none. */
export function optionalTagEntries(tags: Map<string, string>): Tag[] | undefined {
  return tags.size > 0 ? tagEntries(tags) : undefined;
}

/** The condition keys of a request with tags. */
export function tagContext(entries: Tag[] | string | undefined): Record<string, string | string[]> {
  const tags = queryList(entries);
  const requested = tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value]);
  return { ...Object.fromEntries(requested), 'aws:TagKeys': tags.map(({ Key }) => Key) };
}
