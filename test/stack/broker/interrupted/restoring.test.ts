/**
 * A restoration interrupted at each write: the next machine restores the rest, or removes all grants again and restores them.
 */
import t from 'tap';
import { startOperator } from '../../../support/operator.js';
import { snapshotOf } from '../broker-role.js';
import { cutOff, cuts, removeGrants, restoreGrants, withGrants } from './cuts.js';

t.test('while grants are restored', async (t) => {
  const operator = await startOperator(t);
  const { run } = operator;
  const snapshot = await withGrants(operator);
  await run(removeGrants);
  const removed = snapshotOf(operator);
  const { writes } = await run(restoreGrants);
  t.strictSame(
    writes.filter((write) => !write.startsWith('iam:Untag')).slice(0, 8),
    [
      ...['iam:AttachRolePolicy', 'iam:AttachRolePolicy'],
      ...['iam:PutRolePolicy', 'iam:DeletePolicy', 'iam:PutRolePolicy', 'iam:DeletePolicy'],
      ...['iam:DeleteRolePolicy', 'iam:DeleteRolePolicy'],
    ],
    "this tool's own policies go last",
  );
  for (const { n, moment, where } of cuts(writes)) {
    await run(removeGrants);
    t.strictSame(snapshotOf(operator), removed, where);
    const release = cutOff(operator, n, moment);
    t.equal((await run(restoreGrants)).status, 1, where);
    release();
    if (moment === 'after') {
      t.equal((await run(removeGrants)).status, 0, `${where}: removed again`);
      t.strictSame(snapshotOf(operator), removed, where);
    }
    t.equal((await run(restoreGrants)).status, 0, where);
    t.strictSame(snapshotOf(operator), snapshot, where);
  }
});
