/** Grants that are removed: the role keeps its access to every other bucket, and on this one has what the design allows. */
import t from 'tap';
import { bucketArn } from '../matrix.js';
import { allow, both, type Case, checkCases, deny, document, others, readInbound, wide } from './check.js';

const cases: Case[] = [
  { name: 'AmazonS3FullAccess', shape: { attached: ['AmazonS3FullAccess'] }, removed: ['AmazonS3FullAccess'] },
  {
    name: 'AmazonS3ReadOnlyAccess',
    shape: { attached: ['AmazonS3ReadOnlyAccess'] },
    removed: ['AmazonS3ReadOnlyAccess'],
  },
  {
    name: 'both AWS-managed policies and an inline one',
    onAws: true,
    shape: {
      attached: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'],
      ...wide(allow('s3:Get*', '*', { Sid: 'Read' })),
    },
    removed: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess', 'wide'],
  },
  { name: 's3:* on *', shape: wide(allow('s3:*', '*')), removed: ['wide'] },
  { name: 's3:* on the bucket', onAws: true, shape: wide(allow('s3:*', both)), removed: ['wide'] },
  {
    name: 'everything on everything, with a redundant resource',
    shape: wide(allow('*', ['*', `${bucketArn}/private/*`])),
    removed: ['wide'],
  },
  { name: 'Get* and List* on *', shape: wide(allow(['s3:Get*', 's3:List*'], '*')), removed: ['wide'] },
  {
    name: 'GetObject* under a condition',
    shape: wide(allow('s3:GetObject*', '*', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'mail' } } })),
    removed: ['wide'],
  },
  {
    name: 'S3 and other services in one statement',
    shape: wide(allow(['s3:GetObject', 'sqs:SendMessage', 'iam:ListRolePolicies'], '*')),
    removed: ['wide'],
  },
  {
    name: 'several resources, some in the mail bucket',
    shape: wide(allow(['s3:GetObject', 's3:PutObject'], [`${bucketArn}/*`, `${others}/*`])),
    removed: ['wide'],
  },
  {
    name: 'mixed statements in several policies',
    onAws: true,
    shape: {
      inline: {
        mixed: document([allow('s3:*', both), allow('s3:ListBucket', others), allow('sqs:SendMessage', '*')]),
        second: document([allow('s3:List*', bucketArn, { Condition: { StringLike: { 's3:prefix': 'bots/*' } } })]),
        harmless: document([readInbound]),
      },
    },
    removed: ['mixed', 'second'],
  },
  {
    name: 'reading and writing in separate statements',
    onAws: true,
    shape: wide(
      allow('s3:GetObject', `${bucketArn}/*`),
      allow('s3:PutObject', `${bucketArn}/*`),
      allow('s3:DeleteObject', [`${bucketArn}/bots/*`, `${others}/*`]),
      readInbound,
    ),
    removed: ['wide'],
  },
  {
    name: 'writing only',
    onAws: true,
    shape: wide(allow('s3:PutObject', `${bucketArn}/private/*`)),
    removed: ['wide'],
  },
  { name: 'listing only', onAws: true, shape: wide(allow('s3:ListBucket', bucketArn)), removed: ['wide'] },
  { name: "changing the bucket's policy", shape: wide(allow('s3:PutBucketPolicy', bucketArn)), removed: ['wide'] },
  {
    name: 'this bucket and an access point',
    shape: wide(allow('s3:GetObject', [`${bucketArn}/*`, 'arn:aws:s3:us-east-1:111122223333:accesspoint/*', others])),
    removed: ['wide'],
  },
  {
    name: 'objects beyond inbound/ under wildcards of keys',
    shape: wide(allow('s3:GetObject', [`${bucketArn}/*/inbound/*`, `${others}/*`])),
    removed: ['wide'],
  },
  {
    name: 'a policy variable in the key',
    onAws: true,
    shape: wide(allow('s3:GetObject', `${bucketArn}/\${aws:username}/*`)),
    removed: ['wide'],
  },
  {
    name: 'Version 2008-10-17, without lists',
    shape: {
      inline: {
        wide: `{ "Version": "2008-10-17",\n  "Statement": {"Effect":"Allow","Action":"s3:Get*","Resource":"*"} }\n`,
      },
    },
    removed: ['wide'],
  },
  {
    name: 'no Version, escapes and white space',
    onAws: true,
    shape: { inline: { wide: '{"Statement":[{"Effect":"Allow", "Action":["s3:\\u0047et*"],\t"Resource":["*"]}]}' } },
    removed: ['wide'],
  },
  {
    name: 'a Deny of only a part',
    shape: wide(allow('s3:*', '*'), deny('s3:GetObject', `${bucketArn}/private/*`)),
    removed: ['wide'],
  },
  {
    name: 'a Deny under a condition, which may not apply',
    shape: wide(allow('s3:Get*', '*'), deny('s3:*', both, { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })),
    removed: ['wide'],
  },
  {
    name: 'a boundary that allows reading the bucket too',
    shape: { ...wide(allow('s3:*', '*')), boundary: document([allow('s3:*', '*'), allow('iam:List*', '*')]) },
    removed: ['wide'],
  },
];

checkCases(t, cases);
