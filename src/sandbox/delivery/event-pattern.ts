/**
 * EventBridge's event patterns: parsed into a predicate, so that PutRule rejects every pattern that delivery could not evaluate.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

import { AwsRefusal } from '../operation.js';

/** PutRule rejects the pattern: EventBridge would, or it has an operator that is not emulated. */
export class EventPatternError extends AwsRefusal {
  constructor(reason: string) {
    super('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
  }
}

/** Whether an event matches. */
export type EventMatcher = (event: unknown) => boolean;

type JsonObject = { [field: string]: unknown };
type Leaf = string | number | boolean | null;
/** Decides about all values of a field: several if it is a list, none if the event lacks it. */
type FieldTest = (values: Leaf[]) => boolean;
type LeafTest = (value: Leaf) => boolean;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isLeaf = (value: unknown): value is Leaf => typeof value !== 'object' || value === null;

/**
 * Reads an event pattern.
 *
 * @param text The pattern's JSON, as given to PutRule.
 * @throws {EventPatternError} for text that is not JSON, a malformed pattern, or an operator unknown here, which it names.
 */
export function parseEventPattern(text: string): EventMatcher {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw new EventPatternError('Invalid JSON');
  }
  if (!isObject(pattern)) {
    throw new EventPatternError('Filter is not an object');
  }
  return objectMatcher(pattern);
}

/** Every field of the pattern must match. */
function objectMatcher(pattern: JsonObject): EventMatcher {
  const fields = Object.entries(pattern).map(([field, rule]) => fieldMatcher(field, rule));
  if (fields.length === 0) {
    throw new EventPatternError('Empty objects are not allowed');
  }
  return (event) => fields.every((matches) => matches(event));
}

function fieldMatcher(field: string, rule: unknown): EventMatcher {
  if (field === '$or') {
    return orMatcher(rule);
  }
  if (Array.isArray(rule)) {
    const tests = rule.map(valueTest);
    if (tests.length === 0) {
      throw new EventPatternError('Empty arrays are not allowed');
    }
    return (event) => {
      const values = valuesAt(event, field).filter(isLeaf);
      return tests.some((test) => test(values));
    };
  }
  if (isObject(rule)) {
    const matches = objectMatcher(rule);
    // Where the event lacks the field, only an `exists: false` further down can still match.
    return (event) => {
      const values = valuesAt(event, field);
      return (values.length > 0 ? values : [undefined]).some(matches);
    };
  }
  throw new EventPatternError(`"${field}" must be an object or an array`);
}

function orMatcher(rule: unknown): EventMatcher {
  if (!Array.isArray(rule) || rule.length < 2 || !rule.every(isObject)) {
    throw new EventPatternError('"$or" must be an array of at least two objects');
  }
  const alternatives = rule.map(objectMatcher);
  return (event) => alternatives.some((matches) => matches(event));
}

/** The values of an event's field: each member of a list is one. */
function valuesAt(event: unknown, field: string): unknown[] {
  return isObject(event) && Object.hasOwn(event, field) ? [event[field]].flat(Number.POSITIVE_INFINITY) : [];
}

function valueTest(rule: unknown): FieldTest {
  if (isLeaf(rule)) {
    return (values) => values.includes(rule);
  }
  const [operator, operand] = singleEntry(rule);
  const parse = operators.get(operator);
  if (parse === undefined) {
    throw new EventPatternError(`Unrecognized match type ${operator}`);
  }
  return parse(operand);
}

function singleEntry(rule: unknown): [string, unknown] {
  const [entry, ...others] = isObject(rule) ? Object.entries(rule) : [];
  if (entry === undefined || others.length > 0) {
    throw new EventPatternError('Only one key allowed in match expression');
  }
  return entry;
}

const anyValue =
  (test: LeafTest): FieldTest =>
  (values) =>
    values.some(test);

const operators = new Map<string, (operand: unknown) => FieldTest>(
  Object.entries({
    prefix: (operand: unknown) => anyValue(stringTest('prefix', operand)),
    suffix: (operand: unknown) => anyValue(stringTest('suffix', operand)),
    'equals-ignore-case': (operand: unknown) => anyValue(stringTest('equals-ignore-case', operand)),
    wildcard: (operand: unknown) => anyValue(stringTest('wildcard', operand)),
    'anything-but': (operand: unknown) => anyValue(anythingBut(operand)),
    numeric: (operand: unknown) => anyValue(numericTest(operand)),
    exists: (operand: unknown) => {
      if (typeof operand !== 'boolean') {
        throw new EventPatternError('exists match pattern must be either true or false.');
      }
      return (values: Leaf[]) => values.length > 0 === operand;
    },
  }),
);

type StringOperator = 'prefix' | 'suffix' | 'equals-ignore-case' | 'wildcard';

const stringOperators: Record<StringOperator, (operand: string) => (value: string) => boolean> = {
  prefix: (operand) => (value) => value.startsWith(operand),
  suffix: (operand) => (value) => value.endsWith(operand),
  'equals-ignore-case': (operand) => (value) => value.toLowerCase() === operand.toLowerCase(),
  wildcard: (operand) => {
    const expression = wildcardExpression(operand);
    return (value) => expression.test(value);
  },
};

function stringTest(operator: StringOperator, operand: unknown): LeafTest {
  if (isObject(operand) && (operator === 'prefix' || operator === 'suffix')) {
    const [inner, text] = singleEntry(operand);
    if (inner === 'equals-ignore-case' && typeof text === 'string') {
      const matches = stringOperators[operator](text.toLowerCase());
      return (value) => typeof value === 'string' && matches(value.toLowerCase());
    }
  }
  if (typeof operand !== 'string') {
    throw new EventPatternError(`${operator} match pattern must be a string`);
  }
  const matches = stringOperators[operator](operand);
  return (value) => typeof value === 'string' && matches(value);
}

/** `*` matches any characters; `\*` and `\\` are literal. */
function wildcardExpression(pattern: string): RegExp {
  const parts = [...pattern.matchAll(/\\[*\\]|\*|[^*]/gs)].map(([part]) => part);
  if (parts.some((part, index) => part === '*' && parts[index + 1] === '*')) {
    throw new EventPatternError('Consecutive wildcard characters');
  }
  const source = parts.map((part) => (part === '*' ? '.*' : literal(part.slice(-1)))).join('');
  return new RegExp(`^${source}$`, 's');
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');

const isStringOperator = (operator: string): operator is StringOperator => Object.hasOwn(stringOperators, operator);

/** True for a value that exists and is none of those named. */
function anythingBut(operand: unknown): LeafTest {
  if (isObject(operand)) {
    const [operator, texts] = singleEntry(operand);
    if (!isStringOperator(operator)) {
      throw new EventPatternError(`Unsupported anything-but pattern: ${operator}`);
    }
    const tests = [texts].flat().map((text) => stringTest(operator, text));
    return (value) => !tests.some((test) => test(value));
  }
  const excluded = [operand].flat();
  if (excluded.length === 0 || !excluded.every(isLeaf)) {
    throw new EventPatternError('Value of anything-but must be an array of strings or numbers, or one of them');
  }
  return (value) => !excluded.includes(value);
}

const comparisons = new Map<unknown, (value: number, bound: number) => boolean>([
  ['=', (value, bound) => value === bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
]);

/** `["=", 5]` or a range, `[">", 0, "<=", 5]`. */
function numericTest(operand: unknown): LeafTest {
  const terms = Array.isArray(operand) ? operand : [];
  const bounds: Array<(value: number) => boolean> = [];
  for (let index = 0; index < terms.length; index += 2) {
    const compare = comparisons.get(terms[index]);
    const bound: unknown = terms[index + 1];
    if (compare === undefined || typeof bound !== 'number') {
      throw new EventPatternError(`Invalid member in numeric match: ${JSON.stringify(terms.slice(index, index + 2))}`);
    }
    bounds.push((value) => compare(value, bound));
  }
  if (bounds.length === 0) {
    throw new EventPatternError('Value of numeric must be an array.');
  }
  return (value) => typeof value === 'number' && bounds.every((holds) => holds(value));
}
