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

const cases: Array<[name: string, statement: Statement, denied: boolean, denies: Statement[], boundary?: Statement[]]> =
  [
    ['no Deny', everyObject, false, []],
    ['every object denied', everyObject, true, [deny('s3:Get*', `${bucket}/*`)]],
    ['everything denied', everyObject, true, [deny('*', '*')]],
    ['every bucket denied', everyObject, true, [deny('s3:*', 'arn:aws:s3:::*')]],
    ['another bucket denied', everyObject, false, [deny('s3:*', 'arn:aws:s3:::other*')]],
    ['another action denied', everyObject, false, [deny('s3:GetObjectVersion', '*')]],
    [
      'all but another action denied',
      everyObject,
      true,
      [{ Effect: 'Deny', NotAction: 's3:PutObject', Resource: '*' }],
    ],
    ['some objects denied', everyObject, false, [deny('s3:Get*', `${bucket}/bots/*`)]],
    [
      'exactly its objects denied',
      allow('s3:GetObject', `${bucket}/bots/x/*`),
      true,
      [deny('s3:Get*', `${bucket}/bots/*`)],
    ],
    ['the same pattern denied', allow('s3:GetObject', `${bucket}/*/x`), true, [deny('s3:Get*', `${bucket}/*/x`)]],
    [
      'fewer than its objects denied',
      allow('s3:GetObject', `${bucket}/bots*`),
      false,
      [deny('s3:Get*', `${bucket}/bots/*`)],
    ],
    [
      'a policy variable, which may have another value',
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
    [
      'all but inbound/ denied',
      everyObject,
      true,
      [denyBut('s3:Get*', [`${bucket}/inbound/*`, 'arn:aws:s3:::other/*'])],
    ],
    ['all but keys that start with inbound denied', everyObject, false, [denyBut('s3:Get*', `${bucket}/inbound*`)]],
    [
      'all but inbound/ denied, for an action not allowed there either',
      allow('s3:GetObjectVersion', '*'),
      false,
      [denyBut('s3:*', `${bucket}/inbound/*`)],
    ],
    ['listing denied', lists, true, [deny('s3:List*', bucket)]],
    ['listing denied by a prefix of the name', lists, true, [deny('s3:*', 'arn:aws:s3:::ma*')]],
    ['listing denied except of other buckets', lists, true, [denyBut('s3:*', 'arn:aws:s3:::other*')]],
    ['listing denied except of this bucket', lists, false, [denyBut('s3:*', 'arn:aws:s3:::m*')]],
    [
      'listing denied outside inbound/',
      lists,
      true,
      [deny('s3:ListBucket', bucket, prefix('StringNotLike', 'inbound/*'))],
    ],
    [
      'listing denied except for the prefix inbound/',
      lists,
      true,
      [deny('s3:ListBucket', bucket, prefix('StringNotEquals', 'inbound/'))],
    ],
    [
      'listing denied inside inbound/',
      lists,
      false,
      [deny('s3:ListBucket', bucket, prefix('StringLike', 'inbound/*'))],
    ],
    [
      'listing denied outside a wider prefix',
      lists,
      false,
      [deny('s3:ListBucket', bucket, prefix('StringNotLike', 'inbound*'))],
    ],
    [
      'listing denied outside inbound/, if there is a prefix',
      lists,
      false,
      [deny('s3:ListBucket', bucket, prefix('StringNotLikeIfExists', 'inbound/*'))],
    ],
    [
      'listing denied outside inbound/, and under another condition',
      lists,
      false,
      [
        deny(
          's3:ListBucket',
          bucket,
          prefix('StringNotLike', 'inbound/*', { Bool: { 'aws:SecureTransport': 'false' } }),
        ),
      ],
    ],
    [
      'listing of versions, which the design does not allow for inbound/ either',
      allow('s3:ListBucketVersions', '*'),
      false,
      [deny('s3:*', bucket, prefix('StringNotLike', 'inbound/*'))],
    ],
    [
      'partly by one policy and partly by another',
      allow('s3:*', '*'),
      true,
      [deny('s3:*', `${bucket}/*`), deny('s3:*', bucket)],
    ],
    ['partly', allow('s3:*', '*'), false, [deny('s3:Get*', `${bucket}/*`)]],
    ['all of S3, by an incomplete ARN', allow('s3:*', '*'), true, [deny('s3:*', 'arn:aws:s3')]],
    ['nothing, by an empty resource', allow('s3:*', '*'), false, [deny('s3:*', 'arn:aws:s3:::')]],
    [
      'a boundary for all of S3, by an incomplete ARN',
      allow('s3:GetObject', '*'),
      false,
      [],
      [allow('s3:GetObject', 'arn:aws:s3')],
    ],
    [
      'one character by a question mark, where the grant has a star',
      allow('s3:GetObject', `${bucket}/a/*`),
      false,
      [deny('s3:GetObject', `${bucket}/a/?`)],
    ],
    ['a boundary for other buckets', allow('s3:*', '*'), true, [], [allow('s3:*', 'arn:aws:s3:::other*')]],
    ['a boundary for inbound/', allow('s3:GetObject', '*'), true, [], [allow('s3:GetObject', `${bucket}/inbound/*`)]],
    ['a boundary for more', allow('s3:GetObject', '*'), false, [], [allow('s3:GetObject', `${bucket}/*`)]],
    [
      'a boundary that allows another read action',
      allow('s3:GetObject', '*'),
      true,
      [],
      [allow('s3:GetObjectTagging', '*')],
    ],
    ['a boundary with only a Deny', allow('s3:GetObject', '*'), true, [], [deny('sqs:*', '*')]],
  ];

for (const [name, statement, denied, denies, boundary] of cases) {
  t.test(name, async (t) => {
    const by = deniedBy(
      statement,
      {
        denies: denies.map((one) => ({ policy: 'never', statement: one })),
        ...(boundary === undefined ? {} : { boundary: { name: 'boundary', statements: boundary } }),
      },
      bucket,
    );
    t.strictSame(by, denied ? [boundary === undefined ? 'never' : 'boundary'] : undefined);
  });
}
