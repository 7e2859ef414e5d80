/**
 * Sets of requests: boxes, each with the sets of actions, resources and values of condition keys that a request has independently.
 */
import { listOf, type Statement } from '../document.js';
import { type Test, valuesOf } from './condition.js';
import { both, domainOf, type Facts, isNone, NONE, ownKeys, type Values, without } from './facts.js';
import { TooComplexError } from './language.js';
import { type Reading, textsMatching } from './texts.js';

/** No condition key begins with a space. */
export const ACTION = ' action';
export const RESOURCE = ' resource';
/** The session's name, where the caller picks it. */
export const SESSION = ' session';

/** The values of a request's parts; one that is missing may have any value that the class's facts allow. */
export type Box = ReadonlyMap<string, Values>;

/** More boxes than any sound policy needs; an analysis that exceeds it proves nothing. */
const MAX_BOXES = 2_000;

/** The requests in both. */
export function overlap(a: Box, b: Box): Box | undefined {
  const shared = new Map(a);
  for (const [part, values] of b) {
    const mine = a.get(part);
    const common = mine === undefined ? values : both(mine, values);
    if (isNone(common)) return undefined;
    shared.set(part, common);
  }
  return shared;
}

export function overlaps(boxes: readonly Box[], others: readonly Box[]): Box[] {
  return limited(boxes.flatMap((one) => others.flatMap((other) => overlap(one, other) ?? [])));
}

/** The requests in the first but not in the second. */
function minus(a: Box, b: Box, facts: Facts): Box[] {
  if (overlap(a, b) === undefined) return [a];
  const rest: Box[] = [];
  const common = new Map(a);
  for (const [part, values] of b) {
    const mine = common.get(part) ?? domainOf(facts, part);
    const outside = without(mine, values);
    if (!isNone(outside)) rest.push(new Map([...common, [part, outside]]));
    common.set(part, both(mine, values));
  }
  return rest;
}

/** What remains of some boxes without others. @throws {TooComplexError} */
export function subtract(boxes: readonly Box[], others: readonly Box[], facts: Facts): Box[] {
  let rest = [...boxes];
  for (const other of others) rest = limited(rest.flatMap((box) => minus(box, other, facts)));
  return rest;
}

function limited(boxes: Box[]): Box[] {
  if (boxes.length > MAX_BOXES) throw new TooComplexError('the policies have too many cases to analyse');
  return boxes;
}

const noFacts: Facts = new Map();

/** How a policy's texts are read. */
export interface Grammar {
  /** Whether the document's Version supports policy variables. */
  variables: boolean;
  /** A Resource value in this kind of policy. */
  resource(text: string): string;
}

/** The requests that a statement's elements match, from any caller; undefined if there are none. */
export function boxOf(
  statement: Statement,
  { variables, resource }: Grammar,
  facts: Facts,
  reading: Reading,
): Box | undefined {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const rules = { comparison: 'like', variables, facts, reading } as const;
  // Actions have no variables, and no regard to case.
  const actionRules = { ...rules, variables: false, facts: noFacts };
  const actions = listOf(Action ?? NotAction).map((text) => text.toLowerCase());
  const resources = listOf(Resource ?? NotResource).map(resource);
  const box = new Map<string, Values>([
    [ACTION, { ...NONE, texts: textsMatching(actions, Action === undefined, actionRules) }],
    [RESOURCE, { ...NONE, texts: textsMatching(resources, Resource === undefined, rules) }],
  ]);
  const tests = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]): Test => ({ operator, key: key.toLowerCase(), values: listOf(values) })),
  );
  const own = ownKeys(facts);
  const refersToOwn = ({ values }: Test) => own.some((key) => JSON.stringify(values).toLowerCase().includes(key));
  for (const test of tests.toSorted((a, b) => Number(refersToOwn(b)) - Number(refersToOwn(a)))) {
    const earlier = box.get(test.key);
    // One of several conditions on a key says where a symbol stands; the others must contain that text.
    const loose = reading.loose || earlier !== undefined;
    const values = valuesOf(test, variables, facts, { ...reading, loose });
    box.set(test.key, both(earlier ?? domainOf(facts, test.key), values));
  }
  return [...box.values()].some(isNone) ? undefined : box;
}
