/**
 * What IAM's operations share: finding things, tags, pages, and the checks of policy documents.
 */
import { listOf, type PolicyDocument, parsePolicy, type Statement } from '../../../policy/document.js';
import type { AccountState, Identity, InstanceProfile, ManagedPolicy, Role } from '../../account/state.js';
import { type Access, AwsRefusal, type OperationCall } from '../../operation.js';

/** @throws {AwsRefusal} NoSuchEntity, when there is nothing */
export function existing<T>(found: T | undefined, message: string): T {
  if (found === undefined) throw new AwsRefusal('NoSuchEntity', message, 404);
  return found;
}

/** @throws {AwsRefusal} NoSuchEntity */
export function roleNamed(state: AccountState, name: string): Role {
  return existing(state.iam.roles.get(name), `The role with name ${name} cannot be found.`);
}

/** @throws {AwsRefusal} NoSuchEntity */
export function policyOf(state: AccountState, arn: string): ManagedPolicy {
  return existing(state.iam.policies.get(arn), `Policy ${arn} was not found.`);
}

/** @throws {AwsRefusal} EntityAlreadyExists */
export function absent(found: unknown, message: string): void {
  if (found !== undefined) throw new AwsRefusal('EntityAlreadyExists', message, 409);
}

/** @throws {AwsRefusal} DeleteConflict, while something is in the way */
export function unhindered(hindrances: { size: number } | { length: number }, message: string): void {
  const count = 'size' in hindrances ? hindrances.size : hindrances.length;
  if (count > 0) throw new AwsRefusal('DeleteConflict', message, 409);
}

/** @throws {AwsRefusal} LimitExceeded. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function within(size: number, limit: number, message: string): void {
  if (size > limit) throw new AwsRefusal('LimitExceeded', message, 409);
}

/** The ARN of an identity, whether it exists or not: what a policy about it would name. */
export function identityArn(state: AccountState, kind: 'role' | 'user', name: string): string {
  const found: Identity | undefined = (kind === 'role' ? state.iam.roles : state.iam.users).get(name);
  return found?.arn ?? `arn:${state.partition}:iam::${state.account}:${kind}/${name}`;
}

/** The permission to do one thing to the role that the input names. */
export function onRole(action: string) {
  return ({ state, input }: OperationCall<{ RoleName: string }>): Access[] => [
    { action, resource: identityArn(state, 'role', input.RoleName) },
  ];
}

/** The instance profiles that a role is in. */
export function profilesOf(state: AccountState, roleName: string): InstanceProfile[] {
  return [...state.iam.instanceProfiles.values()].filter(({ roles }) => roles.includes(roleName));
}

/** A name's form. @throws {AwsRefusal} ValidationError */
export function validName(member: string, name: string, longest: number): void {
  if (/^[\w+=,.@-]+$/.test(name) && name.length <= longest) return;
  throw new AwsRefusal(
    'ValidationError',
    `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${longest} and satisfy regular expression pattern: [\\w+=,.@-]+`,
  );
}

export interface TagEntry {
  Key: string;
  Value: string;
}

/** A list of the query protocol: an empty one comes as an empty string. */
export function listIn<T>(list: T[] | string | undefined): T[] {
  return Array.isArray(list) ? list : [];
}

/** Adds tags. @throws {AwsRefusal} LimitExceeded for more than 50 */
export function addTags(tags: Map<string, string>, entries: TagEntry[] | string | undefined): void {
  const all = new Map([...tags, ...listIn(entries).map(({ Key, Value }): [string, string] => [Key, Value])]);
  within(all.size, 50, 'The number of tags has reached the maximum limit.');
  for (const [key, value] of all) tags.set(key, value);
}

/** Tags as IAM answers with them. */
export function tagList(tags: Map<string, string>): TagEntry[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

/** Tags as IAM lists them: "The returned list of tags is sorted by tag key." https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html */
export function sortedTagList(tags: Map<string, string>): TagEntry[] {
  return tagList(tags).sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** Tags as a description has them: left out where there are none. */
export function tagsOf(tags: Map<string, string>): TagEntry[] | undefined {
  return tags.size > 0 ? tagList(tags) : undefined;
}

/** The condition keys of a request that names tags. */
export function tagContext(entries: TagEntry[] | string | undefined): Record<string, string | string[]> {
  const tags = listIn(entries);
  const requested = tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value]);
  return { ...Object.fromEntries(requested), 'aws:TagKeys': tags.map(({ Key }) => Key) };
}

export interface PageInput {
  MaxItems?: string;
  Marker?: string;
}

/** One page of a list: 100 items, or what MaxItems says. The marker is the number of items before the page. */
export function page<T>(
  name: string,
  items: T[],
  { MaxItems = '100', Marker = '0' }: PageInput,
): Record<string, unknown> {
  const end = Number(Marker) + Number(MaxItems);
  const IsTruncated = items.length > end;
  return { [name]: items.slice(Number(Marker), end), IsTruncated, Marker: IsTruncated ? String(end) : undefined };
}

/** A document as IAM answers with it. https://www.rfc-editor.org/rfc/rfc3986 */
export function encoded(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

type Fault = [message: string, found: (statement: Statement) => boolean];

const actions = (statement: Statement) => [...listOf(statement.Action), ...listOf(statement.NotAction)];
const resources = (statement: Statement) => [...listOf(statement.Resource), ...listOf(statement.NotResource)];

const vendorless: Fault = [
  'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
  (statement) => actions(statement).some((action) => !/^(\*|[\w-]+:.+)$/.test(action)),
];

const identityFaults: Fault[] = [
  [
    'Policy document should not specify a principal.',
    (statement) => 'Principal' in statement || 'NotPrincipal' in statement,
  ],
  ['Policy statement must contain resources.', (statement) => resources(statement).length === 0],
  [
    'Resource must be in ARN format or "*".',
    (statement) => resources(statement).some((arn) => !/^(\*|arn:.+:.+)$/.test(arn)),
  ],
  vendorless,
];

const trustFaults: Fault[] = [
  ['Has prohibited field Resource', (statement) => resources(statement).length > 0],
  ['Missing required field Principal', (statement) => !('Principal' in statement)],
  [
    'AssumeRole policy may only specify STS AssumeRole actions.',
    (statement) => actions(statement).some((action) => !/^(\*|sts:)/.test(action)),
  ],
];

/**
 * Reads a policy document that a caller wants to store.
 * @param kind `identity`: inline and managed policies; `trust`: a role's trust policy
 * @throws {AwsRefusal} MalformedPolicyDocument
 */
export function validPolicy(text: string, kind: 'identity' | 'trust'): PolicyDocument {
  const document = parsed(text);
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html: at least one statement.
  if (document.Statement.length === 0) throw new AwsRefusal('MalformedPolicyDocument', 'Syntax errors in policy.');
  const faults = kind === 'trust' ? trustFaults : identityFaults;
  const fault = faults.find(([, found]) => document.Statement.some(found));
  if (fault) throw new AwsRefusal('MalformedPolicyDocument', fault[0]);
  return document;
}

function parsed(text: string): PolicyDocument {
  try {
    return parsePolicy(text);
  } catch (fault) {
    throw new AwsRefusal('MalformedPolicyDocument', `Syntax errors in policy. (${String(fault)})`);
  }
}
