import t from 'tap';
import type { Statement } from '../../../src/policy/document.js';
import { deniedBy } from '../../../src/stack/broker/already-denied.js';

const bucket = 'arn:aws:s3:::mail';
const allow = (Action: string, Resource: string): Statement => ({ Effect: 'Allow', Action, Resource });
const deny = (Action: string, Resource: string, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
});
const denyBut = (Action: string, NotResource: string | string[]): Statement => ({
  Effect: 'Deny',
  Action,
  NotResource,
});
const prefix = (operator: string, value: string, more: Record<string, Record<string, string>> = {}) => ({
  Condition: { [operator]: { 's3:prefix': value }, ...more },
});

const everyObject = allow('s3:GetObject', '*');
const lists = allow('s3:ListBucket', '*');

const cases: Array<[name: string, statement: Statement, held: boolean, denies: Statement[], boundary?: Statement[]]> = [
  ['nothing holds it back', everyObject, false, []],
  ['every object denied', everyObject, true, [deny('s3:Get*', `${bucket}/*`)]],
  ['everything denied', everyObject, true, [deny('*', '*')]],
  ['every bucket denied', everyObject, true, [deny('s3:*', 'arn:aws:s3:::*')]],
  ['another bucket denied', everyObject, false, [deny('s3:*', 'arn:aws:s3:::other*')]],
  ['another action denied', everyObject, false, [deny('s3:GetObjectVersion', '*')]],
  ['all but another action denied', everyObject, true, [{ Effect: 'Deny', NotAction: 's3:PutObject', Resource: '*' }]],
  ['some objects denied', everyObject, false, [deny('s3:Get*', `${bucket}/bots/*`)]],
  [
    'just the objects it is about denied',
    allow('s3:GetObject', `${bucket}/bots/x/*`),
    true,
    [deny('s3:Get*', `${bucket}/bots/*`)],
  ],
  ['the same pattern denied', allow('s3:GetObject', `${bucket}/*/x`), true, [deny('s3:Get*', `${bucket}/*/x`)]],
  [
    'less than it is about denied',
    allow('s3:GetObject', `${bucket}/bots*`),
    false,
    [deny('s3:Get*', `${bucket}/bots/*`)],
  ],
  [
    'a variable, which may be another one',
    allow('s3:GetObject', `${bucket}/\${aws:username}/*`),
    false,
    [deny('s3:Get*', `${bucket}/\${aws:username}/*`)],
  ],
  [
    'denied under a condition',
    everyObject,
    false,
    [deny('s3:Get*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
  ],
  ['all but inbound/ denied', everyObject, true, [denyBut('s3:Get*', [`${bucket}/inbound/*`, 'arn:aws:s3:::other/*'])]],
  ['all but what only begins like it', everyObject, false, [denyBut('s3:Get*', `${bucket}/inbound*`)]],
  [
    'all but inbound/ denied, for an action that is too much there too',
    allow('s3:GetObjectVersion', '*'),
    false,
    [denyBut('s3:*', `${bucket}/inbound/*`)],
  ],
  ['listing denied', lists, true, [deny('s3:List*', bucket)]],
  ['listing denied by a beginning', lists, true, [deny('s3:*', 'arn:aws:s3:::ma*')]],
  ['listing denied but of others', lists, true, [denyBut('s3:*', 'arn:aws:s3:::other*')]],
  ['listing denied but of this', lists, false, [denyBut('s3:*', 'arn:aws:s3:::m*')]],
  [
    'listing denied outside inbound/',
    lists,
    true,
    [deny('s3:ListBucket', bucket, prefix('StringNotLike', 'inbound/*'))],
  ],
  [
    'listing denied but for one prefix of it',
    lists,
    true,
    [deny('s3:ListBucket', bucket, prefix('StringNotEquals', 'inbound/'))],
  ],
  ['listing denied inside inbound/', lists, false, [deny('s3:ListBucket', bucket, prefix('StringLike', 'inbound/*'))]],
  [
    'listing denied outside of more',
    lists,
    false,
    [deny('s3:ListBucket', bucket, prefix('StringNotLike', 'inbound*'))],
  ],
  [
    'listing denied outside inbound/, where there is a prefix',
    lists,
    false,
    [deny('s3:ListBucket', bucket, prefix('StringNotLikeIfExists', 'inbound/*'))],
  ],
  [
    'listing denied outside inbound/, and under another condition',
    lists,
    false,
    [deny('s3:ListBucket', bucket, prefix('StringNotLike', 'inbound/*', { Bool: { 'aws:SecureTransport': 'false' } }))],
  ],
  [
    'listing of versions, which knows no inbound/',
    allow('s3:ListBucketVersions', '*'),
    false,
    [deny('s3:*', bucket, prefix('StringNotLike', 'inbound/*'))],
  ],
  [
    'in part by one and in part by another',
    allow('s3:*', '*'),
    true,
    [deny('s3:Get*', `${bucket}/*`), deny('s3:List*', bucket)],
  ],
  ['in part', allow('s3:*', '*'), false, [deny('s3:Get*', `${bucket}/*`)]],
  ['a boundary for other buckets', allow('s3:*', '*'), true, [], [allow('s3:*', 'arn:aws:s3:::other*')]],
  ['a boundary for inbound/', allow('s3:GetObject', '*'), true, [], [allow('s3:GetObject', `${bucket}/inbound/*`)]],
  ['a boundary for more', allow('s3:GetObject', '*'), false, [], [allow('s3:GetObject', `${bucket}/*`)]],
  ['a boundary for another way of reading', allow('s3:GetObject', '*'), true, [], [allow('s3:GetObjectTagging', '*')]],
  ['a boundary with nothing in it but a Deny', allow('s3:GetObject', '*'), true, [], [deny('sqs:*', '*')]],
];

for (const [name, statement, held, denies, boundary] of cases) {
  t.test(name, async (t) => {
    const by = deniedBy(
      statement,
      {
        denies: denies.map((one) => ({ policy: 'never', statement: one })),
        ...(boundary === undefined ? {} : { boundary: { name: 'boundary', statements: boundary } }),
      },
      bucket,
    );
    t.strictSame(by, held ? [boundary === undefined ? 'never' : 'boundary'] : undefined);
  });
}
