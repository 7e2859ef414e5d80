/**
 * Which role is the broker's, and the confirmation before its grants are removed. Removal and restoration are in shapes/ and interrupted/.
 */
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { startOperator } from '../../support/operator.js';

const RoleName = 'agentkeys-broker-host';
const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';

t.test('the prompt has a separate question about broad grants', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const attached = () => sandbox.state.iam.roles.get(RoleName)?.attached.size;
  const nothing = await run(['deploy'], { answers: ['n', (stdin) => stdin.end()] });
  t.equal(nothing.status, 1);
  t.strictSame(nothing.writes, [], 'no to the offer, and no to the plan: nothing is written');
  const kept = await run(['deploy'], { answers: ['n', 'y'] });
  t.equal(kept.status, 0, kept.stderr);
  t.equal(attached(), 1, 'answering no keeps them and is no failure');
  t.strictSame((await run(['deploy', '--yes'])).writes, [], '--yes does not imply --remove-broad-grants');
  t.equal((await run(['deploy', '--remove-broad-grants'])).status, 1, '--remove-broad-grants does not imply --yes');
  const refused = await run(['deploy'], { answers: ['y', 'n'] });
  t.equal(refused.status, 1);
  t.equal(attached(), 1);
  const removed = await run(['deploy'], { answers: ['y', 'y'] });
  t.equal(removed.status, 0, removed.stderr);
  t.equal(attached(), 0);
});

t.test('the role is found by name or by instance profile', async (t) => {
  const { run, aws, sandbox } = await startOperator(t);
  t.match((await run(['deploy', '--no-broker'])).stdout, /^! broker policy .*\n {4}skipped: --no-broker$/m);
  t.notOk(sandbox.state.iam.roles.get(RoleName)?.inline.size);

  const byProfile = await run(['deploy', '--broker-instance-profile', RoleName]);
  t.equal(byProfile.status, 0, byProfile.stderr);
  t.strictSame(byProfile.writes, ['iam:TagRole', 'iam:PutRolePolicy']);

  for (const args of [
    ['--broker-role', 'nobody'],
    ['--broker-instance-profile', 'nobody'],
  ]) {
    const wrong = await run(['deploy', ...args]);
    t.equal(wrong.status, 1);
    t.match(wrong.stderr, /error: There is no (role|instance profile) nobody/);
    t.strictSame(wrong.writes, []);
  }
  await aws.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'empty' }));
  t.match(
    (await run(['deploy', '--broker-instance-profile', 'empty'])).stderr,
    'no instance profile empty with a role',
  );

  await run(['teardown', '--yes', '--broker']);
  await aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  await aws.iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: RoleName, RoleName }));
  await aws.iam.send(new DeleteRoleCommand({ RoleName }));
  const missing = await run(['deploy']);
  t.equal(missing.status, 0, missing.stderr);
  t.match(missing.stdout, /^! broker policy .*\n {4}skipped: there is no role agentkeys-broker-host/m);
  t.match((await run(['teardown', '--dry-run', '--broker'])).stdout, 'skipped: there is no role');
  t.notMatch((await run(['teardown', '--dry-run'])).stdout, 'skipped: there is no role');
});

t.test('a role whose name differs from its instance profile is found through the profile', async (t) => {
  const { run, aws, sandbox } = await startOperator(t);
  await aws.iam.send(
    new CreateRoleCommand({
      RoleName: 'other-broker',
      AssumeRolePolicyDocument: JSON.stringify({
        Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    }),
  );
  await aws.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'other' }));
  await aws.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'other', RoleName: 'other-broker' }));
  await run(['deploy', '--broker-instance-profile', 'other']);
  t.ok(sandbox.state.iam.roles.get('other-broker')?.inline.has('agentkeys-ses-routing-broker'));
  t.notOk(sandbox.state.iam.roles.get(RoleName)?.inline.size);
});
