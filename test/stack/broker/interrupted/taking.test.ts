/**
 * Cut off at each write while grants are taken: the next machine, which knows nothing of it, goes on, or leaves exactly what was there. To
 * the letter: the policies' texts, what is attached, the tags.
 */
import t from 'tap';
import { startOperator } from '../../../support/operator.js';
import { lettersOf } from '../brokers-role.js';
import { cutOff, cuts, giveBack, take, withGrants } from './cuts.js';

t.test('while grants are taken', async (t) => {
  const operator = await startOperator(t);
  const { run } = operator;
  const letters = await withGrants(operator);
  await run(['deploy']);
  const { writes } = await run(take);
  const taken = lettersOf(operator);
  await run(giveBack);
  t.strictSame(writes, [
    ...['iam:TagRole', 'iam:CreatePolicy', 'iam:DeleteRolePolicy'],
    ...['iam:TagRole', 'iam:CreatePolicy', 'iam:PutRolePolicy'],
    ...['iam:TagRole', 'iam:PutRolePolicy', 'iam:DetachRolePolicy'],
    ...['iam:TagRole', 'iam:PutRolePolicy', 'iam:DetachRolePolicy'],
  ]);
  for (const { n, moment, where } of cuts(writes)) {
    await run(['deploy']);
    const release = cutOff(operator, n, moment);
    t.equal((await run(take)).status, 1, where);
    release();
    if (moment === 'after') {
      t.equal((await run(take)).status, 0, `${where}: gone on with`);
      t.strictSame(lettersOf(operator), taken, where);
    }
    t.equal((await run(giveBack)).status, 0, where);
    t.strictSame(lettersOf(operator), letters, where);
  }
});
