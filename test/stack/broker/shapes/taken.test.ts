/** Grants that are taken: on every other bucket the role can do what it could, on this one what the design says. */
import t from 'tap';
import { bucketArn } from '../matrix.js';
import { allow, both, type Case, check, deny, document, others, readInbound, wide } from './check.js';

const cases: Case[] = [
  { name: 'AmazonS3FullAccess', shape: { attached: ['AmazonS3FullAccess'] }, taken: ['AmazonS3FullAccess'] },
  {
    name: 'AmazonS3ReadOnlyAccess',
    shape: { attached: ['AmazonS3ReadOnlyAccess'] },
    taken: ['AmazonS3ReadOnlyAccess'],
  },
  {
    name: 'both of AWS and an inline one',
    shape: {
      attached: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'],
      ...wide(allow('s3:Get*', '*', { Sid: 'Read' })),
    },
    taken: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess', 'wide'],
  },
  { name: 's3:* on *', shape: wide(allow('s3:*', '*')), taken: ['wide'] },
  { name: 's3:* on the bucket', shape: wide(allow('s3:*', both)), taken: ['wide'] },
  {
    name: 'everything on everything, and something twice',
    shape: wide(allow('*', ['*', `${bucketArn}/private/*`])),
    taken: ['wide'],
  },
  { name: 'Get* and List* on *', shape: wide(allow(['s3:Get*', 's3:List*'], '*')), taken: ['wide'] },
  {
    name: 'GetObject* under a condition',
    shape: wide(allow('s3:GetObject*', '*', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'mail' } } })),
    taken: ['wide'],
  },
  {
    name: 'S3 and other services in one statement',
    shape: wide(allow(['s3:GetObject', 'sqs:SendMessage', 'iam:ListRolePolicies'], '*')),
    taken: ['wide'],
  },
  {
    name: 'several resources, some of them ours',
    shape: wide(allow(['s3:GetObject', 's3:PutObject'], [`${bucketArn}/*`, `${others}/*`])),
    taken: ['wide'],
  },
  {
    name: 'mixed statements in several policies',
    shape: {
      inline: {
        mixed: document([allow('s3:*', both), allow('s3:ListBucket', others), allow('sqs:SendMessage', '*')]),
        second: document([allow('s3:List*', bucketArn, { Condition: { StringLike: { 's3:prefix': 'bots/*' } } })]),
        harmless: document([readInbound]),
      },
    },
    taken: ['mixed', 'second'],
  },
  {
    name: 'objects beyond inbound/ under wildcards of keys',
    shape: wide(allow('s3:GetObject', [`${bucketArn}/*/inbound/*`, `${others}/*`])),
    taken: ['wide'],
  },
  {
    name: 'a policy variable in the key',
    shape: wide(allow('s3:GetObject', `${bucketArn}/\${aws:username}/*`)),
    taken: ['wide'],
  },
  {
    name: 'the version of 2008, and no list anywhere',
    shape: {
      inline: {
        wide: `{ "Version": "2008-10-17",\n  "Statement": {"Effect":"Allow","Action":"s3:Get*","Resource":"*"} }\n`,
      },
    },
    taken: ['wide'],
  },
  {
    name: 'no version, escapes and white space',
    shape: { inline: { wide: '{"Statement":[{"Effect":"Allow", "Action":["s3:\\u0047et*"],\t"Resource":["*"]}]}' } },
    taken: ['wide'],
  },
  {
    name: 'a Deny that cuts off a part only',
    shape: wide(allow('s3:*', '*'), deny('s3:GetObject', `${bucketArn}/private/*`)),
    taken: ['wide'],
  },
  {
    name: 'a Deny under a condition, which may not apply',
    shape: wide(allow('s3:Get*', '*'), deny('s3:*', both, { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })),
    taken: ['wide'],
  },
  {
    name: 'a boundary that lets as much of the bucket be read',
    shape: { ...wide(allow('s3:*', '*')), boundary: document([allow('s3:*', '*'), allow('iam:List*', '*')]) },
    taken: ['wide'],
  },
];

for (const each of cases) t.test(each.name, (t) => check(t, each));
