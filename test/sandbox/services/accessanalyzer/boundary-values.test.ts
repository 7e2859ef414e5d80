import t from 'tap';
import { matches } from '../../../../src/policy/wildcard.js';
import { commonText } from '../../../../src/sandbox/services/accessanalyzer/boundary-values.js';

t.test('a text that two patterns match, if there is one', async (t) => {
  const pairs: Array<[one: string, other: string]> = [
    ['a', 'a'],
    ['*', '*'],
    ['a*', '*b'],
    ['a?c*', '*d'],
    ['*a*', '*b*'],
    ['??', '*'],
  ];
  for (const [one, other] of pairs) {
    const text = String(commonText(one, other));
    t.ok(matches(one, text) && matches(other, text), `${one} and ${other}: ${text}`);
  }
  for (const [one, other] of [
    ['a', 'b'],
    ['*a', '*b'],
    ['a*', 'b*'],
    ['?', '??'],
  ] as const)
    t.equal(commonText(one, other), undefined, `${one} and ${other}`);
});
