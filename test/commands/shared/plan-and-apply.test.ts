/** Exit statuses of a dry run: an entry that is only to note is no change. */
import t from 'tap';
import { startOperator } from '../../support/operator.js';

t.test('--dry-run --detailed-exitcode', async (t) => {
  const { run } = await startOperator(t);
  const dry = async (command: string, ...more: string[]) => (await run([command, '--dry-run', ...more])).status;
  t.strictSame([await dry('deploy'), await dry('deploy', '--detailed-exitcode')], [0, 2]);
  t.strictSame([await dry('teardown'), await dry('teardown', '--detailed-exitcode')], [0, 0]);
  t.equal((await run(['deploy', '--detailed-exitcode'])).status, 0, 'without --dry-run, 2 is never an exit status');
  t.strictSame([await dry('deploy'), await dry('deploy', '--detailed-exitcode')], [0, 0]);
  t.strictSame([await dry('teardown'), await dry('teardown', '--detailed-exitcode')], [0, 2]);
});
