/**
 * Each stack has a broker role of its own, with policies, tags and saved documents of its name; what another stack left on a role is never
 * touched.
 */
import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { startDeployed } from '../../support/operator.js';
import { entriesOf, inline, linesOf } from '../plan/support.js';

const fullAccess = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const wide = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}';

t.test('a named stack marks what it changes on its broker role, and restores it', async (t) => {
  const { run, aws, sandbox } = await startDeployed(t, { args: ['deploy', '--yes', '--remove-broad-grants'] });
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'agentkeys-mail-test-111122223333' }));
  const production = sandbox.state.iam.roles.get('agentkeys-broker-host');
  const untouched = JSON.stringify([[...(production?.inline ?? [])], [...(production?.tags ?? [])]]);
  const without = await run(['deploy', '--stack', 'test']);
  t.equal(without.status, 0, without.stderr);
  t.match(
    without.stdout,
    '! broker policy   agentkeys-broker-host-test\n    skipped: there is no role agentkeys-broker-host-test;',
  );
  t.notMatch(without.stdout, /agentkeys-broker-host$/m);

  const RoleName = 'agentkeys-broker-host-test';
  await aws.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: String(production?.trust) }));
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: fullAccess }));
  await aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'wide', PolicyDocument: wide }));
  const before = sandbox.snapshot();
  const args = ['deploy', '--yes', '--stack', 'test', '--remove-broad-grants'];
  const narrowed = await run(args);
  t.equal(narrowed.status, 0, narrowed.stderr);
  t.strictSame((await run(args)).writes, []);
  const role = sandbox.state.iam.roles.get(RoleName);
  t.strictSame([...(role?.inline.keys() ?? [])].sort(), [
    'agentkeys-ses-routing-test-broker',
    'agentkeys-ses-routing-test-broker-retained',
    'wide',
  ]);
  t.match([...(role?.tags.keys() ?? [])].sort(), [
    /^agentkeys-ses-routing\/test:detached:/,
    /^agentkeys-ses-routing\/test:narrowed:/,
    'agentkeys-ses-routing/test:reads-inbound',
  ]);
  const saved = [...sandbox.state.iam.policies.values()].find(({ arn }) =>
    arn.includes(':policy/agentkeys-ses-routing/'),
  );
  t.match(saved?.arn, ':policy/agentkeys-ses-routing/test/saved-');
  t.equal(saved?.tags.get('agentkeys-ses-routing:stack'), 'test');
  t.equal(saved?.tags.get('bucket-name'), 'agentkeys-mail-test-111122223333');

  // The other stack's role, and this one's, named by the wrong stack.
  const state = sandbox.snapshot();
  for (const flags of [
    ['deploy', '--yes', '--stack', 'test', '--broker-role', 'agentkeys-broker-host'],
    ['deploy', '--yes', '--broker-role', RoleName],
    ['teardown', '--yes', '--broker', '--stack', 'test', '--broker-role', 'agentkeys-broker-host'],
    ['teardown', '--yes', '--broker', '--broker-role', RoleName],
  ]) {
    const refused = await run(flags);
    t.equal(refused.status, 1, flags.join(' '));
    t.match(refused.stderr, /The broker policy agentkeys-broker-host.*: has the policy .* of another stack/);
    t.strictSame(refused.writes, []);
  }
  t.strictSame(sandbox.snapshot(), state);

  const restored = await run(['teardown', '--yes', '--broker', '--stack', 'test']);
  t.equal(restored.status, 0, restored.stderr);
  const { iam } = sandbox.snapshot() as { iam: { roles: Record<string, unknown>; policies: unknown } };
  const { iam: expected } = before as { iam: typeof iam };
  t.strictSame(iam.roles[RoleName], expected.roles[RoleName]);
  t.strictSame(iam.policies, expected.policies);
  t.equal(JSON.stringify([[...(production?.inline ?? [])], [...(production?.tags ?? [])]]), untouched);
});

const stranger = 'has the policy agentkeys-ses-routing-test-broker of another stack';
const elsewhere = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::agentkeys-mail-eu/bots/*/inbound/*' }],
});

t.test('what another stack left, in plans', async (t) => {
  const cases: Array<[what: string, found: string, tags: Record<string, string>, policies: Array<[string, string]>]> = [
    ['its policy', stranger, {}, [['agentkeys-ses-routing-test-broker', wide]]],
    [
      'what it keeps of detached policies',
      'has the policy agentkeys-ses-routing-test-broker-retained of another stack',
      {},
      [['agentkeys-ses-routing-test-broker-retained', wide]],
    ],
    [
      'a tag',
      'has the tag agentkeys-ses-routing/test:detached:0 of another stack',
      { 'agentkeys-ses-routing/test:detached:0': fullAccess },
      [],
    ],
    [
      'a decision',
      'has the tag agentkeys-ses-routing/test:reads-inbound of another stack',
      { 'agentkeys-ses-routing/test:reads-inbound': 'false' },
      [],
    ],
    [
      'the same stack in another region',
      'has the policy agentkeys-ses-routing-broker for another bucket, agentkeys-mail-eu',
      {},
      [['agentkeys-ses-routing-broker', elsewhere]],
    ],
  ];
  for (const [what, found, tags, policies] of cases) {
    const broker = (stack: { broker: { role: object } }) => ({
      broker: {
        role: { ...stack.broker.role, tags, policies: policies.map(([name, text]) => inline(name, text)) },
      },
    });
    for (const settings of [{}, { teardownBroker: true }, { teardownBroker: false }]) {
      const command = 'teardownBroker' in settings ? 'teardown' : 'deploy';
      const entries = entriesOf({ observed: broker as never, command, settings });
      const ofBroker = entries.filter(({ name }) => name.startsWith('agentkeys-broker-host'));
      t.match(
        linesOf(ofBroker).join(' ').replace(/\s+/g, ' '),
        `! broker policy agentkeys-broker-host ${found}, which`,
        what,
      );
      t.strictSame(
        ofBroker.map(({ writes, blocks = false }) => [writes, blocks]),
        [[[], settings.teardownBroker !== false]],
        `${what}: ${command}`,
      );
    }
  }
  // A move takes its own policy along.
  const moved = entriesOf({
    observed: ({ broker }) => ({
      broker: { role: { ...broker.role, policies: [inline('agentkeys-ses-routing-broker', elsewhere)] } },
    }),
    settings: { moveFromBucket: 'agentkeys-mail-eu' },
  });
  t.match(
    moved.filter(({ resource }) => resource === 'broker policy'),
    [{ action: 'update', destroys: /^remove from agentkeys-broker-host: Deny s3:\* on .*agentkeys-mail-eu/ }],
  );
});
