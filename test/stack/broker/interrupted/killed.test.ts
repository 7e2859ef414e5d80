/**
 * The real executable, killed at a write, before its effect and after it; another process restores exactly what was there.
 */
import t from 'tap';
import { startOperator } from '../../../support/operator.js';
import { operatorEnvironment, startCli } from '../../../support/process.js';
import { brokerOf, snapshotOf } from '../broker-role.js';
import { moments, removeGrants, restoreGrants, withGrants } from './cuts.js';

t.test('killed, and continued by another process', async (t) => {
  for (const [command, write] of [
    [removeGrants, 'CreatePolicy'],
    [removeGrants, 'DetachRolePolicy'],
    [restoreGrants, 'AttachRolePolicy'],
    [restoreGrants, 'DeletePolicy'],
  ] as const) {
    for (const moment of moments) {
      const operator = await startOperator(t);
      const snapshot = await withGrants(operator);
      if (command === restoreGrants) await operator.run(removeGrants);
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
      const next = startCli(t, restoreGrants, operatorEnvironment(operator.sandbox));
      t.equal((await next.ended).status, 0, next.stderr());
      t.strictSame(snapshotOf(operator), snapshot, `${moment} ${write}`);
      t.strictSame([...brokerOf(operator).tags], [['team', 'mail']]);
    }
  }
});
