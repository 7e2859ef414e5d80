/**
 * Whom a resource policy's Principal or NotPrincipal means, and how directly it names them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { accountNamed, listOf, principalsOf, type Statement } from './document.js';
import type { Principal } from './request.js';

/**
 * How a caller is named: `direct` by its user or session ARN, as a service or identity provider, or by `*`; by its `role`, which leaves
 * the role's limits in force; or by its `account`, which only lets that account's identity policies decide.
 */
export type Naming = 'direct' | 'role' | 'account';

function namedAsAws(value: string, principal: Principal): Naming | undefined {
  if (value === '*') return 'direct';
  if (principal.account !== undefined && accountNamed(value) === principal.account) return 'account';
  if (value !== principal.arn && value !== principal.roleArn) return undefined;
  return value.includes(':role/') ? 'role' : 'direct';
}

/** An identity provider's name without its scheme or the front of its ARN: a trust policy names it either way. */
function provider(name: string): string {
  return name.replace(/^(https:\/\/|arn:.*:oidc-provider\/)/, '');
}

function sameProvider(value: string, federated: string): boolean {
  const bothArns = value.startsWith('arn:') && federated.startsWith('arn:');
  return bothArns ? value === federated : provider(value) === provider(federated);
}

/** By principal type. A canonical user id is S3's own name for an account, and known to nobody here. */
const NAMING: Record<string, (value: string, principal: Principal) => Naming | undefined> = {
  AWS: namedAsAws,
  Service: (value, { service }) => (value === service ? 'direct' : undefined),
  Federated: (value, { federated = '' }) => (sameProvider(value, federated) ? 'direct' : undefined),
};

/** The most direct way in which a Principal element names a caller; undefined when it does not. */
export function namedBy(element: Statement['Principal'], principal: Principal): Naming | undefined {
  const found = Object.entries(principalsOf(element)).flatMap(([type, named]) =>
    listOf(named).map((value) => NAMING[type]?.(value, principal)),
  );
  return (['direct', 'role', 'account'] as const).find((naming) => found.includes(naming));
}

/** Everything a caller goes by: its session, the role and the account; a service or a stranger is itself alone. */
function names(principal: Principal): Principal[] {
  const { arn, roleArn, account } = principal;
  if (account === undefined) return [principal];
  return [{ arn }, { arn: roleArn ?? arn }, { arn: '', account }];
}

/**
 * How a statement of a resource policy reaches a caller; undefined when it does not. `NotPrincipal` with Allow grants to
 * everyone not listed. With Deny it spares only a caller whose session, role and account are all listed, since
 * AWS may check each of them, and nobody who has a permissions boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function reaches(statement: Statement, principal: Principal, bounded: boolean): Naming | undefined {
  const { NotPrincipal } = statement;
  if (NotPrincipal === undefined) return namedBy(statement.Principal, principal);
  const listed = names(principal).map((name) => namedBy(NotPrincipal, name) !== undefined);
  const spared = statement.Effect === 'Allow' ? listed.includes(true) : !bounded && !listed.includes(false);
  return spared ? undefined : 'direct';
}
