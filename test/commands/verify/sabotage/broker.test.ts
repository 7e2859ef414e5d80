/**
 * What the broker's role must not be able to do: grants to it, in its own policies and in the bucket's.
 */
import { AttachRolePolicyCommand, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { brokerRole, bucketArn, dataRole, documentOf, account as id, roleArn, walletB } from './account.js';
import {
  asks,
  broker,
  brokerPrincipal,
  copies,
  deletes,
  lists,
  listsVersions,
  mailB,
  ofFunction,
  reads,
  writes,
} from './attempts.js';
import { type Attempt, type Change, type Sabotage, sabotaged } from './table.js';

const check = (what: string) => `the broker > ${what}`;
const routed = check('does not read routed mail');
const elsewhere = check('reads nothing else in the bucket');
const harm = check('writes, plants and deletes nothing in the bucket');
const limits = check('changes none of its own limits');

const grants = (
  Action: string | string[],
  Resource: string | string[],
  Condition?: Statement['Condition'],
): Change => ({
  role: { name: brokerRole, statements: [{ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) }] },
});
const inBucket = (statement: Omit<Statement, 'Effect'>): Change => ({ bucket: [{ Effect: 'Allow', ...statement }] });
const toBroker = { AWS: roleArn(brokerRole) };
const all = `${bucketArn}/*`;
const credentials = `bots/${walletB}/credentials/openrouter.enc`;
const may = (action: string, resource: string, context = {}): Attempt =>
  asks(brokerPrincipal, action, resource, context);

const reading: Sabotage[] = [
  {
    what: "a wallet's credentials",
    change: grants('s3:GetObject', `${bucketArn}/bots/${walletB}/credentials/*`),
    fails: elsewhere,
    opens: reads(broker, credentials),
  },
  {
    what: 'a folder, by a wildcard in the name of the bucket',
    change: grants('s3:Get*', 'arn:aws:s3:::agentkeys-mail-*/reports/*'),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'another prefix, by a wildcard in the key',
    change: grants('s3:GetObject', 'arn:aws:s3:::*/r?ports/*'),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'an incomplete ARN',
    change: grants('s3:GetObject', 'arn:aws:s3'),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'an incomplete ARN with an account that S3 has not',
    change: grants('s3:GetObject', 'arn:aws:s3:*'),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'a wildcard inside the action',
    change: grants('s3:G?tObj*', all),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'the action in other letters',
    change: grants('S3:getobject', all),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'everything but some actions and some resources',
    change: {
      role: {
        name: brokerRole,
        statements: [{ Effect: 'Allow', NotAction: ['iam:*', 's3:Put*'], NotResource: 'arn:aws:s3:::another/*' }],
      },
    },
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'all resources but routed mail',
    change: {
      role: {
        name: brokerRole,
        statements: [{ Effect: 'Allow', Action: 's3:GetObject', NotResource: `${bucketArn}/bots/*/inbound/*` }],
      },
    },
    fails: elsewhere,
    opens: reads(broker, credentials),
  },
  {
    what: 'listing by b',
    change: grants('s3:ListBucket', bucketArn, { StringEquals: { 's3:prefix': 'b' } }),
    fails: elsewhere,
    opens: lists(broker, 'b'),
  },
  {
    what: 'listing by bots/0x',
    change: grants('s3:ListBucket', bucketArn, { StringLike: { 's3:prefix': 'bots/0x*' } }),
    fails: elsewhere,
    opens: lists(broker, 'bots/0x2'),
  },
  {
    what: "listing one wallet's folder",
    change: grants('s3:ListBucket', bucketArn, { StringEquals: { 's3:prefix': `bots/${walletB}/` } }),
    fails: elsewhere,
    opens: lists(broker, `bots/${walletB}/`),
  },
  {
    what: 'listing by a delimiter',
    change: grants('s3:ListBucket', bucketArn, { StringEquals: { 's3:delimiter': '/' } }),
    fails: elsewhere,
    opens: lists(broker, undefined, { Delimiter: '/' }),
  },
  {
    what: 'listing anything but bots/',
    change: grants('s3:ListBucket', bucketArn, { StringNotLike: { 's3:prefix': 'bots/*' } }),
    fails: elsewhere,
    opens: lists(broker, 'bots'),
  },
  {
    what: 'listing versions',
    change: grants('s3:ListBucketVersions', bucketArn),
    fails: elsewhere,
    opens: listsVersions(broker, 'bots/'),
  },
  {
    what: 'listing uploads',
    change: grants('s3:ListBucketMultipartUploads', bucketArn),
    fails: elsewhere,
    opens: may('s3:ListBucketMultipartUploads', bucketArn, { 's3:prefix': 'bots/' }),
  },
  {
    what: 'the attributes of a version',
    change: grants('s3:GetObjectVersionAttributes', `${bucketArn}/bots/*`),
    fails: elsewhere,
    opens: may('s3:GetObjectVersionAttributes', `${bucketArn}/${credentials}`),
  },
  {
    what: 'torrents',
    change: grants('s3:GetObjectTorrent', all),
    fails: elsewhere,
    opens: may('s3:GetObjectTorrent', `${bucketArn}/${credentials}`),
  },
  {
    what: 'the bucket policy lets it list',
    change: inBucket({ Principal: toBroker, Action: 's3:ListBucket', Resource: bucketArn }),
    fails: elsewhere,
    opens: lists(broker),
  },
  {
    what: 'the bucket policy names a session of it',
    change: inBucket({
      Principal: { AWS: `arn:aws:sts::${id}:assumed-role/${brokerRole}/session` },
      Action: 's3:GetObject',
      Resource: `${bucketArn}/bots/*`,
    }),
    fails: elsewhere,
    opens: reads(broker, credentials),
  },
  {
    what: 'the bucket policy names it by a pattern in a condition',
    change: inBucket({
      Principal: '*',
      Action: 's3:GetObject',
      Resource: all,
      Condition: { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${id}:role/agentkeys-broker-*` } },
    }),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'the Deny leaves it out by a condition, and the bucket policy lets it read',
    change: {
      ...inBucket({ Principal: toBroker, Action: 's3:GetObject', Resource: `${bucketArn}/bots/*` }),
      act: async ({ sandbox }) => {
        const role = sandbox.state.iam.roles.get(brokerRole);
        for (const [name, text] of role?.inline ?? [])
          role?.inline.set(
            name,
            text.replaceAll('"Effect":"Deny"', '"Effect":"Deny","Condition":{"Bool":{"aws:ViaAWSService":"true"}}'),
          );
      },
    },
    fails: routed,
    opens: reads(broker, mailB),
  },
  {
    what: 'read-only access by a managed policy of AWS',
    change: { role: { name: brokerRole, attached: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' } },
    statement: '1',
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'under a condition on the network',
    change: grants('s3:GetObject', all, { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }),
    fails: elsewhere,
    opens: reads(broker, 'reports/q1'),
  },
  {
    what: 'under a condition on an endpoint',
    change: grants('s3:GetObject', all, { StringEquals: { 'aws:SourceVpce': 'vpce-1' } }),
    fails: elsewhere,
    opens: may('s3:GetObject', `${bucketArn}/reports/q1`, { 'aws:SourceVpce': 'vpce-1' }),
  },
];

const writing: Sabotage[] = [
  {
    what: 'putting mail into inbound/',
    change: grants('s3:PutObject', `${bucketArn}/inbound/*`),
    fails: harm,
    opens: writes(broker, 'inbound/forged'),
  },
  {
    what: 'putting anything anywhere',
    change: grants('s3:*Object', 'arn:aws:s3:::*'),
    fails: harm,
    opens: writes(broker, 'reports/forged'),
  },
  {
    what: 'deleting mail from inbound/',
    change: grants('s3:DeleteObject', `${bucketArn}/inbound/*`),
    fails: harm,
    opens: deletes(broker, 'inbound/no-such'),
  },
  {
    what: 'deleting versions',
    change: grants('s3:DeleteObjectVersion', `${bucketArn}/bots/*`),
    fails: harm,
    opens: may('s3:DeleteObjectVersion', `${bucketArn}/${credentials}`),
  },
  {
    what: "planting a wallet's credentials",
    change: grants('s3:PutObject', `${bucketArn}/bots/*/credentials/*`),
    fails: harm,
    opens: copies(broker, 'inbound/login', credentials.replace('openrouter', 'forged')),
  },
  {
    what: 'in the bucket policy, for its account under a condition',
    change: inBucket({
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `${bucketArn}/inbound/*`,
      Condition: { StringEquals: { 'aws:PrincipalArn': roleArn(brokerRole) } },
    }),
    fails: harm,
    opens: writes(broker, 'inbound/forged'),
  },
  {
    what: 'replicas',
    change: grants(['s3:ReplicateObject', 's3:ReplicateDelete'], all),
    fails: limits,
    opens: may('s3:ReplicateObject', `${bucketArn}/inbound/forged`),
  },
];

const own = documentOf([{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }]);
const on = (region: string, rest: string) =>
  `arn:aws:${rest.split(':')[0]}:${region}:${id}:${rest.slice(rest.indexOf(':') + 1)}`;

const changing: Sabotage[] = [
  {
    what: 'the bucket policy',
    change: grants('s3:PutBucketPolicy', bucketArn),
    fails: limits,
    opens: async (account) => {
      const Policy = account.sandbox.state.s3.buckets.get(account.bucket)?.policy;
      await account.session(brokerRole).s3.send(new PutBucketPolicyCommand({ Bucket: account.bucket, Policy }));
    },
  },
  {
    what: 'its own policies',
    change: grants('iam:PutRolePolicy', roleArn(brokerRole)),
    fails: limits,
    opens: async ({ session }) =>
      session(brokerRole).iam.send(
        new PutRolePolicyCommand({ RoleName: brokerRole, PolicyName: 'mine', PolicyDocument: own }),
      ),
  },
  {
    what: 'its own managed policies, by a pattern',
    change: grants('iam:*RolePolicy', `arn:aws:iam::${id}:role/agentkeys-*`),
    fails: limits,
    opens: async ({ session }) =>
      session(brokerRole).iam.send(
        new AttachRolePolicyCommand({
          RoleName: brokerRole,
          PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
        }),
      ),
  },
  {
    what: "the agents' trust policy",
    change: grants('iam:UpdateAssumeRolePolicy', 'arn:aws:iam'),
    fails: limits,
    opens: async ({ session, sandbox }) => {
      const PolicyDocument = sandbox.state.iam.roles.get(dataRole)?.trust;
      await session(brokerRole).iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: dataRole, PolicyDocument }));
    },
  },
  ...[
    ['object ACLs', 's3:PutObjectAcl', `${bucketArn}/inbound/mail`],
    ['the ACL of the bucket', 's3:PutBucketAcl', bucketArn],
    ['replication', 's3:PutReplicationConfiguration', bucketArn],
    ['inventory', 's3:PutInventoryConfiguration', bucketArn],
    ['expiry', 's3:PutLifecycleConfiguration', bucketArn],
    ['notifications', 's3:PutBucketNotification', bucketArn],
    ['the block of public access', 's3:PutBucketPublicAccessBlock', bucketArn],
    ['access points', 's3:CreateAccessPoint', on('us-east-1', 's3:accesspoint/mine')],
    ['batch jobs', 's3:CreateJob', on('us-east-1', 's3:job/1')],
    ['restoring archived mail', 's3:RestoreObject', `${bucketArn}/inbound/mail`],
    ["the function's code", 'lambda:UpdateFunctionCode', ofFunction],
    ["the function's configuration", 'lambda:UpdateFunctionConfiguration', ofFunction],
    ["the function's policy", 'lambda:AddPermission', ofFunction],
    ['the rule', 'events:PutRule', on('us-east-1', 'events:rule/agentkeys-ses-routing-inbound')],
    ['the targets of the rule', 'events:RemoveTargets', on('us-east-1', 'events:rule/agentkeys-ses-routing-inbound')],
  ].map(
    ([what, action, resource]): Sabotage => ({
      what: String(what),
      change: grants(String(action), '*'),
      fails: limits,
      opens: may(String(action), String(resource)),
    }),
  ),
];

/** Which bucket an access point belongs to, its ARN doesn't tell. */
const detours: Sabotage[] = [
  ['s3:GetObject', on('us-east-1', 's3:accesspoint/mine/object/*'), elsewhere],
  ['s3:ListBucket', on('us-east-1', 's3:accesspoint/mine'), elsewhere],
  ['s3-object-lambda:GetObject', on('us-east-1', 's3-object-lambda:accesspoint/mine'), elsewhere],
  ['s3:PutObject', on('us-east-1', 's3:accesspoint/mine/object/*'), harm],
  ['s3:PutAccessPointPolicy', on('us-east-1', 's3:accesspoint/mine'), limits],
  ['s3:CreateJob', '*', limits],
  ['s3:UpdateJobStatus', on('us-east-1', 's3:job/*'), limits],
  // A key may look like the ARN of an access point.
  ['s3:GetObject', `${bucketArn}/reports/:${id}:accesspoint/*`, elsewhere],
].map(
  ([action, resource, fails]): Sabotage => ({
    what: `${action} on ${resource}`,
    change: grants(String(action), String(resource)),
    fails: String(fails),
    opens: may(String(action), String(resource).replace(/(?<=.)\*$/, 'x')),
  }),
);

sabotaged(t, [...reading, ...writing, ...changing, ...detours]);
