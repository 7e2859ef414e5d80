/**
 * A role whose grants an earlier version of this tool removed: it left what another statement granted, and what could reach the bucket
 * under another ARN. A deploy finds that, removes it on request, and everything can still be restored exactly.
 */
import { DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import { stackNames } from '../../../src/agentkeys/names.js';
import { detachedTagKey, narrowedTagKey } from '../../../src/stack/broker/remove-grant.js';
import { type Operator, startOperator } from '../../support/operator.js';
import { abilities, brokerOf, RoleName, snapshotOf, stock, whatTheDesignSays, withBucket } from './broker-role.js';
import { bucketArn } from './matrix.js';

const fullAccess = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource });

const others = 'arn:aws:s3:::somebody-elses-bucket/*';
const writes = allow(['s3:PutObject', 's3:PutObjectAcl'], `${bucketArn}/*`);
const mail = document(allow('s3:GetObject', [`${bucketArn}/*`, others]), writes);

/** Gives the role what version 0.1.0 left of AmazonS3FullAccess and the inline policy `mail`. */
async function narrowEarlier({ aws, sandbox, bucket }: Operator): Promise<void> {
  const { iam } = sandbox.state;
  const role = iam.roles.get(RoleName);
  const arn = `arn:aws:iam::${sandbox.account}:policy/agentkeys-ses-routing/saved-0123456789abcdef`;
  await aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: fullAccess }));
  iam.policies.set(arn, {
    name: 'saved-0123456789abcdef',
    id: 'ANPASAVED',
    arn,
    created: new Date(0),
    versions: new Map([['v1', mail]]),
    defaultVersion: 'v1',
    tags: new Map([
      ['managed-by', 'agentkeys-ses-routing'],
      ['policy-name', 'mail'],
      ['role-name', RoleName],
    ]),
  });
  role?.tags.set(detachedTagKey(fullAccess, stackNames()), fullAccess).set(narrowedTagKey('mail', stackNames()), arn);
  const here = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  role?.inline
    .set('mail', document(allow('s3:GetObject', [others]), writes))
    .set(
      'agentkeys-ses-routing-broker-retained',
      document({ Effect: 'Allow', Action: ['s3:*', 's3-object-lambda:*'], NotResource: here }),
    )
    .set(
      'agentkeys-ses-routing-broker',
      document(
        {
          Sid: 'ListInbound',
          ...allow('s3:ListBucket', `arn:aws:s3:::${bucket}`),
          Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
        },
        { Sid: 'ReadInbound', ...allow('s3:GetObject', `arn:aws:s3:::${bucket}/inbound/*`) },
        {
          Sid: 'NeverReadRouted',
          Effect: 'Deny',
          Action: 's3:GetObject*',
          Resource: `arn:aws:s3:::${bucket}/bots/*/inbound/*`,
        },
      ),
    );
}

t.test('grants that an earlier version removed', async (t) => {
  const operator = await startOperator(t);
  const { run, bucket } = operator;
  await stock(operator);
  brokerOf(operator).inline.set('mail', mail);
  const snapshot = snapshotOf(operator);
  await narrowEarlier(operator);

  const deployed = await run(['deploy']);
  t.equal(deployed.status, 0, deployed.stderr);
  t.match(deployed.stdout, /^~ broker policy .*\n {4}- statement: Deny s3:GetObject\*/m, 'no consent is needed');
  t.match(deployed.stdout, /^! broad grant {5}agentkeys-broker-host\/mail$/m);
  t.match(
    deployed.stdout,
    /^! broad grant {5}agentkeys-broker-host\/agentkeys-ses-routing-broker-retained\n {4}allows access points, /m,
  );
  t.strictSame((await run(['deploy'])).writes, []);

  const removed = await run(['deploy', '--remove-broad-grants', '--yes']);
  t.equal(removed.status, 0, removed.stderr);
  t.strictSame(removed.writes, ['iam:PutRolePolicy', 'iam:PutRolePolicy', 'iam:PutRolePolicy']);
  t.strictSame(withBucket(await abilities(operator), bucket), whatTheDesignSays(bucket));
  t.strictSame((await run(['deploy', '--remove-broad-grants', '--yes'])).writes, []);

  const down = await run(['teardown', '--broker', '--yes', '--delete-logs']);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(snapshotOf(operator), snapshot, 'restored exactly');
});

t.test('a policy that is no longer what an earlier version left is only reported', async (t) => {
  const operator = await startOperator(t);
  await narrowEarlier(operator);
  const edited = document(allow('s3:DeleteObject', `${bucketArn}/*`));
  brokerOf(operator).inline.set('mail', edited);
  const { stdout } = await operator.run(['deploy', '--remove-broad-grants', '--yes']);
  t.match(
    stdout.replace(/\s+/g, ' '),
    'it was narrowed before and changed since; its first version stays saved (arn:aws:iam',
  );
  t.equal(brokerOf(operator).inline.get('mail'), edited);
});
