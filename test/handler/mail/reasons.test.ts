import { readFileSync } from 'node:fs';
import t from 'tap';
import { reasons } from '../../../handler/mail/decide.js';

const page = readFileSync(new URL('../../../docs/routing.md', import.meta.url), 'utf8');

t.test('docs/routing.md explains every reason, in the order of the list, and no others', async (t) => {
  const [, table = ''] = page.split('| reason | what it means | what to do |');
  const rows = table.split('\n').flatMap((line) => {
    const [, word, meaning = '', advice = ''] = /^\| `([a-z-]+)` \| (.+) \| (.+) \|$/.exec(line) ?? [];
    return word === undefined ? [] : [{ word, explained: meaning.length > 0 && advice.length > 0 }];
  });
  t.strictSame(
    rows,
    reasons.map((word) => ({ word, explained: true })),
  );
});

t.test('a reason is one hyphenated word', async (t) => {
  t.equal(new Set(reasons).size, reasons.length);
  for (const reason of reasons) t.match(reason, /^[a-z]+(?:-[a-z]+)*$/);
});
