/**
 * Accounts with more in them than the tool needs, all of it harmless: none of it may be reported.
 */
import { readFile } from 'node:fs/promises';
import { CreatePolicyCommand, CreateRoleCommand, PutRolePermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import {
  brokerRole,
  bucketArn,
  dataRole,
  documentOf,
  functionRole,
  account as id,
  roleArn,
  walletA,
} from './account.js';
import { agent, asks, broker, mailA, reads, router, service, stranger, writes } from './attempts.js';
import { type Attempt, type Change, type Sound, sound } from './table.js';

const agents = { AWS: roleArn(dataRole) };
const tag = 'aws:PrincipalTag/agentkeys_user_wallet';
const omniTag = 'aws:PrincipalTag/agentkeys_actor_omni';
const own = `bots/\${${tag}}`;
const key = (text: string) => `${bucketArn}/${text}`;
const page = await readFile('docs/cloud-setup.md', 'utf8');
const [, documented = ''] = /<!-- bucket-policy -->\n```json\n([\s\S]*?)```/.exec(page) ?? [];

const adds = (...more: Array<Omit<Statement, 'Effect'> & { Effect?: Statement['Effect'] }>): Change => ({
  bucket: more.map((one) => ({ Effect: 'Allow', ...one })),
});
const grants = (name: string, ...more: Array<Omit<Statement, 'Effect'>>): Change => ({
  role: { name, statements: more.map((one) => ({ Effect: 'Allow', ...one })) },
});
/** SES's statement with another condition. */
const sesBy =
  (Condition: Statement['Condition']) =>
  (statements: Statement[]): Statement[] =>
    statements.map((one) => (one.Sid === 'SesStoresMail' ? { ...one, Condition } : one));
/** A boundary that lets a role do what it does now, and no more. */
const bounded =
  (RoleName: string, Action: string | string[]): Change['act'] =>
  async ({ aws, sandbox }) => {
    const PolicyName = `boundary-${sandbox.state.iam.policies.size}`;
    const PolicyDocument = documentOf([{ Effect: 'Allow', Action, Resource: '*' }]);
    const { Policy } = await aws.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
    await aws.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: Policy?.Arn }));
  };
const delivers = (host: string, where: string, context: Record<string, string> = {}): Attempt =>
  asks(service(host), 's3:PutObject', key(where), {
    'aws:SourceAccount': id,
    'aws:SecureTransport': 'true',
    ...context,
  });

const omni = 'c'.repeat(64);
const readsOwn = reads(agent, mailA);
const rule = `arn:aws:ses:us-east-1:${id}:receipt-rule-set/agentkeys:receipt-rule/store-mail`;

const cases: Sound[] = [
  { what: 'the account as it is deployed', change: {}, works: readsOwn },
  {
    what: 'the bucket policy that the documentation shows',
    change: { bucket: () => JSON.parse(documented).Statement },
    works: readsOwn,
  },
  {
    what: "AgentKeys' earlier policy: agents keep credentials in their own folders",
    change: adds({
      Principal: agents,
      Action: ['s3:PutObject', 's3:DeleteObject', 's3:GetObject'],
      Resource: key(`${own}/credentials/*`),
    }),
    works: writes(agent, `bots/${walletA}/credentials/mine.enc`),
  },
  {
    what: 'two tags, with a condition that they are there',
    change: adds(
      {
        Sid: 'Omni',
        Principal: agents,
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: key(`bots/\${${omniTag}}/credentials/*`),
        Condition: { Null: { [omniTag]: 'false' } },
      },
      {
        Sid: 'OmniLists',
        Principal: agents,
        Action: 's3:ListBucket',
        Resource: bucketArn,
        Condition: { StringLike: { 's3:prefix': `bots/\${${omniTag}}/credentials/*` }, Null: { [omniTag]: 'false' } },
      },
    ),
    works: writes(
      (account) => account.session(dataRole, { agentkeys_actor_omni: omni }),
      `bots/${omni}/credentials/mine.enc`,
    ),
  },
  {
    what: 'the tag in other letters, which condition keys do not mind',
    change: adds({
      Principal: agents,
      Action: 's3:GetObject*',
      Resource: key('bots/${aws:principaltag/AgentKeys_User_Wallet}/inbound/*'),
    }),
    works: readsOwn,
  },
  {
    what: 'for everybody, by conditions that only an agent with a wallet meets',
    change: adds({
      Principal: '*',
      Action: 's3:GetObject',
      Resource: key(`${own}/*`),
      Condition: { StringEquals: { 'aws:PrincipalArn': roleArn(dataRole) }, Null: { [tag]: 'false' } },
    }),
    works: readsOwn,
  },
  {
    what: "the agents' statements in the role's own policy",
    change: {
      bucket: (statements) => statements.filter(({ Sid }) => !Sid?.startsWith('Agent')),
      ...grants(
        dataRole,
        { Sid: 'Reads', Action: 's3:GetObject', Resource: key(`${own}/*`) },
        {
          Sid: 'Lists',
          Action: 's3:ListBucket',
          Resource: bucketArn,
          Condition: { StringLike: { 's3:prefix': `${own}/*` } },
        },
      ),
    },
    works: readsOwn,
  },
  {
    what: 'agents may ask where they are',
    change: grants(dataRole, {
      Action: ['sts:GetCallerIdentity', 's3:ListAllMyBuckets', 's3:GetBucketLocation'],
      Resource: '*',
    }),
    works: readsOwn,
  },
  {
    what: 'server access logs under another prefix',
    change: adds(
      {
        Sid: 'Logs',
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: key('logs/*'),
        Condition: { StringEquals: { 'aws:SourceAccount': id } },
      },
      {
        Sid: 'LogsAcl',
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:GetBucketAcl',
        Resource: bucketArn,
      },
    ),
    works: delivers('logging.s3.amazonaws.com', 'logs/x'),
  },
  {
    what: "CloudTrail's logs",
    change: adds(
      {
        Sid: 'Trail',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: key(`AWSLogs/${id}/*`),
        Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      },
      {
        Sid: 'TrailAcl',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:GetBucketAcl',
        Resource: bucketArn,
      },
    ),
    works: delivers('cloudtrail.amazonaws.com', `AWSLogs/${id}/x`, { 's3:x-amz-acl': 'bucket-owner-full-control' }),
  },
  {
    what: "another team's folder, for a role of this account and for another account",
    change: {
      ...adds(
        {
          Sid: 'Team',
          Principal: { AWS: roleArn('finance') },
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: key('reports/*'),
        },
        {
          Sid: 'TeamLists',
          Principal: { AWS: [roleArn('finance'), '999988887777'] },
          Action: 's3:ListBucket',
          Resource: bucketArn,
          Condition: { StringLike: { 's3:prefix': 'reports/*' } },
        },
        { Sid: 'Partner', Principal: { AWS: '999988887777' }, Action: 's3:GetObject', Resource: key('reports/*') },
      ),
    },
    works: asks(stranger, 's3:GetObject', key('reports/q1')),
  },
  {
    what: 'a Deny of what is not encrypted on its way',
    change: adds({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [bucketArn, key('*')],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
    works: readsOwn,
  },
  {
    what: 'a Deny of what comes from elsewhere than an endpoint, for everybody but AgentKeys and services',
    change: adds({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [bucketArn, key('*')],
      Condition: {
        StringNotEqualsIfExists: { 'aws:SourceVpce': 'vpce-1' },
        ArnNotLikeIfExists: { 'aws:PrincipalArn': [roleArn('agentkeys-*'), `arn:aws:iam::${id}:user/administrator`] },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      },
    }),
    works: readsOwn,
  },
  {
    what: 'a Deny of deleting mail, for everybody',
    change: adds({ Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject*', Resource: key('bots/*') }),
    works: readsOwn,
  },
  {
    what: "SES by this account's rule alone",
    change: { bucket: sesBy({ ArnEquals: { 'aws:SourceArn': rule } }) },
    works: delivers('ses.amazonaws.com', 'inbound/x', { 'aws:SourceArn': rule }),
  },
  {
    what: 'SES by any rule of this account, and by the account',
    change: {
      bucket: sesBy({
        StringEquals: { 'aws:SourceAccount': id },
        ArnLike: { 'aws:SourceArn': `arn:aws:ses:us-east-1:${id}:receipt-rule-set/*` },
      }),
    },
    works: delivers('ses.amazonaws.com', 'inbound/x', { 'aws:SourceArn': rule }),
  },
  {
    what: "SES by the account's referer, the old form",
    change: { bucket: sesBy({ StringEquals: { 'aws:Referer': id } }) },
    works: delivers('ses.amazonaws.com', 'inbound/x', { 'aws:Referer': id }),
  },
  {
    what: 'a function in a VPC, with tracing and a key',
    change: grants(
      functionRole,
      {
        Sid: 'Vpc',
        Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
        Resource: '*',
      },
      { Sid: 'Tracing', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
      { Sid: 'Key', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: `arn:aws:kms:us-east-1:${id}:key/*` },
    ),
    works: reads(router, 'inbound/login'),
  },
  {
    what: 'a boundary around the broker',
    change: { act: bounded(brokerRole, ['s3:*', 'ec2:*']) },
    works: reads(broker, 'inbound/login'),
  },
  { what: 'a boundary around the agents', change: { act: bounded(dataRole, 's3:*') }, works: readsOwn },
  {
    what: 'a boundary around the function',
    change: { act: bounded(functionRole, ['s3:*', 'logs:*']) },
    works: reads(router, 'inbound/login'),
  },
  {
    what: 'a broad grant of the broker that its boundary makes void',
    change: {
      ...grants(brokerRole, { Action: 'iam:*', Resource: '*' }),
      act: bounded(brokerRole, ['s3:GetObject', 's3:ListBucket']),
    },
    works: reads(broker, 'inbound/login'),
  },
  {
    what: "what the broker's host needs besides",
    change: grants(
      brokerRole,
      {
        Action: ['ssm:*', 'ses:SendRawEmail', 'cloudwatch:PutMetricData', 'secretsmanager:GetSecretValue'],
        Resource: '*',
      },
      { Sid: 'Backups', Action: 's3:*', Resource: ['arn:aws:s3:::broker-backups', 'arn:aws:s3:::broker-backups/*'] },
    ),
    works: reads(broker, 'inbound/login'),
  },
  {
    what: 'a role for administrators that the bucket policy does not name',
    change: {
      act: async ({ aws }) => {
        const AssumeRolePolicyDocument = documentOf([
          { Effect: 'Allow', Principal: { AWS: id }, Action: 'sts:AssumeRole' },
        ]);
        await aws.iam.send(new CreateRoleCommand({ RoleName: 'administrators', AssumeRolePolicyDocument }));
      },
    },
    works: readsOwn,
  },
];

sound(t, cases);
