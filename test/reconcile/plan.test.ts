import t from 'tap';
import { attention, changes, count, difference, differences, type Plan, unchanged } from '../../src/reconcile/plan.js';

t.test('entries that change nothing', async (t) => {
  t.strictSame(unchanged('rule', 'a'), { resource: 'rule', name: 'a', action: 'none', differences: [], writes: [] });
  t.strictSame(unchanged('rule', 'a', 'kept'), {
    resource: 'rule',
    name: 'a',
    action: 'none',
    note: 'kept',
    differences: [],
    writes: [],
  });
  t.strictSame(attention('rule', 'a', 'left alone', [difference('x', '1', undefined)]), {
    resource: 'rule',
    name: 'a',
    action: 'attention',
    note: 'left alone',
    differences: [{ field: 'x', from: '1' }],
    writes: [],
  });
});

t.test('the fields whose desired value differs', async (t) => {
  t.strictSame(differences({ same: '1', other: '2', surplus: '3' }, { same: '1', other: '4', new: '5' }), [
    { field: 'other', from: '2', to: '4' },
    { field: 'new', to: '5' },
  ]);
});

t.test('only what writes is a change; everything is counted', async (t) => {
  const header = { account: '', partition: '', region: '', caller: '', bucket: '' };
  const kept = { part: 'rule' as const, ...unchanged('rule', 'a') };
  const noted = { part: 'rule' as const, ...attention('rule', 'b', 'why') };
  const made = {
    ...kept,
    name: 'c',
    action: 'create' as const,
    writes: [{ call: 'events:DeleteRule' as const, input: { Name: 'c' } }],
  };
  const plan: Plan = { version: 1, command: 'deploy', header, entries: [kept, noted, made] };
  t.strictSame(changes(plan), [made]);
  t.strictSame(count(plan.entries), { create: 1, update: 0, delete: 0, adopt: 0, none: 1, attention: 1 });
});
