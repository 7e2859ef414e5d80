/**
 * What an agent's session must not be able to do, by the bucket policy and by the policies of the role that agents assume.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { bucketArn, dataRole, documentOf, account as id, roleArn, walletA, walletB } from './account.js';
import {
  agent,
  agentPrincipal,
  asks,
  deletes,
  lists,
  listsVersions,
  mailB,
  ofFunction,
  ofWallet,
  reads,
  type Who,
  writes,
} from './attempts.js';
import { type Attempt, type Change, type Sabotage, sabotaged } from './table.js';

const check = (what: string) => `an agent's session > ${what}`;
const another = check("does not read another wallet's mail");
const inbound = check('does not read inbound/');
const harm = check("writes nothing to inbound/ or to another wallet's mail");
const untagged = check('reads nothing without a wallet');
const limits = check('changes none of its own limits');

const agents = { AWS: roleArn(dataRole) };
const lets = (
  Action: string | string[],
  Resource: string | string[],
  Condition?: Statement['Condition'],
  Principal: Statement['Principal'] = agents,
): Change => ({
  bucket: [{ Effect: 'Allow', Principal, Action, Resource, ...(Condition && { Condition }) }],
});
const ownPolicy = (statement: Omit<Statement, 'Effect'>): Change => ({
  role: { name: dataRole, statements: [{ Effect: 'Allow', ...statement }] },
});
const key = (text: string) => `${bucketArn}/${text}`;
const tag = 'aws:PrincipalTag/agentkeys_user_wallet';
const listing = (prefix: string | string[], operator = 'StringLike') =>
  lets('s3:ListBucket', bucketArn, { [operator]: { 's3:prefix': prefix } });

/** An agent that chose its session's name; and tokens without a tag, with an empty one, and with another. */
const namedSession =
  (name: string): Who =>
  (account) =>
    account.withToken({}, name);
const without: Who = (account) => account.withToken({ 'https://aws.amazon.com/tags': {} });
const empty: Who = (account) =>
  account.withToken({ 'https://aws.amazon.com/tags': { principal_tags: { agentkeys_user_wallet: [''] } } });
const may = (action: string, resource: string, context: Record<string, string> = {}): Attempt =>
  asks(agentPrincipal, action, resource, { ...ofWallet(walletA), ...context });

const reading: Sabotage[] = [
  {
    what: "one wallet's folder, literally",
    change: lets('s3:GetObject', key(`bots/${walletB}/*`)),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'wallets by their first digits',
    change: lets('s3:GetObject', key('bots/0x2*')),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'wallets by question marks',
    change: lets('s3:GetObject', key(`bots/0x${'?'.repeat(40)}/inbound/*`)),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'one message of another wallet',
    change: lets('s3:GetObject', key(mailB)),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'all mail by its last folder',
    change: lets('s3:GetObject', key('*/inbound/*')),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'what begins like its wallet, and an empty tag',
    change: lets('s3:GetObject', key(`bots/\${${tag}}*`)),
    fails: untagged,
    opens: reads(empty, mailB),
  },
  {
    what: 'what contains its wallet, and an empty tag',
    change: lets('s3:GetObject', key(`bots/*\${${tag}}*/inbound/*`)),
    fails: untagged,
    opens: reads(empty, mailB),
  },
  {
    what: 'a wallet where there is no tag',
    change: lets('s3:GetObject', key(`bots/\${${tag}, '${walletB}'}/*`)),
    fails: untagged,
    opens: reads(without, mailB),
  },
  {
    what: 'a condition that the tag is absent',
    change: lets('s3:GetObject', key('bots/*'), { Null: { [tag]: 'true' } }),
    fails: untagged,
    opens: reads(without, mailB),
  },
  {
    what: 'a condition on the tag, if it exists',
    change: lets('s3:GetObject', key(`bots/${walletB}/*`), { StringEqualsIfExists: { [tag]: walletB } }),
    fails: untagged,
    opens: reads(without, mailB),
  },
  {
    what: 'any wallet but one',
    change: lets('s3:GetObject', key('bots/*'), { StringNotEquals: { [tag]: walletB } }),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'any tag that looks like a wallet',
    change: lets('s3:GetObject', key('bots/*'), { StringLike: { [tag]: '0x*' } }),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'one wallet, which reads another',
    change: lets('s3:GetObject', key(`bots/${walletB}/*`), { StringEquals: { [tag]: walletA } }),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: "a session's name",
    change: lets('s3:GetObject', key('bots/*'), undefined, {
      AWS: `arn:aws:sts::${id}:assumed-role/${dataRole}/auditor`,
    }),
    fails: another,
    opens: reads(namedSession('auditor'), mailB),
  },
  {
    what: "a session's name, by the user ID",
    change: lets('s3:GetObject', key('bots/*'), { StringLike: { 'aws:userid': '*:auditor' } }),
    fails: another,
    opens: reads(namedSession('auditor'), mailB),
  },
  {
    what: 'everybody of the account, by a condition',
    change: lets('s3:GetObject', key('bots/*'), { StringEquals: { 'aws:PrincipalAccount': id } }, '*'),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'everybody, by a pattern of roles',
    change: lets(
      's3:GetObject',
      key('bots/*'),
      { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::*:role/agentkeys-d*` } },
      '*',
    ),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'under a condition on the network',
    change: lets('s3:GetObject', key('bots/*'), { IpAddress: { 'aws:SourceIp': '127.0.0.1' } }),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'under a condition on a VPC',
    change: lets('s3:GetObject', key('bots/*'), { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }),
    fails: another,
    opens: may('s3:GetObject', key(mailB), { 'aws:SourceVpc': 'vpc-1' }),
  },
  {
    what: 'another variable than the wallet',
    change: lets('s3:GetObject', key('bots/${aws:PrincipalTag/team}/*')),
    fails: another,
    opens: may('s3:GetObject', key(mailB), { 'aws:PrincipalTag/team': walletB }),
  },
  {
    what: 'login mail',
    change: lets('s3:GetObject', key('inbound/*')),
    fails: inbound,
    opens: reads(agent, 'inbound/login'),
  },
  {
    what: 'one login message',
    change: lets('s3:GetObject', key('inbound/l*')),
    fails: inbound,
    opens: reads(agent, 'inbound/login'),
  },
  {
    what: 'everything but wallets',
    change: { bucket: [{ Effect: 'Allow', Principal: agents, Action: 's3:GetObject', NotResource: key('bots/*') }] },
    fails: inbound,
    opens: reads(agent, 'inbound/login'),
  },
  {
    what: 'everything but writing',
    change: {
      bucket: [
        { Effect: 'Allow', Principal: agents, NotAction: ['s3:Put*', 's3:Delete*'], Resource: key('inbound/*') },
      ],
    },
    fails: inbound,
    opens: reads(agent, 'inbound/login'),
  },
  {
    what: 'the ACL of login mail',
    change: lets('s3:GetObjectAcl', key('inbound/*')),
    fails: inbound,
    opens: may('s3:GetObjectAcl', key('inbound/login')),
  },
  {
    what: 'the tags of mail',
    change: lets('s3:GetObjectTagging', key('bots/*')),
    fails: another,
    opens: may('s3:GetObjectTagging', key(mailB)),
  },
  {
    what: 'versions',
    change: lets('s3:GetObjectVersion', key('bots/*')),
    fails: another,
    opens: may('s3:GetObjectVersion', key(mailB)),
  },
  {
    what: 'by its own policy',
    change: ownPolicy({ Action: 's3:GetObject', Resource: key('bots/*') }),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'by its own policy, with an incomplete ARN',
    change: ownPolicy({ Action: 's3:Get*', Resource: 'arn:aws:s3' }),
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'by a managed policy',
    change: { role: { name: dataRole, attached: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' } },
    statement: '1',
    fails: another,
    opens: reads(agent, mailB),
  },
  {
    what: 'with a Deny in other letters, which stops nothing',
    change: {
      bucket: [
        { Effect: 'Allow', Principal: agents, Action: 's3:GetObject', Resource: key('bots/*') },
        { Effect: 'Deny', Principal: agents, Action: 's3:GetObject', Resource: key('Bots/*') },
      ],
    },
    fails: another,
    opens: reads(agent, mailB),
  },
];

const listings: Sabotage[] = [
  { what: 'listing by no prefix', change: lets('s3:ListBucket', bucketArn), fails: another, opens: lists(agent) },
  { what: 'listing by b', change: listing('b', 'StringEquals'), fails: another, opens: lists(agent, 'b') },
  {
    what: 'listing by the first digits of a wallet',
    change: listing('bots/0x2*'),
    fails: another,
    opens: lists(agent, 'bots/0x22'),
  },
  {
    what: 'listing by what is its own, or nothing',
    change: listing([`bots/\${${tag}}/*`, '']),
    fails: another,
    opens: lists(agent, ''),
  },
  {
    what: 'listing by its own, if there is a prefix',
    change: listing(`bots/\${${tag}}/*`, 'StringLikeIfExists'),
    fails: another,
    opens: lists(agent),
  },
  {
    what: 'listing by its own, for all prefixes, none included',
    change: listing(`bots/\${${tag}}/*`, 'ForAllValues:StringLike'),
    fails: another,
    opens: lists(agent),
  },
  {
    what: 'listing by anything but inbound/',
    change: listing('inbound/*', 'StringNotLike'),
    fails: another,
    opens: lists(agent, 'bots/'),
  },
  { what: 'listing inbound/ by its first letters', change: listing('in*'), fails: inbound, opens: lists(agent, 'inb') },
  {
    what: 'listing with few keys',
    change: lets('s3:ListBucket', bucketArn, { NumericLessThanEquals: { 's3:max-keys': '10' } }),
    fails: another,
    opens: lists(agent, undefined, { MaxKeys: 10 }),
  },
  { what: 'listing versions', change: lets('s3:ListBucketV*', bucketArn), fails: another, opens: listsVersions(agent) },
  {
    what: 'listing uploads',
    change: lets('s3:ListBucketMultipartUploads', bucketArn),
    fails: another,
    opens: may('s3:ListBucketMultipartUploads', bucketArn),
  },
];

const writing: Sabotage[] = [
  {
    what: 'planting mail in all wallets',
    change: lets('s3:PutObject', key('bots/*/inbound/*')),
    fails: harm,
    opens: writes(agent, `bots/${walletB}/inbound/forged`),
  },
  {
    what: 'planting login mail',
    change: lets('s3:P?tObject', key('inbound/*')),
    fails: harm,
    opens: writes(agent, 'inbound/forged'),
  },
  {
    what: 'deleting mail',
    change: lets('s3:DeleteObject', key('bots/0x2*')),
    fails: harm,
    opens: deletes(agent, `bots/${walletB}/inbound/no-such`),
  },
  {
    what: 'deleting versions',
    change: lets('s3:DeleteObjectVersion', key('*')),
    fails: harm,
    opens: may('s3:DeleteObjectVersion', key(mailB)),
  },
  {
    what: 'an encrypted upload',
    change: lets('s3:PutObject', key('inbound/*'), { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } }),
    fails: harm,
    opens: may('s3:PutObject', key('inbound/forged'), { 's3:x-amz-server-side-encryption': 'AES256' }),
  },
];

const nothing = documentOf([{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }]);

const changing: Sabotage[] = [
  {
    what: 'its own policies',
    change: ownPolicy({ Action: 'iam:*', Resource: roleArn(dataRole) }),
    fails: limits,
    opens: async (account) => {
      const { iam } = await account.withToken();
      await iam.send(new PutRolePolicyCommand({ RoleName: dataRole, PolicyName: 'mine', PolicyDocument: nothing }));
    },
  },
  {
    what: "the role's own wallet tag",
    change: ownPolicy({ Action: 'iam:TagRole', Resource: '*' }),
    fails: limits,
    opens: may('iam:TagRole', roleArn(dataRole)),
  },
  {
    what: 'the bucket policy',
    change: lets('s3:*Policy', bucketArn),
    fails: limits,
    opens: may('s3:DeleteBucketPolicy', bucketArn),
  },
  {
    what: "the ACLs of others' mail",
    change: lets('s3:PutObject*Acl', key('bots/*')),
    fails: limits,
    opens: may('s3:PutObjectVersionAcl', key(mailB)),
  },
  {
    what: 'access points',
    change: ownPolicy({ Action: 's3:CreateAccessPoint', Resource: '*' }),
    fails: limits,
    opens: may('s3:CreateAccessPoint', `arn:aws:s3:us-east-1:${id}:accesspoint/x`),
  },
  {
    what: "the function's code",
    change: ownPolicy({ Action: 'lambda:Update*', Resource: ofFunction }),
    fails: limits,
    opens: may('lambda:UpdateFunctionCode', ofFunction),
  },
];

sabotaged(t, [...reading, ...listings, ...writing, ...changing]);
