/**
 * A role's policies: the names of its inline policies, and the managed policies attached to it, from all pages.
 */
import {
  type AttachedPolicy,
  type IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import { ifExists } from '../aws/errors.js';

/** The names of a role's inline policies; none if the role doesn't exist. IAM may return them in several pages. */
export async function inlinePolicyNames(client: IAMClient, RoleName: string): Promise<string[]> {
  const pages = paginateListRolePolicies({ client }, { RoleName });
  return (await ifExists(all(pages, ({ PolicyNames = [] }) => PolicyNames))) ?? [];
}

/** A role's attached policies; none if the role doesn't exist. */
export async function attachedPolicies(client: IAMClient, RoleName: string): Promise<AttachedPolicy[]> {
  const pages = paginateListAttachedRolePolicies({ client }, { RoleName });
  return (await ifExists(all(pages, ({ AttachedPolicies = [] }) => AttachedPolicies))) ?? [];
}

async function all<Page, Item>(pages: AsyncIterable<Page>, itemsOf: (page: Page) => Item[]) {
  const items: Item[] = [];
  for await (const page of pages) items.push(...itemsOf(page));
  return items;
}
