/**
 * Which callers a resource policy's Principal or NotPrincipal element matches, and how.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { accountNamed, listOf, principalsOf, type Statement } from './document.js';
import type { Principal } from './request.js';

/**
 * How an element names a caller: `direct` by its user or session ARN, as a service or identity provider, or by `*`; by its `role`, with the
 * role's boundary and session policy still in force; or by its `account`, which delegates to that account's identity policies.
 */
export type Naming = 'direct' | 'role' | 'account';

function namedAsAws(value: string, principal: Principal): Naming | undefined {
  if (value === '*') return 'direct';
  if (principal.account !== undefined && accountNamed(value) === principal.account) return 'account';
  if (value !== principal.arn && value !== principal.roleArn) return undefined;
  return value.includes(':role/') ? 'role' : 'direct';
}

/** An identity provider's host and path, from a URL or an ARN: a trust policy may use either. */
function provider(name: string): string {
  return name.replace(/^(https:\/\/|arn:.*:oidc-provider\/)/, '');
}

function sameProvider(value: string, federated: string): boolean {
  const bothArns = value.startsWith('arn:') && federated.startsWith('arn:');
  return bothArns ? value === federated : provider(value) === provider(federated);
}

/** By principal type. CanonicalUser is missing: it is S3's own ID for an account, which is not known here. */
const NAMING: Record<string, (value: string, principal: Principal) => Naming | undefined> = {
  AWS: namedAsAws,
  Service: (value, { service }) => (value === service ? 'direct' : undefined),
  Federated: (value, { federated = '' }) => (sameProvider(value, federated) ? 'direct' : undefined),
};

/** The most direct way in which a Principal element names a caller; undefined if it doesn't. */
export function namedBy(element: Statement['Principal'], principal: Principal): Naming | undefined {
  const found = Object.entries(principalsOf(element)).flatMap(([type, named]) =>
    listOf(named).map((value) => NAMING[type]?.(value, principal)),
  );
  return (['direct', 'role', 'account'] as const).find((naming) => found.includes(naming));
}

/** All identities of a caller: its session, role and account; a service or anonymous caller has only itself. */
function identitiesOf(principal: Principal): Principal[] {
  const { arn, roleArn, account } = principal;
  if (account === undefined) return [principal];
  return [{ arn }, { arn: roleArn ?? arn }, { arn: '', account }];
}

/**
 * How a resource policy's statement applies to a caller; undefined if it doesn't. `NotPrincipal` with Allow grants to everyone
 * not listed. With Deny it exempts only a caller whose session, role and account are all listed, as AWS may check each of them, and never
 * one that has a permissions boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function reaches(statement: Statement, principal: Principal, bounded: boolean): Naming | undefined {
  const { NotPrincipal } = statement;
  if (NotPrincipal === undefined) return namedBy(statement.Principal, principal);
  const listed = identitiesOf(principal).map((name) => namedBy(NotPrincipal, name) !== undefined);
  const exempt = statement.Effect === 'Allow' ? listed.includes(true) : !bounded && !listed.includes(false);
  return exempt ? undefined : 'direct';
}
