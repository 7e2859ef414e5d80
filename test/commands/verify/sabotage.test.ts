/**
 * Everything is OK after a deploy, and each sabotage fails exactly the right checks.
 */
import { DisableRuleCommand, PutRuleCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  AttachRolePolicyCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetPolicyCommand, RemovePermissionCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import {
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { zip } from '../../../src/package/zip.js';
import { type Deployed, startDeployed, tokenFile, wallet } from './operator.js';

const role = 'agentkeys-ses-routing-role';
const rule = 'agentkeys-ses-routing-inbound';
const broker = 'agentkeys-broker-host';
const name = 'agentkeys-ses-routing';

const stack = (what: string) => `the stack is in sync > ${what}`;
const isolation = (what: string) => `isolation, by the policies > ${what}`;
const mail = (what: string) => `a live probe of routing > ${what}`;
const session = (what: string) => `a live session with an agent's token > ${what}`;

interface Sabotage {
  what: string;
  /** @returns what undoes it, where a deploy does not */
  act(operator: Deployed): Promise<unknown>;
  failed: string[];
  /** Whether the mail's way is broken, so that no probe is sent along it. */
  unprobed?: true;
}

const documentOf = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function bucketPolicyWith({ aws, bucket }: Deployed, more: object) {
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const before = JSON.parse(Policy);
  const put = (statements: object[]) =>
    aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: documentOf(statements) }));
  await put([...before.Statement, more]);
  return () => put(before.Statement);
}

const sabotages: Sabotage[] = [
  {
    what: 'a statement of the execution role removed',
    async act({ aws, bucket }) {
      const rest = [{ Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket}/bots/*/inbound/*` }];
      const input = { RoleName: role, PolicyName: `${role}-inline`, PolicyDocument: documentOf(rest) };
      await aws.iam.send(new PutRolePolicyCommand(input));
    },
    failed: [
      stack(`execution role ${role}`),
      isolation('the function > lists and reads inbound/, and writes routed copies'),
    ],
    unprobed: true,
  },
  {
    what: "the broker's deny removed",
    async act({ aws, bucket, sandbox }) {
      const policy = JSON.parse(sandbox.state.iam.roles.get(broker)?.inline.get(`${name}-broker`) ?? '');
      const allows = policy.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
      // With what the deny was there for.
      const all = { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/bots/*/inbound/*` };
      const input = { RoleName: broker, PolicyName: `${name}-broker`, PolicyDocument: documentOf([...allows, all]) };
      await aws.iam.send(new PutRolePolicyCommand(input));
    },
    failed: [stack(`broker policy ${broker}/${name}-broker`), isolation('the broker > does not read routed mail')],
  },
  {
    what: 'the rule disabled',
    async act({ aws }) {
      await aws.events.send(new DisableRuleCommand({ Name: rule }));
    },
    failed: [stack(`rule ${rule}`)],
    unprobed: true,
  },
  {
    what: "another prefix in the rule's pattern",
    async act({ aws, sandbox }) {
      const pattern = sandbox.state.events.rules.get(rule)?.pattern?.replace('inbound/', 'inbox/');
      await aws.events.send(new PutRuleCommand({ Name: rule, EventPattern: pattern }));
    },
    failed: [stack(`rule ${rule}`)],
    unprobed: true,
  },
  {
    what: 'the target gone',
    async act({ aws }) {
      await aws.events.send(new RemoveTargetsCommand({ Rule: rule, Ids: [name] }));
    },
    failed: [stack(`target ${name}`)],
    unprobed: true,
  },
  {
    what: 'the permission gone',
    async act({ aws }) {
      const { Policy = '' } = await aws.lambda.send(new GetPolicyCommand({ FunctionName: name }));
      const [{ Sid }] = JSON.parse(Policy).Statement;
      await aws.lambda.send(new RemovePermissionCommand({ FunctionName: name, StatementId: Sid }));
    },
    failed: [stack('permission agentkeys-ses-routing-events-e0c94805ecaf')],
    unprobed: true,
  },
  {
    what: 'AmazonS3FullAccess attached to the broker again',
    async act({ aws }) {
      const input = { RoleName: broker, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' };
      await aws.iam.send(new AttachRolePolicyCommand(input));
      return () => aws.iam.send(new DetachRolePolicyCommand(input));
    },
    failed: [
      isolation('the broker > reads nothing else in the bucket'),
      isolation('the broker > writes, plants and deletes nothing in the bucket'),
      isolation('the broker > changes none of its own limits'),
    ],
  },
  {
    what: 'the broker granted all of S3 by an incomplete ARN',
    async act({ aws }) {
      const input = { RoleName: broker, PolicyName: 'all' };
      const PolicyDocument = documentOf([{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3' }]);
      await aws.iam.send(new PutRolePolicyCommand({ ...input, PolicyDocument }));
      return () => aws.iam.send(new DeleteRolePolicyCommand(input));
    },
    failed: [isolation('the broker > reads nothing else in the bucket')],
  },
  {
    what: "the bucket's policy widened to all of bots/ for agents",
    act: (operator) =>
      bucketPolicyWith(operator, {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${operator.sandbox.account}:role/agentkeys-data-role` },
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${operator.bucket}/bots/*`,
      }),
    failed: [
      isolation("an agent's session > does not read another wallet's mail"),
      isolation("an agent's session > reads nothing without a wallet"),
      session("it does not read another wallet's mail"),
    ],
  },
  {
    what: 'agents let list by the shorter prefixes, as AWS has it in its example for folders of users',
    act: (operator) =>
      bucketPolicyWith(operator, {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${operator.sandbox.account}:role/agentkeys-data-role` },
        Action: 's3:ListBucket',
        Resource: `arn:aws:s3:::${operator.bucket}`,
        Condition: { StringLike: { 's3:prefix': ['', 'inbound'] } },
      }),
    failed: [
      isolation("an agent's session > does not read another wallet's mail"),
      isolation("an agent's session > does not read inbound/"),
      isolation("an agent's session > reads nothing without a wallet"),
      session("it does not read another wallet's mail"),
      session('it does not read inbound/'),
    ],
  },
  {
    what: 'agents let read, list and delete versions',
    act: (operator) =>
      bucketPolicyWith(operator, {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${operator.sandbox.account}:role/agentkeys-data-role` },
        Action: ['s3:GetObjectVersion', 's3:ListBucketVersions', 's3:DeleteObjectVersion'],
        Resource: [`arn:aws:s3:::${operator.bucket}`, `arn:aws:s3:::${operator.bucket}/*`],
      }),
    failed: [
      isolation("an agent's session > does not read another wallet's mail"),
      isolation("an agent's session > does not read inbound/"),
      isolation("an agent's session > reads nothing without a wallet"),
      isolation("an agent's session > writes nothing to inbound/ or to another wallet's mail"),
    ],
  },
  {
    what: "the bucket's policy widened to everybody",
    act: (operator) =>
      bucketPolicyWith(operator, {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${operator.bucket}/elsewhere/*`,
      }),
    failed: [
      isolation('the broker > reads nothing else in the bucket'),
      isolation('the function > nothing beyond what it needs'),
      isolation('nothing is public > S3 reports that its policy is not public'),
    ],
  },
  {
    what: 'EventBridge off',
    async act({ aws, bucket }) {
      const { EventBridgeConfiguration: _, ...rest } = await aws.s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
      );
      const input = { Bucket: bucket, NotificationConfiguration: rest, SkipDestinationValidation: true };
      await aws.s3.send(new PutBucketNotificationConfigurationCommand(input));
    },
    failed: [stack('bucket events agentkeys-mail-111122223333')],
    unprobed: true,
  },
  {
    what: 'code replaced',
    async act({ aws }) {
      const ZipFile = await zip({ 'index.js': Buffer.from('exports.handler = async () => "fine"') });
      await aws.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile }));
    },
    failed: [
      stack(`function ${name}`),
      mail('a message for a wallet is routed, byte for byte'),
      mail('login mail stays in inbound/, also with a forged To:'),
    ],
  },
  {
    what: "the execution role's trust broken",
    async act({ aws }) {
      const nobody = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
      const input = { RoleName: role, PolicyDocument: documentOf([nobody]) };
      await aws.iam.send(new UpdateAssumeRolePolicyCommand(input));
    },
    failed: [stack(`execution role ${role}`)],
    unprobed: true,
  },
];

t.test('each sabotage fails exactly the right checks, and a deploy fixes it', async (t) => {
  const operator = await startDeployed(t);
  const withToken = ['--web-identity-token-file', tokenFile(t)];
  const whole = await operator.verify(withToken);
  t.strictSame(
    { status: whole.status, failed: whole.failed, skipped: whole.skipped },
    { status: 0, failed: [], skipped: [] },
  );

  for (const { what, act, failed, unprobed } of sabotages) {
    const undo = await act(operator);
    const found = await operator.verify([...withToken, '--timeout', '2']);
    t.strictSame(found.failed.toSorted(), failed.toSorted(), what);
    t.equal(found.status, 1, what);
    t.equal(found.skipped.includes('a live probe of routing'), unprobed === true, `${what}: whether a probe is sent`);
    if (typeof undo === 'function') await undo();
    await operator.deploy();
  }
  const again = await operator.verify(withToken);
  t.strictSame({ status: again.status, failed: again.failed }, { status: 0, failed: [] });
  const keys = [...(operator.sandbox.state.s3.buckets.get(operator.bucket)?.objects.keys() ?? [])];
  t.strictSame(keys, [], 'nothing of the probes is left');
});

t.test('a wallet that is not in lower case in the token', async (t) => {
  const { verify } = await startDeployed(t);
  const mixed = wallet.replace('abcdef', 'ABCdef');
  const { failed, skipped, checks } = await verify(['--web-identity-token-file', tokenFile(t, mixed)]);
  t.strictSame(failed, [session('its wallet is in lower case')]);
  t.strictSame(skipped, [session("it reads its own wallet's mail")]);
  t.match(JSON.stringify(checks), 'Policies compare tags case-sensitively');
});

t.test('a wallet tag on the role itself', async (t) => {
  const { verify, aws } = await startDeployed(t);
  const RoleName = 'agentkeys-data-role';
  await aws.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'agentkeys_user_wallet', Value: wallet }] }));
  const { failed, checks } = await verify();
  t.strictSame(failed, ["isolation, by the policies > an agent's session > the role has no wallet tag of its own"]);
  t.match(JSON.stringify(checks), `aws iam untag-role --role-name ${RoleName} --tag-keys agentkeys_user_wallet`);
});
