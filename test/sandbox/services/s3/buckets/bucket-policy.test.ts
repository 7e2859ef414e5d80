import { DeleteBucketPolicyCommand, GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, policy, refusal, start } from '../../../support.js';

const bucket = 'arn:aws:s3:::mail';
const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${bucket}/*` };
const prefix = { StringLike: { 's3:prefix': 'inbound/*' } };
const combination = '400 MalformedPolicy: Conditions do not apply to combination of actions and resources in statement';
const cases: Array<[what: string, policy: string, expected: string]> = [
  [
    'no JSON',
    '{',
    "400 MalformedPolicy: Policies must be valid JSON and the first byte must be '{'. (MalformedPolicyError: the policy is not JSON)",
  ],
  [
    'no Effect',
    policy({ ...statement, Effect: undefined }),
    `400 MalformedPolicy: Policies must be valid JSON and the first byte must be '{'. (MalformedPolicyError: statement 1: Effect must be "Allow" or "Deny")`,
  ],
  [
    'no Principal',
    policy({ ...statement, Principal: undefined }),
    '400 MalformedPolicy: Missing required field Principal',
  ],
  [
    'NotPrincipal',
    policy({ ...statement, Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: '111122223333' } }),
    'fine',
  ],
  [
    'no Resource',
    policy({ ...statement, Resource: undefined }),
    '400 MalformedPolicy: Missing required field Resource',
  ],
  [
    'another bucket',
    policy({ ...statement, Resource: 'arn:aws:s3:::mailbox/*' }),
    '400 MalformedPolicy: Policy has invalid resource',
  ],
  [
    'another service',
    policy({ ...statement, Action: 'sqs:SendMessage' }),
    '400 MalformedPolicy: Policy has invalid action',
  ],
  ['every action', policy({ ...statement, Action: '*' }), 'fine'],
  [
    'a prefix for listing',
    policy({ ...statement, Action: 's3:ListBucket', Resource: bucket, Condition: prefix }),
    'fine',
  ],
  [
    'a prefix for what may be listing',
    policy({ ...statement, Action: 's3:*', Resource: [bucket, `${bucket}/*`], Condition: prefix }),
    'fine',
  ],
  ['a prefix for getting', policy({ ...statement, Condition: prefix }), combination],
  [
    'a prefix for listing and getting',
    policy(statement, {
      ...statement,
      Action: ['s3:ListBucket', 's3:GetObject'],
      Resource: [bucket, `${bucket}/*`],
      Condition: prefix,
    }),
    combination,
  ],
  [
    'another condition for getting',
    policy({ ...statement, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
    'fine',
  ],
];

t.test('PutBucketPolicy', async (t) => {
  const { sandbox, s3 } = await start(t);
  const { name: Bucket } = addBucket(sandbox, 'mail');
  for (const [what, Policy, expected] of cases) {
    await t.test(what, async (t) =>
      t.equal(await refusal(s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))), expected),
    );
  }
});

const Bucket = 'mail';

t.test('a bucket policy', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const Policy = policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::mail/*' });
  const get = () => s3.send(new GetBucketPolicyCommand({ Bucket }));
  t.equal(await refusal(get()), '404 NoSuchBucketPolicy: The bucket policy does not exist');
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  t.equal((await get()).Policy, Policy);
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  t.equal(await refusal(get()), '404 NoSuchBucketPolicy: The bucket policy does not exist');
});
