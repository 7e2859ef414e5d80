/**
 * Cut off at each write while grants are given back: the next machine gives back the rest, or takes all of it again and gives that back.
 */
import t from 'tap';
import { startOperator } from '../../../support/operator.js';
import { lettersOf } from '../brokers-role.js';
import { cutOff, cuts, giveBack, take, withGrants } from './cuts.js';

t.test('while grants are given back', async (t) => {
  const operator = await startOperator(t);
  const { run } = operator;
  const letters = await withGrants(operator);
  await run(take);
  const taken = lettersOf(operator);
  const { writes } = await run(giveBack);
  t.strictSame(
    writes.filter((write) => !write.startsWith('iam:Untag')).slice(0, 8),
    [
      ...['iam:AttachRolePolicy', 'iam:AttachRolePolicy'],
      ...['iam:PutRolePolicy', 'iam:DeletePolicy', 'iam:PutRolePolicy', 'iam:DeletePolicy'],
      ...['iam:DeleteRolePolicy', 'iam:DeleteRolePolicy'],
    ],
    'ours go last',
  );
  for (const { n, moment, where } of cuts(writes)) {
    await run(take);
    t.strictSame(lettersOf(operator), taken, where);
    const release = cutOff(operator, n, moment);
    t.equal((await run(giveBack)).status, 1, where);
    release();
    if (moment === 'after') {
      t.equal((await run(take)).status, 0, `${where}: taken again`);
      t.strictSame(lettersOf(operator), taken, where);
    }
    t.equal((await run(giveBack)).status, 0, where);
    t.strictSame(lettersOf(operator), letters, where);
  }
});
