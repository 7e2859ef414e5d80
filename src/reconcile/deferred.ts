/**
 * Values known only while a plan is applied: the ID of a new role, a function's current revision, the time. The plan has
 * references instead, so that it stays plain data; `resolve` replaces them when the call is made.
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
 * The write with every reference replaced by its value. A reference without a value is sent as undefined, which omits an optional
 * input such as RevisionId.
 */
export function resolve<Input extends Write>(write: Input, values: DeferredValues): Input {
  const references = new Set<unknown>(Object.values(deferred));
  const resolved = (value: unknown): unknown => {
    if (references.has(value)) return values.get(value as DeferredValue);
    if (Array.isArray(value)) return value.map(resolved);
    if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
    return value;
  };
  return resolved(write) as Input;
}
