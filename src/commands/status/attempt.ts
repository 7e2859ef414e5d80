/**
 * A value, or the reason it is unavailable; one denied call must not hide the rest.
 */
import { explain } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';

export type Attempt<Value> = { value: Value } | { unknown: string };

/** Awaits a value; an error becomes the reason, explained for the operator. Never rejects. */
export async function attempt<Value>(
  pending: Promise<Value>,
  { endpointUrl }: Pick<Settings, 'endpointUrl'>,
): Promise<Attempt<Value>> {
  try {
    return { value: await pending };
  } catch (error) {
    return { unknown: explain(error, endpointUrl) };
  }
}
