/**
 * A statement's Condition block: every operator with every key of it must hold.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from 'node:net';
import { listOf, type Statement } from './document.js';
import { expand, patternOf, type RequestContext, type Segment } from './variables.js';
import { matchesPattern } from './wildcard.js';

/** A condition operator that the evaluator does not support. It never guesses AWS's decision. */
export class UnknownConditionError extends Error {
  override readonly name = 'UnknownConditionError';
  constructor(readonly operator: string) {
    super(`the condition operator ${JSON.stringify(operator)} is not supported, so AWS's decision can't be predicted`);
  }
}

/** Compares one value of the policy with one of the request. */
type Comparison = (policy: Segment[], value: string) => boolean;

interface Operator {
  compare: Comparison;
  /** Whether it holds when no comparison matches: `StringNotEquals`. */
  negated: boolean;
  /** Whether its values may contain policy variables. */
  variables: boolean;
}

function plain(segments: Segment[]): string {
  return segments.map((segment) => segment.text).join('');
}

/** The six parts of an ARN, the last of which may contain colons. Fewer parts if it is not an ARN. */
function arnParts<T>(characters: readonly T[]): T[][] {
  const parts: T[][] = [[]];
  for (const character of characters) {
    if (character === ':' && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(character);
  }
  return parts;
}

function arnLike(policy: Segment[], value: string): boolean {
  const patterns = arnParts(patternOf(policy));
  const parts = arnParts([...value]).map((part) => part.join(''));
  const comparable = patterns.length === 6 && parts.length === 6;
  return comparable && patterns.every((pattern, index) => matchesPattern(pattern, String(parts[index])));
}

function numberOf(text: string): number {
  return /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** Seconds since 1970, or a W3C form of ISO 8601, the shortest of which is a four-digit year. Milliseconds since 1970. */
function timeOf(text: string): number {
  return /^\d{5,}$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function inRange(policy: Segment[], value: string): boolean {
  const [, network = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(plain(policy)) ?? [];
  const version = isIP(network);
  const bits = version === 6 ? 128 : 32;
  const prefix = Number(length ?? bits);
  if (version === 0 || prefix > bits) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const range = new BlockList();
  range.addSubnet(network, prefix, family);
  return range.check(value, family);
}

const equals: Comparison = (policy, value) => plain(policy) === value;
const equalsIgnoreCase: Comparison = (policy, value) => plain(policy).toLowerCase() === value.toLowerCase();
const like: Comparison = (policy, value) => matchesPattern(patternOf(policy), value);
const sameBytes: Comparison = (policy, value) =>
  Buffer.from(plain(policy), 'base64').equals(Buffer.from(value, 'base64'));

/** Compares the request's value with the policy's, both parsed as numbers; a value that can't be parsed matches nothing. */
function ordered(read: (text: string) => number, holds: (value: number, policy: number) => boolean): Comparison {
  return (policy, value) => holds(read(value), read(plain(policy)));
}

const same = (value: number, policy: number) => value === policy;

function orders(kind: string, read: (text: string) => number): Record<string, Comparison> {
  return {
    [`${kind}Equals`]: ordered(read, same),
    [`${kind}LessThan`]: ordered(read, (value, policy) => value < policy),
    [`${kind}LessThanEquals`]: ordered(read, (value, policy) => value <= policy),
    [`${kind}GreaterThan`]: ordered(read, (value, policy) => value > policy),
    [`${kind}GreaterThanEquals`]: ordered(read, (value, policy) => value >= policy),
  };
}

interface Family extends Pick<Operator, 'negated' | 'variables'> {
  comparisons: Record<string, Comparison>;
}

const FAMILIES: Family[] = [
  {
    negated: false,
    variables: true,
    comparisons: {
      StringEquals: equals,
      StringEqualsIgnoreCase: equalsIgnoreCase,
      StringLike: like,
      ArnEquals: arnLike,
      ArnLike: arnLike,
      Bool: equalsIgnoreCase,
    },
  },
  {
    negated: true,
    variables: true,
    comparisons: {
      StringNotEquals: equals,
      StringNotEqualsIgnoreCase: equalsIgnoreCase,
      StringNotLike: like,
      ArnNotEquals: arnLike,
      ArnNotLike: arnLike,
    },
  },
  {
    negated: false,
    variables: false,
    comparisons: {
      ...orders('Numeric', numberOf),
      ...orders('Date', timeOf),
      BinaryEquals: sameBytes,
      IpAddress: inRange,
    },
  },
  {
    negated: true,
    variables: false,
    comparisons: {
      NumericNotEquals: ordered(numberOf, same),
      DateNotEquals: ordered(timeOf, same),
      NotIpAddress: inRange,
    },
  },
];

/** By name in lower case: operators are case-insensitive. */
const OPERATORS = new Map<string, Operator>(
  FAMILIES.flatMap(({ comparisons, ...family }) =>
    Object.entries(comparisons).map(([name, compare]) => [name.toLowerCase(), { compare, ...family }] as const),
  ),
);

/** An operator's name, taken apart. */
export interface ParsedOperator {
  /** In lower case, without the set qualifier and `IfExists`: `stringlike`. */
  base: string;
  /** Whether every value of the request must hold (`ForAllValues`, negated operators), or one: so whether it holds for an absent key. */
  every: boolean;
  ifExists: boolean;
}

/** How multiple values in the request are combined: `ForAllValues` and negated operators need all of them to hold, all others need one. */
function parseOperator(name: string): ParsedOperator & { operator: Operator | undefined } {
  const lower = name.toLowerCase();
  const set = ['forallvalues:', 'foranyvalue:'].find((prefix) => lower.startsWith(prefix));
  const qualified = lower.slice(set?.length);
  const base = qualified.replace(/ifexists$/, '');
  const operator = OPERATORS.get(base);
  const every = set === 'forallvalues:' || (set === undefined && operator?.negated === true);
  return { base, every, ifExists: base !== qualified, operator };
}

/** @returns undefined for an operator that is not supported. `Null` has neither a set qualifier nor `IfExists`. */
export function operatorOf(name: string): ParsedOperator | undefined {
  const { operator, ...parsed } = parseOperator(name);
  return operator === undefined && name.toLowerCase() !== 'null' ? undefined : parsed;
}

/** The check that an operator, with its set qualifier and `IfExists`, makes on the request's values of one key. */
type Test = (values: readonly string[], policy: string[], variables: RequestContext | undefined) => boolean;

const isNull: Test = (values, policy) =>
  policy.some((expected) => expected.toLowerCase() === String(values.length === 0));

function testOf(name: string): Test {
  if (name.toLowerCase() === 'null') return isNull;
  const { operator, every, ifExists } = parseOperator(name);
  if (operator === undefined) throw new UnknownConditionError(name);
  return (values, policy, variables) => {
    if (values.length === 0 && ifExists) return true;
    const expected = policy
      .map((text) => expand(text, operator.variables ? variables : undefined))
      .filter((segments) => segments !== undefined);
    const holds = (value: string) => expected.some((each) => operator.compare(each, value)) !== operator.negated;
    return every ? values.every(holds) : values.some(holds);
  };
}

/**
 * Whether a Condition block holds for a request. For an absent key a positive operator does not hold, a negated one does. A policy
 * value with a variable that has no value equals nothing: a positive operator does not hold, a negated one does. Binary values are
 * base64 in the policy and in the context.
 * @param variables the context again, or undefined if the document's Version does not support policy variables.
 * @throws {UnknownConditionError}
 */
export function conditionsHold(
  condition: Statement['Condition'],
  context: RequestContext,
  variables: RequestContext | undefined,
): boolean {
  const blocks = Object.entries(condition ?? {}).map(([name, keys]) => ({ test: testOf(name), keys }));
  return blocks.every(({ test, keys }) =>
    Object.entries(keys).every(([key, policy]) =>
      test(context.get(key.toLowerCase()) ?? [], listOf(policy), variables),
    ),
  );
}
