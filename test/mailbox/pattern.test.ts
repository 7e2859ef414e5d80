import t from 'tap';
import { match } from '../../src/mailbox/match.js';
import { LONGEST_SEARCH, LONGEST_TEXT, matches, search } from '../../src/mailbox/pattern.js';
import { readMessage } from '../../src/mailbox/reading/message.js';
import { mail } from './support.js';

t.test('the first non-empty group or match', async (t) => {
  t.equal(search(/\d{3}/, ['no', 'a 123 456'], 'group'), '123');
  t.equal(search(/code (\d+)(x)?/, ['code 77'], 'group'), '77');
  t.equal(search(/(a)?\d+/, ['12'], 'group'), '12', 'a group without a part in it');
  t.equal(search(/\d*/, ['', 'ab 12'], 'group'), '12');
  t.equal(search(/^b/m, ['a\nb'], 'group'), 'b');
  t.equal(search(/B/i, ['abc'], 'text'), 'abc');
  t.equal(search(/x/, ['abc'], 'text'), undefined);
});

t.test('group 1 alone', async (t) => {
  t.equal(search(/\d{3}/, ['123'], 'group-only'), undefined, 'an expression without a group never matches');
  t.equal(search(/a|(\d{3})/, ['a 123'], 'group-only'), '123');
  t.equal(search(/(\d{3})/, ['no', '', '456'], 'group-only'), '456');
});

t.test('matches, also in an empty text', async (t) => {
  t.ok(matches(/^$/, ''));
  t.ok(matches(/.*/g, ''));
  t.ok(matches(/B/iy, 'ab'));
  t.notOk(matches(/b/, 'a'));
});

t.test('lastIndex of a used expression is ignored', async (t) => {
  const used = /\d/gy;
  used.lastIndex = 5;
  t.equal(search(used, ['x1'], 'group'), '1');
  t.equal(used.lastIndex, 5);
});

t.test('the search stops at LONGEST_TEXT', async (t) => {
  t.equal(search(/1/, [`${'0'.repeat(LONGEST_TEXT - 1)}1`], 'group'), '1');
  t.equal(search(/1/, [`${'0'.repeat(LONGEST_TEXT)}1`], 'group'), undefined);
});

t.test('a catastrophic expression is stopped', async (t) => {
  const endless = /(a+)+$/;
  const text = `${'a'.repeat(50)}!`;
  const began = performance.now();
  t.throws(() => search(endless, [text], 'group'), { name: 'SlowPatternError' });
  t.ok(performance.now() - began < LONGEST_SEARCH + 3_000);
  const read = await readMessage({ id: 'x', arrived: new Date() }, mail({ subject: text }), true);
  t.equal(match(read, { extract: { code: endless } }), 'slow-pattern');
  t.equal(match(read, { subject: endless }), 'slow-pattern');
});

t.test('an invalid expression is an error of the caller', async (t) => {
  const read = await readMessage({ id: 'x', arrived: new Date() }, mail({}), true);
  t.throws(() => match(read, { extract: { code: '(' } }), { name: 'SyntaxError' });
});
