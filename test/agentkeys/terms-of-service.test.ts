import t from 'tap';
import { isDay, readReviews, writeReviews } from '../../src/agentkeys/terms-of-service.js';

t.test('valid dates', async (t) => {
  for (const text of ['2026-11-20', '2024-02-29', '2026-12-31', '0001-01-01']) t.ok(isDay(text), text);
  for (const text of [
    '',
    '2026-11-31',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-1-2',
    '20261120',
    '2026-11-20T00:00:00Z',
    ' 2026-11-20',
    '20.11.2026',
    'today',
  ])
    t.notOk(isDay(text), text);
});

t.test('reviews are written and read back', async (t) => {
  const text = 'groq=2026-11-21,openrouter=2026-11-20';
  const reviews = { openrouter: '2026-11-20', groq: '2026-11-21' };
  t.strictSame(readReviews(text), reviews);
  t.equal(writeReviews(reviews), text, 'the same text whatever the order');
  t.equal(writeReviews({ groq: '2026-11-21', openrouter: '2026-11-20' }), text);
  t.equal(writeReviews({}), '');
});

t.test('invalid entries count as not recorded', async (t) => {
  const cases: Array<[text: string | undefined, reviews: object]> = [
    [undefined, {}],
    ['', {}],
    ['yes', {}],
    ['groq', {}],
    ['groq=', {}],
    ['=2026-11-21', {}],
    ['groq=soon,openrouter=2026-11-20', { openrouter: '2026-11-20' }],
    ['groq=2026-02-30;openrouter=2026-11-20', {}],
    ['Groq=2026-11-21', {}],
    ['groq=2026-11-20,groq=2026-11-21', { groq: '2026-11-21' }],
  ];
  for (const [text, reviews] of cases) t.strictSame(readReviews(text), reviews, text ?? 'no variable');
});

t.test("another version's services are kept", async (t) => {
  t.equal(writeReviews(readReviews('new-one=2026-11-21')), 'new-one=2026-11-21');
});
