/**
 * Long lists in pages. EventBridge and CloudWatch Logs continue a list by a token, IAM by a marker.
 */
import { AwsRefusal } from '../operation.js';

/**
 * One page of a list.
 * @param token What the page before this one answered; undefined for the first.
 * @param limit Items a page.
 * @throws {AwsRefusal} with `invalid` as its code for a token that no page has answered
 */
export function tokenPage<T>(
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

export interface MarkerInput {
  MaxItems?: string;
  Marker?: string;
}

/** One page of a list: 100 items, or what MaxItems says. The marker is the number of items before the page. */
export function markerPage<T>(
  name: string,
  items: T[],
  { MaxItems = '100', Marker = '0' }: MarkerInput,
): Record<string, unknown> {
  const end = Number(Marker) + Number(MaxItems);
  const IsTruncated = items.length > end;
  return { [name]: items.slice(Number(Marker), end), IsTruncated, Marker: IsTruncated ? String(end) : undefined };
}
