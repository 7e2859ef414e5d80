/**
 * The same event twice, also concurrently, and events out of order: the result is that of one event.
 */
import t from 'tap';
import type { Outcome } from '../../handler/route.js';
import { eventFor, handlerOn, startAccount } from './account.js';
import { alreadyRouted, copyFor, one, routed, served, source, three, toAll, toOne, two } from './failing.js';

const toThree = toAll(one, two, three);

t.test('the same event twice concurrently: the result does not depend on the order', async (t) => {
  for (const deleteSource of [false, true]) {
    for (const heldAt of deleteSource ? [1, 2, 3] : [1, 2]) {
      const account = await startAccount(t);
      await account.put(source, toOne);
      const { invoke } = handlerOn(account, { deleteSource });
      let calls = 0;
      let other: Promise<Outcome> | undefined;
      // The first invocation waits before its call of that number until the second has run from beginning to end.
      t.teardown(
        account.sandbox.intercept(async ({ service }) => {
          if (service !== 's3' || other !== undefined || ++calls < heldAt) return undefined;
          other = invoke(eventFor(source));
          await other;
          return undefined;
        }),
      );
      const first = await invoke(eventFor(source));
      const name = `held before call ${heldAt}${deleteSource ? ', the source deleted' : ''}`;
      const copied = deleteSource ? [copyFor(one)] : served;
      t.strictSame(account.keys(), copied, name);
      t.match(await other, heldAt === 3 ? alreadyRouted : routed, `${name}: the second invocation`);
      const late = deleteSource ? 'gone' : 'already-routed';
      t.match(
        first,
        heldAt === 3 ? routed : { outcome: 'skipped', reason: late },
        `${name}: the first invocation, which was held`,
      );
    }
  }
});

t.test('two invocations in lockstep', async (t) => {
  const account = await startAccount(t);
  await account.put(source, toOne);
  const { invoke } = handlerOn(account);
  const outcomes = await Promise.all([invoke(eventFor(source)), invoke(eventFor(source))]);
  t.strictSame(outcomes.map(({ outcome }) => outcome).sort(), ['routed', 'skipped']);
  t.strictSame(account.keys(), served);
});

t.test('events out of order are all routed', async (t) => {
  const account = await startAccount(t);
  const { invoke } = handlerOn(account);
  await account.put('inbound/first', toOne);
  await account.put('inbound/second', toThree);
  const order = ['inbound/second', 'inbound/first', 'inbound/second'];
  const outcomes = [];
  for (const key of order) outcomes.push(await invoke(eventFor(key)));
  t.match(outcomes, [{ outcome: 'routed' }, { outcome: 'routed' }, { reason: 'already-routed' }]);
  t.equal(account.keys().length, 2 + 1 + 3);
});
