import t from 'tap';
import { literal, matches, matchesPattern } from '../../src/policy/wildcard.js';

t.test('* matches any characters, ? exactly one, and the whole value must match', async (t) => {
  const cases: Array<[pattern: string, value: string, expected: boolean]> = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'arn:aws:s3:::b/inbound/x', true],
    ['**', 'a', true],
    ['?', 'a', true],
    ['?', '', false],
    ['?', 'ab', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['abc', 'abc', true],
    ['abc', 'ABC', false],
    ['abc', 'abcd', false],
    ['abcd', 'abc', false],
    ['abc*', 'abc', true],
    ['*abc', 'xxabc', true],
    ['*abc', 'abcx', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*ab', 'aab', true],
    ['arn:aws:s3:::b/*/inbound/*', 'arn:aws:s3:::b/bots/0x11/inbound/m', true],
    ['arn:aws:*:function:f', 'arn:aws:lambda:us-east-1:111122223333:function:f', true],
    ['s3:Get*', 's3:GetObject', true],
    ['s3:Get*', 's3:PutObject', false],
    ['a.c', 'abc', false],
    ['[a]', '[a]', true],
    ['?', '\u{1f4e8}', true],
  ];
  for (const [pattern, value, expected] of cases) t.equal(matches(pattern, value), expected, `${pattern} and ${value}`);
});

t.test('a literal pattern has no wildcards', async (t) => {
  t.equal(matchesPattern(literal('a*'), 'a*'), true);
  t.equal(matchesPattern(literal('a*'), 'ab'), false);
});

t.test('a pattern designed to be slow is fast', async (t) => {
  const started = process.cpuUsage();
  t.equal(matches(`${'*a'.repeat(50)}b`, 'a'.repeat(5_000)), false);
  t.ok(process.cpuUsage(started).user < 1_000_000, 'less than a second of work');
});
