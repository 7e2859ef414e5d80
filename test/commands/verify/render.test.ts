import t from 'tap';
import { type Check, count, fail, group, ok, skip } from '../../../src/commands/verify/check.js';
import { renderCheck, renderCounts } from '../../../src/commands/verify/render.js';

const plain = (text: string) => text;

t.test('several checks as one', async (t) => {
  const cases: Array<[checks: Check[], outcome: Check['outcome']]> = [
    [[ok('a'), skip('b', 'why')], 'OK'],
    [[ok('a'), fail('b', 'why', 'do'), skip('c', 'why')], 'FAIL'],
    [[skip('a', 'why')], 'SKIP'],
    [[], 'SKIP'],
  ];
  for (const [checks, outcome] of cases) t.equal(group('all', checks).outcome, outcome);
});

t.test('as lines: the outcome first, what was found and what to do below it, groups indented', async (t) => {
  const check = group('the whole', [
    ok('one thing', '3 requests'),
    group('another', [fail('a part', 'it is not so because of a reason that takes more than a line', 'do this')]),
    skip('a third', 'nobody knows'),
  ]);
  t.strictSame(renderCheck(check, plain, 50), [
    'FAIL the whole',
    '  OK   one thing',
    '         3 requests',
    '  FAIL another',
    '    FAIL a part',
    '           it is not so because of a reason that',
    '           takes more than a line',
    '           -> do this',
    '  SKIP a third',
    '         nobody knows',
  ]);
  t.strictSame(count([check]), { OK: 1, FAIL: 1, SKIP: 1 }, 'the innermost are counted');
  t.equal(renderCounts([check]), '1 OK, 1 FAIL, 1 skipped.');
});

t.test('the outcome is painted, the rest is not', async (t) => {
  const paint = (text: string, tone: string) => `<${tone}>${text}</>`;
  t.strictSame(renderCheck(group('x', [ok('a'), fail('b', 'c', 'd'), skip('e', 'f')]), paint, 80).slice(0, 3), [
    '<bad>FAIL </>x',
    '  <good>OK   </>a',
    '  <bad>FAIL </>b',
  ]);
});
