import t from 'tap';
import { byBytes, firstWhere, KeyedMap } from '../../../../src/sandbox/services/s3/key-order.js';

/** What S3 says: the order of the UTF-8 bytes. */
const reference = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

t.test('keys are in the order of their UTF-8 bytes', async (t) => {
  const keys = [
    '',
    'a',
    'a/',
    'ab',
    'b',
    '~',
    '\u007f',
    'é',
    'ё',
    '\ud7ff',
    '\ue000',
    '中',
    '\uffff',
    '😀',
    '😀b',
    '😁',
    'a😀',
    'a\uffff',
  ];
  const pairs = keys.flatMap((a) => keys.map((b): [string, string] => [a, b]));
  t.strictSame(
    pairs.filter(([a, b]) => Math.sign(byBytes(a, b)) !== reference(a, b)),
    [],
    `${pairs.length} pairs`,
  );
});

t.test('where something begins to hold', async (t) => {
  const keys = ['a', 'b', 'c'];
  const cases: Array<[least: string, from: number, expected: number]> = [
    ['', 0, 0],
    ['b', 0, 1],
    ['bb', 0, 2],
    ['d', 0, 3],
    ['a', 2, 2],
    ['d', 3, 3],
  ];
  for (const [least, from, expected] of cases) {
    t.equal(
      firstWhere(keys, (key) => key >= least, from),
      expected,
    );
  }
  t.equal(
    firstWhere([], () => true),
    0,
  );
});

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; state = (state * 1_103_515_245 + 12_345) % 2 ** 31) yield state >>> 8;
}

t.test('a map keeps its keys sorted', async (t) => {
  const map = new KeyedMap<number>();
  const plain = new Map<string, number>();
  const next = numbers(20_260_504);
  const random = (below: number) => Number(next.next().value) % below;
  const wrong: number[] = [];
  for (let step = 0; step < 3000; step += 1) {
    const key = `key-${random(60)}`;
    const what = random(100);
    if (what === 0) {
      map.clear();
      plain.clear();
    } else if (what < 40) {
      if (map.delete(key) !== plain.delete(key)) wrong.push(step);
    } else {
      map.set(key, step);
      plain.set(key, step);
    }
    // Often enough to find it between any two changes, and rarely enough to find several at once.
    if (random(4) > 0) continue;
    if (map.sortedKeys().join() !== [...plain.keys()].sort(reference).join()) wrong.push(step);
  }
  t.strictSame(wrong, [], 'at no step');
  t.strictSame([...map], [...plain], 'and it is a map');
});
