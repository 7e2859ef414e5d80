/**
 * IAM's policy simulator, which AWS throttles: few requests at a time, and those that were throttled again.
 */
import t from 'tap';
import { startDeployed } from './operator.js';

const simulations = (skipped: string[]) => skipped.filter((path) => path.includes("AWS's policy simulator"));

t.test('at most three requests at a time; throttled ones are sent again', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  let running = 0;
  let most = 0;
  let asked = 0;
  const release = sandbox.intercept(async ({ operation }) => {
    if (operation !== 'SimulatePrincipalPolicy') return undefined;
    asked += 1;
    const throttled = asked % 3 === 0;
    running += 1;
    most = Math.max(most, running);
    // AWS takes its time, so that requests that are not held back meet.
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    return throttled ? { kind: 'refuse', code: 'Throttling', status: 400, message: 'Rate exceeded' } : undefined;
  });
  const { status, skipped } = await verify();
  release();
  t.equal(status, 0);
  t.strictSame(simulations(skipped), []);
  t.equal(most, 3);
  t.ok(asked > 10, `${asked} requests, a third of them throttled`);
});

t.test('throttled for good: a SKIP with the reason, and no FAIL', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  sandbox.intercept(({ operation }) =>
    operation === 'SimulatePrincipalPolicy'
      ? { kind: 'refuse', code: 'Throttling', status: 400, message: 'Rate exceeded' }
      : undefined,
  );
  const { status, skipped, checks } = await verify();
  t.equal(status, 0);
  t.equal(simulations(skipped).length, 3);
  t.match(JSON.stringify(checks), 'AWS kept throttling the calls');
});
