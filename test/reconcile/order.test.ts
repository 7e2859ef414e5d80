/** The order of entries, from a table of places. */
import t from 'tap';
import { type Place, waitsFor } from '../../src/reconcile/order.js';
import type { PlannedEntry } from '../../src/reconcile/plan.js';
import { sideBySide } from '../../src/reconcile/side-by-side.js';

type Part = 'role' | 'function' | 'rule' | 'source' | 'other';

const places: Record<Part, Place<Part>> = {
  role: { after: [] },
  function: { after: ['role'] },
  rule: { after: ['function'], except: { 'create rule': [] } },
  source: { after: ['function'], independent: true },
  other: { after: [] },
};

const entry = (part: Part, action: PlannedEntry['action'] = 'create'): PlannedEntry<Part> => ({
  part,
  resource: part,
  name: '',
  action,
  differences: [],
  writes: [],
});

t.test('a deploy: what comes before, also through parts that the plan does not have', async (t) => {
  const waits = waitsFor(places, 'deploy');
  t.ok(waits(entry('function'), entry('role')));
  t.ok(waits(entry('source'), entry('role')));
  t.ok(waits(entry('rule', 'update'), entry('role')));
  t.notOk(waits(entry('rule'), entry('role')), 'an exception');
  t.notOk(waits(entry('rule', 'update'), entry('other')));
  t.ok(waits(entry('role'), entry('role')), 'entries of one part follow each other');
  t.notOk(waits(entry('source'), entry('source')), 'unless they are independent');
});

t.test('a teardown goes the other way round', async (t) => {
  const waits = waitsFor(places, 'teardown');
  t.ok(waits(entry('role', 'delete'), entry('rule', 'delete')));
  t.notOk(waits(entry('rule', 'delete'), entry('source', 'delete')));
  t.notOk(waits(entry('other', 'delete'), entry('rule', 'delete')));
});

t.test('side by side: after a failure nothing is begun, and what is under way is completed', async (t) => {
  const events: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const outcome = await sideBySide(['slow', 'fails', 'waits for slow', 'free'], (one) => one === 'waits for slow', {
    begin(one) {
      events.push(`begin ${one}`);
      if (one === 'fails') throw new Error('at once');
    },
    async perform(one) {
      setImmediate(release);
      if (one === 'slow') await held;
      events.push(`end ${one}`);
    },
  });
  t.strictSame(events, ['begin slow', 'begin fails', 'end slow']);
  t.strictSame(outcome.complete, ['slow']);
  t.match(outcome.failures, [{ entry: 'fails', error: { message: 'at once' } }]);
  t.strictSame(outcome.remaining, ['waits for slow', 'free']);
});
