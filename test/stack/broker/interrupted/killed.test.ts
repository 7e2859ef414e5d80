/**
 * The real executable, killed at a write, before its effect and after it; another process gives back exactly what was there.
 */
import t from 'tap';
import { startOperator } from '../../../support/operator.js';
import { operatorEnvironment, startCli } from '../../../support/process.js';
import { brokerOf, lettersOf } from '../brokers-role.js';
import { giveBack, moments, take, withGrants } from './cuts.js';

t.test('killed, and gone on with by another process', async (t) => {
  for (const [command, write] of [
    [take, 'CreatePolicy'],
    [take, 'DetachRolePolicy'],
    [giveBack, 'AttachRolePolicy'],
    [giveBack, 'DeletePolicy'],
  ] as const) {
    for (const moment of moments) {
      const operator = await startOperator(t);
      const letters = await withGrants(operator);
      if (command === giveBack) await operator.run(take);
      const process = startCli(t, [...command], operatorEnvironment(operator.sandbox));
      let killed = false;
      const release = operator.sandbox.intercept(async ({ operation }) => {
        if (killed || operation !== write) return undefined;
        killed = true;
        process.child.kill('SIGKILL');
        await process.ended;
        return moment === 'before' ? { kind: 'reset' } : undefined;
      });
      t.equal((await process.ended).signal, 'SIGKILL', `${moment} ${write}`);
      await operator.sandbox.settled();
      release();
      const next = startCli(t, giveBack, operatorEnvironment(operator.sandbox));
      t.equal((await next.ended).status, 0, next.stderr());
      t.strictSame(lettersOf(operator), letters, `${moment} ${write}`);
      t.strictSame([...brokerOf(operator).tags], [['team', 'mail']]);
    }
  }
});
