import t from 'tap';
import { Activity } from '../../../src/sandbox/account/activity.js';
import { deferred } from '../support.js';

t.test('with nothing under way it is settled at once', async () => {
  await new Activity().settled(0);
});

t.test('it is settled when the last piece of work has ended, well or not', async (t) => {
  const activity = new Activity();
  const first = deferred<string>();
  const second = deferred<string>();
  const tracked = [activity.track('first', first.promise), activity.track('second', second.promise)];
  const order: string[] = [];
  const settled = activity.settled(5000).then(() => order.push('settled'));

  second.reject(new Error('a handler raised'));
  await t.rejects(Promise.resolve(tracked[1]), { message: 'a handler raised' });
  order.push('second ended');
  first.resolve('outcome');
  t.equal(await tracked[0], 'outcome');
  await settled;
  t.strictSame(order, ['second ended', 'settled']);
});

t.test('the error at the deadline names the work in progress', async (t) => {
  const activity = new Activity();
  const work = deferred<void>();
  const tracked = activity.track('invocation of agentkeys-ses-routing', work.promise);
  await t.rejects(activity.settled(1), {
    message: 'Still under way after 1 ms: invocation of agentkeys-ses-routing.',
  });
  work.resolve();
  await tracked;
});
