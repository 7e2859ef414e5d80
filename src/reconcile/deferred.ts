/**
 * Values that exist only once the plan is under way: the id AWS gives a new role, a function's current revision, the time.
 * A plan holds a reference in their place, so that it stays plain data; `fill` puts the value in when the call is made.
 */
import type { Write } from '../aws/writes.js';

/** The references a plan may hold. */
export const deferred = {
  /** IAM's unique id of the execution role. */
  roleId: '<id of the execution role>',
  /** The function's revision after the last change to it. */
  functionRevision: '<revision of the function>',
  /** When the call is made; ISO 8601, UTC. */
  now: '<now>',
} as const;

export type DeferredValue = (typeof deferred)[keyof typeof deferred];

/** The values known so far. */
export type DeferredValues = Map<DeferredValue, string>;

/**
 * The write with every reference replaced by its value. A reference without a value yet goes out as no value at all:
 * AWS's optional inputs (a RevisionId) are then left out.
 */
export function resolve<Input extends Write>(write: Input, values: DeferredValues): Input {
  const references = new Set<unknown>(Object.values(deferred));
  const filled = (value: unknown): unknown => {
    if (references.has(value)) return values.get(value as DeferredValue);
    if (Array.isArray(value)) return value.map(filled);
    if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
    return value;
  };
  return filled(write) as Input;
}
