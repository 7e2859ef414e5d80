import t from 'tap';
import { ConcurrencyLimit } from '../../../src/sandbox/execution/concurrency-limit.js';
import { deferred } from '../support.js';

t.test('so many at once, then first come, first served', async (t) => {
  const limit = new ConcurrencyLimit(2);
  const began: string[] = [];
  const pieces = new Map(['a', 'b', 'c', 'd'].map((name) => [name, deferred<string>()]));
  const outcomes = [...pieces].map(([name, { promise }]) =>
    limit.run(() => {
      began.push(name);
      return promise;
    }),
  );
  t.strictSame(began, ['a', 'b'], 'at once, before anything else happens');
  pieces.get('b')?.resolve('of b');
  t.equal(await outcomes[1], 'of b');
  t.strictSame(began, ['a', 'b', 'c']);
  pieces.get('a')?.reject(new Error('of a'));
  await t.rejects(Promise.resolve(outcomes[0]), { message: 'of a' });
  t.strictSame(began, ['a', 'b', 'c', 'd'], 'a failure gives its turn on too');
  for (const name of ['c', 'd']) pieces.get(name)?.resolve(name);
  t.strictSame(await Promise.all(outcomes.slice(1)), ['of b', 'c', 'd']);
  t.equal(await limit.run(async () => 'later'), 'later');
});
