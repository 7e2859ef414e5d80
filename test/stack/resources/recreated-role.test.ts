/**
 * The execution role is deleted and created again: Lambda can't decrypt the function's environment for the new role until the function is
 * bound to it again.
 */
import { DeleteRoleCommand, DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import t, { type Test } from 'tap';
import { deliver, readMessages, routedKeys } from '../../../src/commands/demo/mail.js';
import { type Operator, startDeployed } from '../../support/operator.js';

const RoleName = 'agentkeys-ses-routing-role';
const isInterimRole = (name: string) => name.startsWith('agentkeys-ses-routing-detour-');
const { messages } = await readMessages('fixtures/messages');
const signup = messages.slice(0, 1);

/** An account in which a stack was deployed and has lost its role. */
async function withoutRole(t: Test): Promise<Operator> {
  const operator = await startDeployed(t);
  await operator.aws.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline` }));
  await operator.aws.iam.send(new DeleteRoleCommand({ RoleName }));
  return operator;
}

async function routes({ aws, sandbox, bucket }: Operator): Promise<boolean> {
  await deliver(aws, bucket, signup);
  await sandbox.settled();
  return signup.flatMap(routedKeys).every((key) => sandbox.state.s3.buckets.get(bucket)?.objects.has(key));
}

/** Lets the first `writes` writes pass and refuses every later one. */
function stopAfter(writes: number, { sandbox }: Operator): () => void {
  let made = 0;
  return sandbox.intercept(({ mutates }) =>
    mutates && ++made > writes ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
}

t.test('it routes after a deploy, not before', async (t) => {
  const operator = await withoutRole(t);
  t.equal(await routes(operator), false);
  const repaired = await operator.run(['deploy']);
  t.equal(repaired.status, 0, repaired.stderr);
  t.equal(await routes(operator), true);
  t.notOk([...operator.sandbox.state.iam.roles.keys()].some(isInterimRole));
});

t.test('interrupted anywhere, the next run completes', async (t) => {
  for (const writes of [1, 2, 3, 4, 5, 6]) {
    const operator = await withoutRole(t);
    const release = stopAfter(writes, operator);
    t.equal((await operator.run(['deploy'])).status, 1);
    release();
    const repaired = await operator.run(['deploy']);
    t.equal(repaired.status, 0, repaired.stderr);
    t.equal(await routes(operator), true, `stopped after ${writes} writes`);
    t.notOk([...operator.sandbox.state.iam.roles.keys()].some(isInterimRole));
    t.strictSame((await operator.run(['deploy'])).writes, []);
  }
});

t.test('a teardown that was interrupted leaves nothing behind when run again', async (t) => {
  const operator = await withoutRole(t);
  const release = stopAfter(4, operator);
  await operator.run(['deploy']);
  release();
  t.ok([...operator.sandbox.state.iam.roles.keys()].some(isInterimRole));
  t.equal((await operator.run(['teardown', '--yes'])).status, 0);
  t.notOk([...operator.sandbox.state.iam.roles.keys()].some(isInterimRole));
});

t.test('with --permissions-boundary, the interim role has the boundary too', async (t) => {
  const operator = await withoutRole(t);
  const boundary = 'arn:aws:iam::aws:policy/AdministratorAccess';
  const boundaries: Array<string | undefined> = [];
  operator.sandbox.intercept(({ operation, input }) => {
    if (operation === 'CreateRole') boundaries.push((input as { PermissionsBoundary?: string }).PermissionsBoundary);
    return undefined;
  });
  t.equal((await operator.run(['deploy', '--permissions-boundary', boundary])).status, 0);
  t.strictSame(boundaries, [boundary, boundary]);
});
