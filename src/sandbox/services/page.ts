/**
 * Long lists in pages, with a token that says where the next one begins.
 */
import { AwsRefusal } from '../operation.js';

/**
 * One page of a list.
 * @param token What the page before this one answered; undefined for the first.
 * @param limit Items a page.
 * @throws {AwsRefusal} with `invalid` as its code for a token that no page has answered
 */
export function page<T>(
  items: T[],
  token: string | undefined,
  limit: number,
  invalid: string,
): { items: T[]; token: string | undefined } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (!Number.isInteger(start)) throw new AwsRefusal(invalid, 'The specified nextToken is invalid.');
  const end = start + limit;
  return {
    items: items.slice(start, end),
    token: end < items.length ? Buffer.from(`${end}`).toString('base64') : undefined,
  };
}
