/** What of an account's state a fingerprint covers. */
import t from 'tap';
import { fingerprint, lasting, plainFingerprint } from '../../../src/commands/deploy/fingerprint.js';

t.test('what changes by itself is left out, and sets have no order', async (t) => {
  const lambda = {
    State: 'Pending',
    StateReasonCode: 'Creating',
    LastUpdateStatus: 'InProgress',
    RevisionId: 'a',
    LastModified: 'b',
  };
  const alarm = { StateValue: 'ALARM', StateReasonData: '{}', StateUpdatedTimestamp: new Date(1) };
  const queue = { ApproximateNumberOfMessages: '3', LastModifiedTimestamp: '1' };
  t.strictSame(lasting({ ...lambda, ...alarm, ...queue, MemorySize: 256, readAt: 1 }), { MemorySize: 256 });
  t.strictSame(lasting({ unknown: 'AWS denied it to session-1 (request 2)' }), { unknown: true });
  t.strictSame(lasting({ SubnetIds: ['b', 'a'] }), { SubnetIds: ['a', 'b'] });
  t.strictSame(
    lasting([{ b: ['d', 'c'] }, { a: null }]),
    [{ b: ['c', 'd'] }, { a: null }],
    'a list of objects has one',
  );
});

t.test('what others name like that counts', async (t) => {
  for (const state of [{ Variables: { State: 'a' } }, { tags: { RevisionId: 'a', why: 'b' } }, { state: 'ENABLED' }])
    t.strictSame(lasting(state), state);
});

t.test('a fingerprint depends on the value and the salt, and on nothing else', async (t) => {
  for (const make of [plainFingerprint, fingerprint]) {
    const first = await make({ a: 1, b: [2] }, 'salt');
    t.match(first, /^[\da-f]{32}$/);
    t.equal(await make({ b: [2], a: 1 }, 'salt'), first);
    t.not(await make({ a: 1, b: [3] }, 'salt'), first);
    t.not(await make({ a: 1, b: [2] }, 'other'), first);
  }
  t.not(await fingerprint(undefined, 's'), await fingerprint({}, 's'));
  t.not(await fingerprint('x', 's'), plainFingerprint('x', 's'));
});
