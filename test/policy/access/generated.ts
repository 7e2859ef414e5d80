/**
 * Random policies, classes and requests over few texts, so that they often meet.
 */

import { type Fact, type PrincipalClass, type Question, sets } from '../../../src/policy/access/index.js';
import type { Statement } from '../../../src/policy/document.js';
import type { NamedPolicy } from '../../../src/policy/evaluate.js';
import type { AuthorizationRequest } from '../../../src/policy/request.js';

export interface Random {
  /** A whole number from 0 up to, but not including, this. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
}

/** https://en.wikipedia.org/wiki/Xorshift */
export function randomFrom(seed: number): Random {
  let state = seed | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
    chance: (probability) => next() < probability,
  };
}

const account = '111122223333';
const role = `arn:aws:iam::${account}:role/r`;
const session = `arn:aws:sts::${account}:assumed-role/r/`;
export const tag = 'aws:PrincipalTag/t';

const words = ['a', 'b', 'k1', 'k2', 'k1b', '', 'A'];
const pieces = [
  ...words,
  '*',
  '?',
  '??',
  'k?',
  'k*',
  `\${${tag}}`,
  `\${${tag}, 'k1'}`,
  '${aws:userid}',
  '${*}',
  `x\${${tag}}`,
];
const actions = ['s:Get', 's:Put', 's:GetOther', 't:Get'];
const actionPatterns = [...actions, '*', 's:*', 's:get*', '?:Get', 's:G??', 'T:*'];
const sessions = ['s1', 's2', 's3'];
const keys = [
  'c:one',
  's3:prefix',
  tag,
  'aws:userid',
  'aws:SourceIp',
  'c:count',
  'aws:TagKeys',
  'aws:PrincipalArn',
  'AWS:PRINCIPALTAG/T',
];

function many<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: 1 + random.below(most) }, make);
}

const path = (random: Random, of: readonly string[]) => many(random, 3, () => random.pick(of)).join('/');

const arns = [
  'arn:*:s:::a',
  'arn:aws:s:::k1',
  'arn:aws:?:::*',
  'a:b',
  'arn:aws:iam::*:role/r',
  `arn:aws:s:::\${${tag}}`,
  'arn:aws:s:${aws:userid}::b',
];

const operators: Record<string, (random: Random) => string> = {
  StringEquals: (random) => path(random, pieces),
  StringNotEquals: (random) => path(random, pieces),
  StringEqualsIgnoreCase: (random) => path(random, pieces),
  StringNotEqualsIgnoreCase: (random) => path(random, pieces),
  StringLike: (random) => path(random, pieces),
  StringNotLike: (random) => path(random, pieces),
  ArnLike: (random) => random.pick(arns),
  ArnNotEquals: (random) => random.pick(arns),
  Bool: (random) => random.pick(['true', 'false']),
  Null: (random) => random.pick(['true', 'false', 'other']),
  NumericLessThan: (random) => random.pick(['1', '5']),
  NumericNotEquals: (random) => random.pick(['1', '5']),
  IpAddress: (random) => random.pick(['10.0.0.0/8', '10.1.1.1']),
  NotIpAddress: (random) => random.pick(['10.0.0.0/8', '10.1.1.1']),
  DateGreaterThan: () => '2020-01-01T00:00:00Z',
};

function condition(random: Random): Statement['Condition'] {
  const tests = many(random, 2, () => {
    const base = random.pick(Object.keys(operators));
    const set = base === 'Null' || random.chance(0.7) ? '' : random.pick(['ForAllValues:', 'ForAnyValue:']);
    const exists = base !== 'Null' && random.chance(0.2) ? 'IfExists' : '';
    const value = () => operators[base]?.(random) ?? '';
    const tested = many(
      random,
      2,
      () => [random.pick(keys), random.chance(0.7) ? value() : [value(), value()]] as const,
    );
    return [set + base + exists, Object.fromEntries(tested)] as const;
  });
  return Object.fromEntries(tests);
}

function statement(random: Random, effect: Statement['Effect'], named: boolean): Statement {
  const principals = [
    '*',
    { AWS: role },
    { AWS: account },
    { AWS: `${session}${random.pick(sessions)}` },
    { Service: 'x.amazonaws.com' },
    { AWS: [role, `${session}s1`] },
  ] as const;
  const who = named ? { [random.chance(0.85) ? 'Principal' : 'NotPrincipal']: random.pick(principals) } : {};
  const resources = () => many(random, 2, () => (random.chance(0.1) ? '*' : `r:${path(random, pieces)}`));
  return {
    Effect: effect,
    ...who,
    [random.chance(0.85) ? 'Action' : 'NotAction']: many(random, 2, () => random.pick(actionPatterns)),
    [random.chance(0.8) ? 'Resource' : 'NotResource']: resources(),
    ...(random.chance(0.5) && { Condition: condition(random) }),
  };
}

function policy(random: Random, name: string, named = false): NamedPolicy {
  const Statement = many(random, 3, () => statement(random, random.chance(0.65) ? 'Allow' : 'Deny', named));
  return { name, document: { ...(random.chance(0.8) && { Version: '2012-10-17' }), Statement } };
}

export interface Case {
  asked: PrincipalClass;
  question: Question;
  /** A request that a caller of the class may send. */
  request(random: Random): AuthorizationRequest;
}

export function caseFrom(random: Random): Case {
  const kind = random.pick(['own', 'own', 'own', 'literal', 'empty', 'absent', 'unknown'] as const);
  const facts = new Map<string, Fact>([
    [' session', { among: { absent: false, several: false, texts: sets.anySession } }],
    ['aws:principalarn', { is: role }],
    ['aws:principalaccount', { is: account }],
    ['aws:principalisawsservice', { is: 'false' }],
    ['aws:username', { is: undefined }],
  ]);
  const known: Record<typeof kind, Fact | undefined> = {
    own: { own: sets.anySegment },
    literal: { is: 'k1' },
    empty: { is: '' },
    absent: { is: undefined },
    unknown: undefined,
  };
  const fact = known[kind];
  if (fact !== undefined) facts.set(tag.toLowerCase(), fact);
  const countKnown = random.chance(0.3);
  if (countKnown) facts.set('c:count', { is: '3' });
  const prefixLimited = random.chance(0.2);
  if (prefixLimited) facts.set('s3:prefix', { among: { absent: false, several: false, texts: sets.exactly('a') } });
  const foreign = random.chance(0.15);
  const asked: PrincipalClass = {
    principal: (name) => ({ arn: session + name, roleArn: role, account }),
    picksSession: true,
    facts,
    identity: random.chance(0.7) ? [policy(random, 'identity')] : [],
    ...(random.chance(0.2) && { boundary: policy(random, 'boundary') }),
    ...(random.chance(0.1) && { session: policy(random, 'session') }),
    resources: random.chance(0.7) ? [{ ...policy(random, 'resource', true), resources: ['r:*'] }] : [],
    resourceAccount: foreign ? '999999999999' : account,
  };
  const all: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const permitted = many(random, 2, () => statement(random, 'Allow', false));
  const own: Statement = { Effect: 'Allow', Action: 's:*', Resource: [`r:a/\${${tag}}/*`, `r:\${${tag}}`] };
  const question = {
    harm: random.chance(0.6) ? [all] : many(random, 2, () => statement(random, 'Allow', false)),
    permitted: random.chance(0.5) ? [own] : permitted,
  };
  return {
    asked,
    question,
    request: (draw) => {
      const tags: Record<typeof kind, string[]> = {
        own: ['k1', 'k2', 'a', 'A', 'k1b', '*', 'zzz'],
        literal: ['k1'],
        empty: [''],
        absent: [],
        unknown: ['k1', 'a', ''],
      };
      const value = tags[kind].length === 0 ? undefined : draw.pick(tags[kind]);
      const texts = [...words, ...(value === undefined ? [] : [value, value, value])];
      const some = (list: readonly string[]) => (draw.chance(0.4) ? [] : draw.pick(list));
      return {
        principal: asked.principal(draw.pick([...sessions, 'other'])),
        action: draw.pick(actions),
        resource: draw.chance(0.05) ? '*' : `r:${path(draw, texts)}`,
        resourceAccount: asked.resourceAccount,
        context: {
          [tag]: kind === 'unknown' && draw.chance(0.3) ? [] : (value ?? []),
          'c:one': draw.chance(0.2) ? [path(draw, texts), path(draw, texts)] : some([path(draw, texts)]),
          's3:prefix': prefixLimited ? 'a' : some([path(draw, texts)]),
          'aws:userid': some([path(draw, texts)]),
          'aws:SourceIp': some(['10.1.1.1', '10.2.2.2', '192.0.2.1']),
          'c:count': countKnown ? '3' : some(['0', '3', '5', '9']),
          'aws:TagKeys': draw.chance(0.3) ? [draw.pick(texts), draw.pick(texts)] : some([draw.pick(texts)]),
        },
      };
    },
  };
}
