import t from 'tap';
import { conditionsHold, UnknownConditionError } from '../../src/policy/conditions.js';
import type { Statement } from '../../src/policy/document.js';

type Values = Record<string, string[]>;

function holds(condition: Statement['Condition'], values: Values): boolean {
  const context = new Map(Object.entries(values).map(([key, each]) => [key.toLowerCase(), each]));
  return conditionsHold(condition, context, context);
}

/** Operator, the policy's values, the request's values (undefined: no such key), whether it holds. */
type Case = [operator: string, policy: string | string[], request: string | string[] | undefined, expected: boolean];

const topic = 'arn:aws:sns:us-east-1:111122223333:topic';
const store = 'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt';

const tables: Record<string, Case[]> = {
  strings: [
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEquals', ['a', 'b'], 'b', true],
    ['stringequals', 'a', 'a', true],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', 'a', 'a', false],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringEqualsIgnoreCase', 'aB', 'Ab', true],
    ['StringEqualsIgnoreCase', 'aB', 'Ac', false],
    ['StringNotEqualsIgnoreCase', 'aB', 'Ab', false],
    ['StringLike', 'inbound/*', 'inbound/', true],
    ['StringLike', 'inbound/*', 'Inbound/', false],
    ['StringLike', 'inbound/?', 'inbound/x', true],
    ['StringLike', ['bots/*', 'inbound/*'], 'inbound/x', true],
    ['StringNotLike', 'inbound/*', 'bots/x', true],
    ['StringNotLike', 'inbound/*', 'inbound/x', false],
    ['StringLike', 'home/*', '', false],
    ['StringEquals', '', '', true],
  ],
  ARNs: [
    ['ArnEquals', topic, topic, true],
    ['ArnEquals', topic, `${topic}-2`, false],
    ['ArnLike', 'arn:aws:sns:*:111122223333:t*', topic, true],
    ['ArnEquals', 'arn:aws:sns:*:111122223333:t*', topic, true],
    ['ArnLike', 'arn:aws:someservice:*:111122223333:finance/*', store, false],
    ['StringLike', 'arn:aws:someservice:*:111122223333:finance/*', store, true],
    ['ArnLike', 'arn:aws:logs:*:*:log-group:/aws/*', 'arn:aws:logs:us-east-1:1:log-group:/aws/x:y', true],
    ['ArnLike', '*', topic, false],
    ['ArnLike', 'arn:aws:sns:*:*:*', 'topic', false],
    ['ArnNotEquals', topic, topic, false],
    ['ArnNotLike', 'arn:aws:sns:*:*:other', topic, true],
  ],
  booleans: [
    ['Bool', 'true', 'true', true],
    ['Bool', 'True', 'true', true],
    ['Bool', 'false', 'true', false],
  ],
  numbers: [
    ['NumericEquals', '10', '10.0', true],
    ['NumericEquals', '10', 'ten', false],
    ['NumericEquals', '', '', false],
    ['NumericNotEquals', '10', '11', true],
    ['NumericNotEquals', '10', '10', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericLessThanEquals', '10', '11', false],
    ['NumericGreaterThan', '10', '11', true],
    ['NumericGreaterThan', '-1.5', '-2', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['NumericGreaterThanEquals', '10', '9', false],
  ],
  dates: [
    ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', true],
    ['DateEquals', '2026-01-01', '1767225600', true],
    ['DateEquals', '2026', '2026-01-01T00:00:00Z', true],
    ['DateEquals', 'yesterday', '2026', false],
    ['DateNotEquals', '2026-01-01', '2026-01-02', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
    ['DateLessThanEquals', '2026', '2026', true],
    ['DateGreaterThan', '2026', '2025', false],
    ['DateGreaterThanEquals', '2026', '2027', true],
  ],
  addresses: [
    ['IpAddress', '203.0.113.0/24', '203.0.113.255', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.0', false],
    ['IpAddress', '203.0.113.7', '203.0.113.7', true],
    ['IpAddress', '203.0.113.7', '203.0.113.8', false],
    ['IpAddress', '0.0.0.0/0', '203.0.113.8', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678::1', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5679::1', false],
    ['IpAddress', '2001:db8::1', '2001:db8::1', true],
    ['IpAddress', '2001:db8::/32', '203.0.113.7', false],
    ['IpAddress', ['203.0.113.0/24', '2001:db8::/32'], '2001:db8::7', true],
    ['IpAddress', '203.0.113.0/33', '203.0.113.1', false],
    ['IpAddress', '203.0.113.0/-1', '203.0.113.1', false],
    ['IpAddress', '203.0.113.0/x', '203.0.113.1', false],
    ['IpAddress', '203.0.113.0/24.5', '203.0.113.1', false],
    ['IpAddress', '203.0.113.0/24/24', '203.0.113.1', false],
    ['IpAddress', '203.0.113.0/24', 'unknown', false],
    ['IpAddress', '2001:db8::/129', '2001:db8::1', false],
    ['IpAddress', 'anywhere', '203.0.113.1', false],
    ['NotIpAddress', '203.0.113.0/24', '198.51.100.1', true],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.1', false],
  ],
  'binary values': [
    ['BinaryEquals', 'aGk=', 'aGk=', true],
    ['BinaryEquals', 'aGk=', 'aGk', true],
    ['BinaryEquals', 'aGk=', 'aG8=', false],
  ],
  'a key that is absent': [
    ['StringEquals', 'a', undefined, false],
    ['StringNotEquals', 'a', undefined, true],
    ['StringNotLike', 'a', undefined, true],
    ['ArnNotEquals', topic, undefined, true],
    ['NumericNotEquals', '1', undefined, true],
    ['DateNotEquals', '2026', undefined, true],
    ['NotIpAddress', '203.0.113.0/24', undefined, true],
    ['Bool', 'false', undefined, false],
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringEqualsIfExists', 'a', 'a', true],
    ['StringEqualsIfExists', 'a', 'b', false],
    ['StringNotEqualsIfExists', 'a', undefined, true],
    ['StringEquals', 'a', [], false],
    ['Null', 'true', undefined, true],
    ['Null', 'true', [], true],
    ['Null', 'true', 'a', false],
    ['Null', 'false', 'a', true],
    ['Null', 'False', undefined, false],
    ['Null', ['true', 'false'], 'a', true],
  ],
  sets: [
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringLike', 'a*', ['a1', 'a2'], true],
    ['ForAllValues:StringEquals', 'a', undefined, true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'a'], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'b'], true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], false],
    ['ForAnyValue:StringEquals', 'a', undefined, false],
    ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], true],
    ['ForAnyValue:StringNotEquals', 'a', ['a'], false],
    ['ForAnyValue:StringNotEquals', 'a', undefined, false],
    ['ForAnyValue:StringEqualsIfExists', 'a', undefined, true],
    ['foranyvalue:stringequals', 'a', ['a'], true],
    ['StringEquals', 'b', ['a', 'b'], true],
    ['StringNotEquals', 'b', ['a', 'b'], false],
  ],
};

for (const [name, cases] of Object.entries(tables)) {
  t.test(name, async (t) => {
    for (const [operator, policy, request, expected] of cases) {
      const values: Values = request === undefined ? {} : { key: [request].flat() };
      t.equal(holds({ [operator]: { key: policy } }, values), expected, `${operator} ${policy} for ${request}`);
    }
  });
}

t.test('every operator and every key must hold; keys are case-insensitive', async (t) => {
  const condition = { StringEquals: { 'aws:SourceAccount': '1', 'aws:PrincipalTag/team': 'x' }, Bool: { mfa: 'true' } };
  t.equal(holds(condition, { 'AWS:sourceaccount': ['1'], 'aws:principaltag/TEAM': ['x'], mfa: ['true'] }), true);
  t.equal(holds(condition, { 'aws:SourceAccount': ['1'], 'aws:PrincipalTag/team': ['y'], mfa: ['true'] }), false);
  t.equal(holds(condition, { 'aws:SourceAccount': ['1'], 'aws:PrincipalTag/team': ['x'], mfa: ['false'] }), false);
  t.equal(holds(undefined, {}), true);
});

t.test('policy variables', async (t) => {
  const values = { 'aws:username': ['ada'], key: ['home/ada/x'], owner: ['ada'], arn: ['arn:aws:iam::1:user/ada'] };
  const cases: Array<[operator: string, key: string, policy: string | string[], expected: boolean]> = [
    ['StringLike', 'key', `home/\${aws:username}/*`, true],
    ['StringEquals', 'owner', `\${aws:username}`, true],
    ['ArnEquals', 'arn', `arn:aws:iam::*:user/\${aws:username}`, true],
    ['StringEquals', 'owner', `\${aws:none}`, false],
    ['StringEquals', 'owner', [`\${aws:none}`, 'ada'], true],
    ['StringNotEquals', 'owner', `\${aws:none}`, true],
    ['IpAddress', 'owner', `\${aws:username}`, false],
  ];
  for (const [operator, key, policy, expected] of cases) {
    t.equal(holds({ [operator]: { [key]: policy } }, values), expected, `${operator} ${policy}`);
  }
  const literally = conditionsHold(
    { StringEquals: { owner: `\${aws:username}` } },
    new Map([['owner', ['ada']]]),
    undefined,
  );
  t.equal(literally, false, 'not in a document of an older Version');
});

t.test('an unsupported operator is an error, even after a condition that does not hold', async (t) => {
  for (const operator of ['StringMatches', 'NullIfExists', 'ForAnyValue:Null', 'ForSomeValues:StringEquals', '']) {
    const condition: Statement['Condition'] = { StringEquals: { absent: 'a' }, [operator]: { key: 'a' } };
    t.throws(() => holds(condition, { key: ['a'] }), new UnknownConditionError(operator), operator);
  }
  t.match(new UnknownConditionError('X').message, 'the condition operator "X" is not supported');
  t.equal(new UnknownConditionError('X').operator, 'X');
});
