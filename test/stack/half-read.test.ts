/**
 * What is being made by another run while it is read: some answers know of it, others do not yet.
 */
import t from 'tap';
import { startOperator } from '../support/operator.js';

t.test('a rule that was read in part is read again, not treated as unmanaged', async (t) => {
  const operator = await startOperator(t);
  let came = false;
  operator.sandbox.intercept(async ({ operation }) => {
    if (came || operation !== 'DescribeRule') return undefined;
    came = true;
    t.equal((await operator.run(['deploy'])).status, 0);
    return undefined;
  });
  const { status, stderr } = await operator.run(['deploy']);
  t.equal(status, 0, stderr);
  t.match(stderr, '  waiting for EventBridge to return all of the rule agentkeys-ses-routing-inbound\n');
  t.strictSame((await operator.run(['deploy'])).writes, []);
});
