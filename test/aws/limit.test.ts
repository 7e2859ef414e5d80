import t from 'tap';
import { Limit } from '../../src/aws/limit.js';

t.test('never more at a time, in order, also after a failure', async (t) => {
  const limit = new Limit(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const work = (number: number) => async () => {
    started.push(number);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (number === 1) throw new Error('1');
    return number;
  };
  const done = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => limit.run(work(number))));
  t.strictSame(started, [0, 1, 2, 3, 4]);
  t.equal(most, 2);
  t.strictSame(
    done.map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
    [0, 'failed', 2, 3, 4],
  );
  t.equal(await limit.run(work(5)), 5);
});
