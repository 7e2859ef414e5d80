/**
 * Everybody whom the bucket policy lets in besides the broker, the agents, the function and SES, as classes of principals.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
 */
import { type Fact, type PrincipalClass, type ResourcePolicy, sets } from '../../../policy/access/index.js';
import { accountNamed, listOf, type PolicyDocument, principalsOf, type Statement } from '../../../policy/document.js';
import type { NamedPolicy } from '../../../policy/evaluate.js';
import type { Principal } from '../../../policy/request.js';
import {
  always,
  type FactEntries,
  lacking,
  ofCallers,
  oneOf,
  orAbsent,
  sessionArn,
  sessionsOf,
} from '../../../stack/broker/sessions.js';
import type { StackContext } from '../../../stack/scope.js';

/** Another account's policies are its own: they may allow everything. */
export const everything: NamedPolicy = {
  name: 'its own policies (unknown)',
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

const elsewhere = '999999999999';

/** An S3 canonical user ID stands for an account; the evaluator knows accounts and users only. */
function canonicalUser(id: string): string {
  return `arn:aws:iam::canonical:user/${id}`;
}

/** The policy with canonical users as principals that the evaluator knows. */
export function withoutCanonicalUsers({ Statement, ...rest }: PolicyDocument): PolicyDocument {
  const renamed = (element: Statement['Principal']) => {
    const { CanonicalUser, AWS, ...others } = principalsOf(element);
    const users = listOf(CanonicalUser).map(canonicalUser);
    return { ...others, ...(AWS || users.length > 0 ? { AWS: [...listOf(AWS), ...users] } : {}) };
  };
  return {
    ...rest,
    Statement: Statement.map(({ Principal, NotPrincipal, ...one }) => ({
      ...one,
      ...(Principal && { Principal: renamed(Principal) }),
      ...(NotPrincipal && { NotPrincipal: renamed(NotPrincipal) }),
    })),
  };
}

export interface Insiders {
  /** ARNs of the broker's, the agents' and the function's role: they have checks of their own. */
  roles: string[];
  /** ARNs of the principals that the operator trusts. */
  trusted: string[];
}

/** A class for each principal that an Allow statement names, and for each kind of principal that `*` means. */
export function outsiders(
  { Statement }: PolicyDocument,
  resources: ResourcePolicy[],
  insiders: Insiders,
  stack: StackContext,
): PrincipalClass[] {
  const allows = Statement.filter(({ Effect }) => Effect === 'Allow');
  const named = (type: string) => [
    ...new Set(allows.flatMap(({ Principal }) => listOf(principalsOf(Principal)[type]))),
  ];
  const open = named('AWS').includes('*') || allows.some(({ NotPrincipal }) => NotPrincipal !== undefined);
  const others = named('AWS').filter((value) => value !== '*' && !isInsider(value, insiders, stack));
  return [
    ...others.map((value) => accountClass(value, resources, stack)),
    ...named('Service')
      .filter((service) => service !== 'ses.amazonaws.com')
      .map((service) => serviceClass(service, resources, stack)),
    ...named('Federated').map((federated) => classOf({ arn: federated, federated }, resources, stack, [...ofCallers])),
    ...(open ? anybody(resources, insiders, stack) : []),
  ];
}

/** The account's own root user delegates to the account's own policies, which grant nothing more because of it. */
function isInsider(value: string, { roles, trusted }: Insiders, { identity }: StackContext): boolean {
  const known = [...roles, ...trusted];
  return (
    accountNamed(value) === identity.account ||
    known.some((one) => one === value || (accountNamed(one) ?? one) === accountNamed(value)) ||
    known.some((arn) => arn.includes(':role/') && value.startsWith(sessionArn(arn, '')))
  );
}

function classOf(
  principal: Principal,
  resources: ResourcePolicy[],
  { identity }: StackContext,
  facts: FactEntries,
): PrincipalClass {
  const foreign = principal.account !== undefined && principal.account !== identity.account;
  return {
    principal: () => principal,
    picksSession: false,
    facts: new Map([...always, ...facts]),
    identity: foreign ? [everything] : [],
    resources,
    resourceAccount: identity.account,
  };
}

/** An account, a role, a session or a user. */
function accountClass(value: string, resources: ResourcePolicy[], stack: StackContext): PrincipalClass {
  const account = accountNamed(value);
  const { partition } = stack.identity;
  if (account !== undefined)
    return classOf({ arn: `arn:${partition}:iam::${account}:root`, account }, resources, stack, [
      ...ofCallers,
      ['aws:principalaccount', { is: account }],
      ['aws:principalarn', oneOf(sets.arn(`arn:*:*:*:${account}:*`))],
    ]);
  const [, , , , owner = '', resource = ''] = value.split(':');
  if (resource.startsWith('role/')) {
    const policies = owner === stack.identity.account ? [] : [everything];
    return sessionsOf({ arn: value, policies }, resources, stack);
  }
  const [, role] = /^assumed-role\/([^/]+)\//.exec(resource) ?? [];
  const roleArn = role === undefined ? undefined : `arn:${partition}:iam::${owner}:role/${role}`;
  return classOf({ arn: value, account: owner, ...(roleArn && { roleArn }) }, resources, stack, [
    ...ofCallers,
    ['aws:principalaccount', { is: owner }],
    // A role's ARN has a path that its sessions' ARNs don't show.
    ['aws:principalarn', role === undefined ? { is: value } : oneOf(sets.arn(`arn:*:iam::${owner}:role/*`))],
  ]);
}

/** Keys of principals that belong to an account. */
const ofPrincipals = [
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:username',
];

const ofServices: FactEntries = [['aws:principalisawsservice', { is: 'true' }], ...lacking(ofPrincipals)];

function serviceClass(service: string, resources: ResourcePolicy[], stack: StackContext): PrincipalClass {
  const facts: FactEntries = [...ofServices, ['aws:principalservicename', { is: service }]];
  return classOf({ arn: service, service }, resources, stack, facts);
}

/**
 * SES, when it stores mail that another account receives. A condition must not count on the keys of the source: one that also holds without
 * them (`IfExists`) binds SES to nobody.
 *
 * @param referer whether it may also set the old `aws:Referer`, to another account.
 */
export function foreignSes(resources: ResourcePolicy[], stack: StackContext, referer: boolean): PrincipalClass {
  const { account } = stack.identity;
  const service = 'ses.amazonaws.com';
  const anotherAccount = orAbsent(sets.except(sets.like('?'.repeat(12)), account));
  const anotherArn = sets.minus(sets.arn('arn:*:ses:*:*:*'), sets.arn(`arn:*:*:*:${account}:*`));
  return classOf({ arn: service, service }, resources, stack, [
    ...ofServices,
    ['aws:principalservicename', { is: service }],
    ['aws:sourceaccount', anotherAccount],
    ['aws:sourcearn', orAbsent(anotherArn)],
    ...(referer ? [['aws:referer', anotherAccount] as [string, Fact]] : []),
  ]);
}

/** Requests without credentials, which have no keys of a principal. */
export function anonymous(resources: ResourcePolicy[], stack: StackContext): PrincipalClass {
  const tags = JSON.stringify(resources.map(({ document }) => document)).match(/aws:PrincipalTag\/[^"'},]+/gi) ?? [];
  return classOf({ arn: 'anonymous' }, resources, stack, [
    ...ofCallers,
    ...lacking(ofPrincipals),
    ...lacking(tags.map((tag) => tag.trim().toLowerCase())),
  ]);
}

/** Whom `*` means: principals of other accounts, others of this account, and services. */
function anybody(resources: ResourcePolicy[], { roles, trusted }: Insiders, stack: StackContext): PrincipalClass[] {
  const { account, partition } = stack.identity;
  const known = [...roles, ...trusted];
  const accounts = [account, ...trusted.flatMap((one) => accountNamed(one) ?? [])];
  const user = (owner: string) => ({ arn: `arn:${partition}:iam::${owner}:user/anybody`, account: owner });
  const foreignArns = accounts.reduce(
    (rest, one) => sets.minus(rest, sets.arn(`arn:*:*:*:${one}:*`)),
    sets.except(sets.arn('arn:*:*:*:*:*'), ...trusted),
  );
  return [
    classOf(user(elsewhere), resources, stack, [
      ...ofCallers,
      ['aws:principalaccount', oneOf(sets.except(sets.like('?'.repeat(12)), ...accounts))],
      ['aws:principalarn', oneOf(foreignArns)],
    ]),
    classOf(user(account), resources, stack, [
      ...ofCallers,
      ['aws:principalaccount', { is: account }],
      ['aws:principalarn', oneOf(sets.except(sets.arn(`arn:*:*:*:${account}:*`), ...known))],
    ]),
    classOf({ arn: 'an AWS service', service: 'an AWS service' }, resources, stack, ofServices),
  ];
}
