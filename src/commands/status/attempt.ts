/**
 * An answer of AWS's, or why there is none: what one service refuses keeps nothing else from being shown.
 */
import { explain } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';

export type Attempt<Value> = { value: Value } | { unknown: string };

/** Waits for an answer; what fails becomes its reason, in words for the operator. Never rejected. */
export async function attempt<Value>(
  asked: Promise<Value>,
  { endpointUrl }: Pick<Settings, 'endpointUrl'>,
): Promise<Attempt<Value>> {
  try {
    return { value: await asked };
  } catch (error) {
    return { unknown: explain(error, endpointUrl) };
  }
}
