import t from 'tap';
import type { Statement } from '../../../src/policy/document.js';
import { evaluate } from '../../../src/policy/evaluate.js';
import { grantsBeyondInbound } from '../../../src/stack/broker/s3-grants.js';
import { withoutBucket } from '../../../src/stack/broker/without-bucket.js';

const bucket = 'arn:aws:s3:::mail';
const allow = (Action: string | string[], Resource: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const prefix = (operator: string, value: string | string[], key = 's3:prefix') => ({
  Condition: { [operator]: { [key]: value } },
});

const detours = [
  'arn:aws:s3:*:*:accesspoint/*',
  'arn:aws:s3:*:*:job/*',
  'arn:aws:s3:*:*:access-grants/*',
  'arn:aws:s3-object-lambda:*:*:accesspoint/*',
];
const butHere = [bucket, `${bucket}/*`, ...detours];
/** All of S3's actions but those that create jobs, access points and Access Grants. */
const kept = [
  's3:A*',
  's3:B*',
  's3:CreateB*',
  's3:CreateS*',
  's3:D*',
  's3:G*',
  's3:I*',
  's3:L*',
  's3:O*',
  's3:P*',
  's3:R*',
  's3:S*',
  's3:T*',
  's3:U*',
];

const cases: Array<{ name: string; statement: Statement; more: boolean; without?: Statement[] }> = [
  { name: 'allowed by the design: read', statement: allow('s3:GetObject', `${bucket}/inbound/*`), more: false },
  {
    name: 'allowed by the design: list',
    statement: allow('s3:ListBucket', bucket, prefix('StringLike', 'inbound/*')),
    more: false,
  },
  {
    name: 'list, with the condition key in another case',
    statement: allow('s3:listbucket', bucket, prefix('StringEquals', 'inbound/', 'S3:Prefix')),
    more: false,
  },
  { name: 'a deny', statement: { Effect: 'Deny', Action: '*', Resource: '*' }, more: false },
  { name: 'writing only', statement: allow('s3:PutObject', `${bucket}/*`), more: true, without: [] },
  { name: 'writing to inbound/', statement: allow('s3:PutObject', `${bucket}/inbound/*`), more: true, without: [] },
  { name: 'deleting only', statement: allow('s3:DeleteObject*', `${bucket}/*`), more: true, without: [] },
  { name: "changing the bucket's policy", statement: allow('s3:PutBucketPolicy', bucket), more: true, without: [] },
  { name: 'listing uploads', statement: allow('s3:ListBucketMultipartUploads', bucket), more: true, without: [] },
  { name: 'writing, on the bucket itself', statement: allow('s3:PutObject', bucket), more: false },
  { name: 'listing, on objects', statement: allow('s3:ListBucket', `${bucket}/*`), more: false },
  { name: 'listing the buckets', statement: allow('s3:ListAllMyBuckets', '*'), more: false },
  {
    name: 'access points alone',
    statement: allow(['s3:*AccessPoint*', 's3:CreateJob', 's3:GetDataAccess'], '*'),
    more: false,
  },
  { name: 'an action that is not known', statement: allow('s3:FoldObject', `${bucket}/*`), more: true, without: [] },
  {
    name: 'actions of S3, some of which create jobs',
    statement: allow(['s3:Create*', 's3:PutObject'], '*'),
    more: true,
    without: [{ Effect: 'Allow', Action: ['s3:CreateB*', 's3:CreateS*', 's3:PutObject'], NotResource: butHere }],
  },
  {
    name: 'batch jobs, and writing',
    statement: allow(['s3:CreateJob', 's3:CreateJ*', 's3:PutObject'], '*'),
    more: true,
    without: [{ Effect: 'Allow', Action: ['s3:PutObject'], NotResource: butHere }],
  },
  { name: 'actions that no list can express without jobs', statement: allow('s3:*t*', '*'), more: true },
  { name: 'actions of all services that start alike', statement: allow('s*', '*'), more: true },
  {
    name: 'this bucket, another, and an access point',
    statement: allow('s3:GetObject', [
      `${bucket}/*`,
      'arn:aws:s3:us-east-1:111122223333:accesspoint/mail/object/*',
      'arn:aws:s3:::other/*',
    ]),
    more: true,
    without: [allow('s3:GetObject', ['arn:aws:s3:::other/*'])],
  },
  { name: 'another bucket', statement: allow('s3:*', ['arn:aws:s3:::mail-2', 'arn:aws:s3:::mail-2/*']), more: false },
  { name: 'another service', statement: allow('sqs:*', '*'), more: false },
  {
    name: 'everything',
    statement: allow('*', '*'),
    more: true,
    without: [
      { Effect: 'Allow', NotAction: ['s3:*', 's3-object-lambda:*'], Resource: '*' },
      { Effect: 'Allow', Action: kept, NotResource: butHere },
    ],
  },
  {
    name: 'everything, and part of this bucket',
    statement: allow('s3:Get*', ['*', `${bucket}/a/*`], { Sid: 'All' }),
    more: true,
    without: [{ Sid: 'All', Effect: 'Allow', Action: 's3:Get*', NotResource: butHere }],
  },
  {
    name: 'everything, by a name',
    statement: allow('*', '*', { Sid: 'All' }),
    more: true,
    without: [
      { Sid: 'All', Effect: 'Allow', NotAction: ['s3:*', 's3-object-lambda:*'], Resource: '*' },
      { Effect: 'Allow', Action: kept, NotResource: butHere },
    ],
  },
  {
    name: 'AmazonS3FullAccess',
    statement: allow(['s3:*', 's3-object-lambda:*'], '*'),
    more: true,
    without: [{ Effect: 'Allow', Action: kept, NotResource: butHere }],
  },
  { name: 'this bucket', statement: allow('s3:*', [bucket, `${bucket}/*`]), more: true, without: [] },
  {
    name: 'this and another',
    statement: allow('s3:GetObject', [`${bucket}/*`, 'arn:aws:s3:::other/*']),
    more: true,
    without: [allow('s3:GetObject', ['arn:aws:s3:::other/*'])],
  },
  {
    name: 'versions of inbound',
    statement: allow('s3:GetObjectVersion', `${bucket}/inbound/*`),
    more: true,
    without: [],
  },
  { name: 'list without a prefix', statement: allow('s3:ListBucket', bucket), more: true, without: [] },
  {
    name: 'list with another prefix too',
    statement: allow('s3:ListBucket', bucket, prefix('StringLike', ['inbound/*', 'bots/*'])),
    more: true,
    without: [],
  },
  {
    name: 'list under a condition on something else',
    statement: allow('s3:ListBucket', bucket, prefix('StringLike', '10', 's3:max-keys')),
    more: true,
    without: [],
  },
  { name: 'list of versions', statement: allow('s3:ListBucketVersions', bucket), more: true, without: [] },
  {
    name: 'a wildcard within the key',
    statement: allow('s3:GetObject', `${bucket}/*/inbound/*`),
    more: true,
    without: [],
  },
  { name: 'a wildcard over several buckets', statement: allow('s3:GetObject', 'arn:aws:s3:::ma*'), more: true },
  { name: 'all of S3, whose complement no policy can express', statement: allow('*', 'arn:aws:s3:::*'), more: true },
  { name: 'an incomplete ARN: all of S3', statement: allow('s3:GetObject', 'arn:aws:s3'), more: true },
  { name: 'an incomplete ARN without its resource', statement: allow('s3:ListBucket', 'arn:aws:s3::'), more: true },
  { name: 'a complete ARN with an empty resource', statement: allow('s3:GetObject', 'arn:aws:s3:::'), more: false },
  { name: 'an incomplete ARN of another service', statement: allow('s3:*', 'arn:aws:sqs'), more: false },
  {
    name: 'NotResource with an incomplete ARN',
    statement: { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3' },
    more: false,
  },
  { name: 'question marks', statement: allow('s3:GetObject', 'arn:aws:s3:::m??l/*'), more: true },
  { name: 'a star that matches the empty text', statement: allow('s3:ListBucket', 'arn:aws:s3:::*mail'), more: true },
  { name: 'objects of every bucket', statement: allow('s3:GetObject', 'arn:aws:s3:::*/*'), more: true },
  {
    name: 'a wildcard that matches no key of the bucket',
    statement: allow('s3:GetObject', 'arn:aws:s3:::mailing-*'),
    more: false,
  },
  { name: 'a policy variable', statement: allow('s3:GetObject', 'arn:aws:s3:::${aws:username}/x'), more: true },
  {
    name: 'NotAction',
    statement: { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
    more: true,
    without: [{ Effect: 'Allow', NotAction: ['iam:*', 's3:CreateJob'], NotResource: butHere }],
  },
  { name: 'NotAction without S3', statement: { Effect: 'Allow', NotAction: 's3:*', Resource: '*' }, more: false },
  {
    name: 'NotResource',
    statement: { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::x' },
    more: true,
    without: [{ Effect: 'Allow', Action: kept, NotResource: ['arn:aws:s3:::x', ...butHere] }],
  },
  {
    name: 'NotResource without this bucket',
    statement: { Effect: 'Allow', Action: 's3:*', NotResource: [bucket, `${bucket}/*`] },
    more: false,
  },
  {
    name: 'NotResource without its objects, listing left',
    statement: { Effect: 'Allow', Action: 's3:*', NotResource: `${bucket}/*` },
    more: true,
    without: [{ Effect: 'Allow', Action: kept, NotResource: [`${bucket}/*`, bucket, ...detours] }],
  },
];

const actions = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:PutObject',
  's3:ListBucket',
  's3:ListAllMyBuckets',
  'sqs:SendMessage',
];
const elsewhere = [
  'arn:aws:s3:::other',
  'arn:aws:s3:::other/inbound/x',
  'arn:aws:s3:::mail-2/x',
  'arn:aws:sqs:us-east-1:1:q',
  '*',
];
const here = [bucket, `${bucket}/inbound/x`, `${bucket}/bots/0x1/inbound/x`, `${bucket}/a/b`];

function allowed(Statement: Statement[], action: string, resource: string): boolean {
  const principal = { arn: 'arn:aws:iam::111122223333:role/r', account: '111122223333' };
  const request = { principal, action, resource, resourceAccount: '111122223333', context: { 's3:prefix': 'bots/' } };
  return evaluate(request, { identity: [{ name: 'p', document: { Version: '2012-10-17', Statement } }] }).allowed;
}

for (const { name, statement, more, without } of cases) {
  t.test(name, async (t) => {
    t.equal(grantsBeyondInbound(statement, bucket).length > 0, more);
    const rest = withoutBucket(statement, bucket);
    if (!more) return;
    t.strictSame(rest, without);
    if (rest === undefined) return;
    for (const action of actions) {
      for (const resource of elsewhere)
        t.equal(allowed(rest, action, resource), allowed([statement], action, resource), `${action} on ${resource}`);
      for (const resource of action.startsWith('s3:') ? here : [])
        t.equal(allowed(rest, action, resource), false, `${action} on ${resource}`);
    }
  });
}
