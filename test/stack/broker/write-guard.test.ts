/**
 * Another run comes in between two calls, and restores what this one removes or the other way round. The fault sweep tries every
 * position; here are those at which something would be lost.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import { type Operator, startOperator } from '../../support/operator.js';

const RoleName = 'agentkeys-broker-host';
const up = ['deploy', '--remove-broad-grants', '--yes'];
const down = ['teardown', '--broker', '--yes'];

/** Adds the inline policy to be narrowed; the managed policy to be detached is already attached. */
async function start(t: Parameters<typeof startOperator>[0]): Promise<Operator> {
  const operator = await startOperator(t);
  const arn = `arn:aws:s3:::${operator.bucket}`;
  const statements = [
    { Effect: 'Allow', Action: 's3:*', Resource: [arn, `${arn}/*`] },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::another/*' },
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  await operator.aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'mail', PolicyDocument }));
  return operator;
}

/** The role, and what is saved of its policies. */
function roleOf({ sandbox }: Operator) {
  const role = sandbox.state.iam.roles.get(RoleName);
  const saved = [...sandbox.state.iam.policies.values()].filter(({ arn }) => arn.includes(':policy/agentkeys-'));
  return {
    inline: Object.fromEntries(role?.inline ?? []),
    attached: [...(role?.attached ?? [])],
    tags: [...(role?.tags.keys() ?? [])].sort(),
    saved: saved.map(({ arn }) => arn),
  };
}

interface Moment {
  name: string;
  ours: string[];
  other: string[];
  /** The call that the other run comes before. */
  operation: string;
  about: RegExp;
}

const detachedTag = /agentkeys-ses-routing:detached:/;
const narrowedTag = /agentkeys-ses-routing:narrowed:/;
const moments: Moment[] = [
  {
    name: 'detached, without a tag',
    ours: up,
    other: down,
    operation: 'DetachRolePolicy',
    about: /AmazonS3FullAccess/,
  },
  {
    name: 'narrowed, without a saved copy',
    ours: up,
    other: down,
    operation: 'PutRolePolicy',
    about: /"PolicyName":"mail"/,
  },
  {
    name: 'the tag of a policy that is detached again',
    ours: down,
    other: up,
    operation: 'UntagRole',
    about: detachedTag,
  },
  {
    name: 'the tag of a policy that is narrowed again',
    ours: down,
    other: up,
    operation: 'UntagRole',
    about: narrowedTag,
  },
  {
    name: 'the retained statements of a policy that is detached again',
    ours: down,
    other: up,
    operation: 'DeleteRolePolicy',
    about: /broker-retained/,
  },
  {
    name: 'the saved copy of a policy that is narrowed again',
    ours: down,
    other: up,
    operation: 'DeletePolicy',
    about: /saved-/,
  },
];

for (const { name, ours, other, operation, about } of moments)
  t.test(`${ours[0]}: ${name}`, async (t) => {
    const operator = await start(t);
    const before = roleOf(operator);
    if (ours === down) await operator.run(up);
    let came = 0;
    operator.sandbox.intercept(async (call) => {
      if (call.operation !== operation || !about.test(JSON.stringify(call.input)) || came++ > 0) return undefined;
      t.equal((await operator.run(other)).status, 0);
      return undefined;
    });
    const { status, stderr } = await operator.run(ours);
    t.ok(came > 0, 'the other run came');
    t.equal(status, 1);
    t.match(stderr, `waiting for IAM to return the latest tags and policies of ${RoleName}\n`);
    t.match(
      stderr,
      `Another run is restoring the grants of ${RoleName} that this run removes, or the other way round.`,
    );
    t.equal((await operator.run(down)).status, 0);
    t.strictSame(roleOf(operator), before, 'everything is restored exactly');
  });

t.test('a saved copy is not deleted while its policy is narrowed', async (t) => {
  const operator = await start(t);
  const before = roleOf(operator);
  await operator.run(up);
  let put = false;
  let came = false;
  operator.sandbox.intercept(async ({ operation, input }) => {
    const about = JSON.stringify(input);
    if (operation === 'PutRolePolicy' && about.includes('"PolicyName":"mail"')) put = true;
    // The read before DeletePolicy, after the policy was restored.
    if (!put || came || operation !== 'GetRolePolicy' || !about.includes('"PolicyName":"mail"')) return undefined;
    came = true;
    t.equal((await operator.run(up)).status, 0);
    return undefined;
  });
  const { status, stderr } = await operator.run(down);
  t.ok(came, 'the other run came');
  t.equal(status, 0, stderr);
  t.strictSame(roleOf(operator), before);
});

t.test('a statement added to the retained policy stays in it', async (t) => {
  const operator = await start(t);
  const PolicyName = 'agentkeys-ses-routing-broker-retained';
  const theirs = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };
  let came = false;
  operator.sandbox.intercept(async ({ operation, input }) => {
    // The read before the policy is put.
    if (came || operation !== 'GetRolePolicy' || !JSON.stringify(input).includes(PolicyName)) return undefined;
    came = true;
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
    await operator.aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    return undefined;
  });
  const { status, stderr } = await operator.run(up);
  t.ok(came, 'the edit happened');
  t.equal(status, 0, stderr);
  t.match(roleOf(operator).inline[PolicyName], 'sqs:SendMessage');
});

t.test('the Deny alone is never left without the record that the broker is not to read inbound/', async (t) => {
  const operator = await startOperator(t);
  let tagged = false;
  let came = false;
  operator.sandbox.intercept(async ({ operation, input }) => {
    if (operation === 'TagRole' && JSON.stringify(input).includes('reads-inbound')) tagged = true;
    // The read before PutRolePolicy.
    if (!tagged || came || operation !== 'GetRolePolicy') return undefined;
    came = true;
    t.ok((await operator.run(down)).writes.includes('iam:UntagRole'));
    return undefined;
  });
  const { status, stderr } = await operator.run(['deploy', '--no-broker-reads-inbound', '--yes']);
  t.ok(came, 'the other run came');
  t.equal(status, 0, stderr);
  t.notMatch(roleOf(operator).inline['agentkeys-ses-routing-broker'], '"Effect":"Allow"');
  t.strictSame(roleOf(operator).tags, ['agentkeys-ses-routing:reads-inbound']);
});

t.test('a role read while another run removes its grants is not taken for one without access', async (t) => {
  const operator = await startOperator(t);
  let came = false;
  operator.sandbox.intercept(async ({ operation, input }) => {
    // The last of the reads that name the role's policies: its tags were read before.
    if (came || operation !== 'ListAttachedRolePolicies' || !JSON.stringify(input).includes(RoleName)) return undefined;
    came = true;
    t.equal((await operator.run(up)).status, 0);
    return undefined;
  });
  const { status, stderr } = await operator.run(['deploy', '--yes']);
  t.ok(came, 'the other run came');
  t.equal(status, 0, stderr);
  t.match(roleOf(operator).inline['agentkeys-ses-routing-broker'], 'ReadInbound');
  t.equal(operator.sandbox.state.iam.roles.get(RoleName)?.tags.get('agentkeys-ses-routing:reads-inbound'), 'true');
});
