/**
 * A removal interrupted at each write: the next machine, which knows nothing of it, continues, or restores exactly what was there:
 * the policies' texts, the attachments, the tags.
 */
import t from 'tap';
import { startOperator } from '../../../support/operator.js';
import { snapshotOf } from '../broker-role.js';
import { cutOff, cuts, removeGrants, restoreGrants, withGrants } from './cuts.js';

t.test('while grants are removed', async (t) => {
  const operator = await startOperator(t);
  const { run } = operator;
  const snapshot = await withGrants(operator);
  await run(['deploy']);
  const { writes } = await run(removeGrants);
  const removed = snapshotOf(operator);
  await run(restoreGrants);
  t.strictSame(writes, [
    // The limit on listings.
    'iam:PutRolePolicy',
    ...['iam:TagRole', 'iam:CreatePolicy', 'iam:DeleteRolePolicy'],
    ...['iam:TagRole', 'iam:CreatePolicy', 'iam:PutRolePolicy'],
    ...['iam:TagRole', 'iam:PutRolePolicy', 'iam:DetachRolePolicy'],
    ...['iam:TagRole', 'iam:PutRolePolicy', 'iam:DetachRolePolicy'],
  ]);
  for (const { n, moment, where } of cuts(writes)) {
    await run(['deploy']);
    const release = cutOff(operator, n, moment);
    t.equal((await run(removeGrants)).status, 1, where);
    release();
    if (moment === 'after') {
      t.equal((await run(removeGrants)).status, 0, `${where}: continued`);
      t.strictSame(snapshotOf(operator), removed, where);
    }
    t.equal((await run(restoreGrants)).status, 0, where);
    t.strictSame(snapshotOf(operator), snapshot, where);
  }
});
