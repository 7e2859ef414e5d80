/**
 * Kills the real process: after SIGKILL it can neither report nor clean up. The sweep's "cut off" does the same at every call.
 */
import t from 'tap';
import { quickClock, startOperator } from '../support/operator.js';
import { operatorEnvironment, startCli } from '../support/process.js';
import { settledState } from './account.js';

const args = ['deploy', '--yes'];

t.test('a first deploy killed at a write, and run again', async (t) => {
  const clock = quickClock();
  const whole = await startOperator(t);
  await whole.run(args);
  const expected = await settledState(whole, clock);

  for (const moment of ['before', 'after'] as const)
    for (const name of [
      'CreateRole',
      'CreateFunction',
      'AddPermission',
      'PutTargets',
      'PutBucketNotificationConfiguration',
    ]) {
      const where = `${moment} ${name}`;
      const operator = await startOperator(t);
      const { child, ended } = startCli(t, args, operatorEnvironment(operator.sandbox));
      const release = operator.sandbox.intercept(({ operation }) => {
        if (operation !== name) return undefined;
        child.kill('SIGKILL');
        return { kind: moment === 'before' ? 'reset' : 'lose-answer' };
      });
      t.strictSame(await ended, { status: null, signal: 'SIGKILL' }, where);
      release();
      const again = await operator.run(args);
      t.equal(again.status, 0, `${where}: ${again.stderr}`);
      t.strictSame(await settledState(operator, clock), expected, `${where}: the end is the same`);
      t.strictSame((await operator.run(args)).writes, [], `${where}: and then there is nothing to do`);
    }
});
