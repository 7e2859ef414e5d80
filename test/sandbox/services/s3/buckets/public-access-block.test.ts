import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { decide } from '../../../../../src/sandbox/access/authorize.js';
import { serviceCaller } from '../../../../../src/sandbox/access/callers.js';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const open = {
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:*',
  Resource: ['arn:aws:s3:::mail', 'arn:aws:s3:::mail/*'],
};
const none = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};
const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
const absent = '404 NoSuchPublicAccessBlockConfiguration: The public access block configuration was not found';

t.test('a new bucket blocks public access in every way, where that is asked for', async (t) => {
  const older = await start(t);
  await older.s3.send(new CreateBucketCommand({ Bucket }));
  t.equal(await refusal(older.s3.send(new GetPublicAccessBlockCommand({ Bucket }))), absent);

  const { s3 } = await start(t, { blockPublicAccess: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  const get = async () => (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
  const put = (PublicAccessBlockConfiguration: PublicAccessBlockConfiguration) =>
    s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  const remove = () => refusal(s3.send(new DeletePublicAccessBlockCommand({ Bucket })));

  t.strictSame(await get(), all);
  await put({ BlockPublicPolicy: true });
  t.strictSame(await get(), { ...none, BlockPublicPolicy: true }, 'what is not named is off');
  t.equal(await remove(), 'fine');
  t.equal(await refusal(get()), absent);
  t.equal(await remove(), 'fine', 'once more is fine');
  await put(all);
  t.strictSame(await get(), all);
});

t.test('public policies are refused while they are blocked', async (t) => {
  const { sandbox, s3 } = await start(t);
  const bucket = addBucket(sandbox, Bucket);
  const put = (Policy: string) => refusal(s3.send(new PutBucketPolicyCommand({ Bucket, Policy })));
  const own = { ...open, Principal: { AWS: sandbox.account } };

  bucket.publicAccessBlock = { ...all, BlockPublicPolicy: false };
  t.equal(await put(policy(open)), 'fine');
  bucket.publicAccessBlock = { ...none, BlockPublicPolicy: true };
  t.equal(
    await put(policy(open)),
    '403 AccessDenied: User: arn:aws:iam::111122223333:user/administrator is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::mail" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
  );
  t.equal(bucket.policy, policy(open), 'what is there already stays');
  t.equal(await put(policy(own)), 'fine');
});

t.test('whether a policy is public', async (t) => {
  const { sandbox, s3 } = await start(t);
  const bucket = addBucket(sandbox, Bucket);
  const status = async () => (await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus;
  t.equal(await refusal(status()), '404 NoSuchBucketPolicy: The bucket policy does not exist');
  bucket.policy = policy(open);
  t.strictSame(await status(), { IsPublic: true });
  bucket.policy = policy({ ...open, Principal: { Service: 'ses.amazonaws.com' } });
  t.strictSame(await status(), { IsPublic: false });
});

t.test(
  'RestrictPublicBuckets restricts a bucket with a public policy to its own account and AWS services',
  async (t) => {
    const { sandbox, s3 } = await start(t);
    const bucket = addBucket(sandbox, Bucket, { policy: policy(open) });
    const stranger = addBucket(sandbox, 'other', { owner: '444455556666' });
    const reader = addRole(sandbox, 'reader', policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' }));
    const own = clients(sandbox, sessionOf(sandbox, reader)).s3;
    for (const name of [Bucket, 'other']) {
      const there = name === Bucket ? bucket : stranger;
      there.objects.set('key', {
        body: Buffer.from('x'),
        etag: '"x"',
        modified: new Date(0),
        contentType: 'text/plain',
        metadata: {},
        tags: new Map(),
      });
    }
    stranger.policy = policy({ ...open, Resource: ['arn:aws:s3:::other', 'arn:aws:s3:::other/*'] });
    const anonymously = async (name = Bucket) => (await fetch(`${sandbox.endpoint}/${name}/key`)).status;
    const read = (client: typeof s3, name = Bucket) =>
      refusal(client.send(new GetObjectCommand({ Bucket: name, Key: 'key' })));

    t.strictSame(
      [await anonymously(), await read(own), await anonymously('other'), await read(own, 'other')],
      [200, 'fine', 200, 'fine'],
    );
    for (const there of [bucket, stranger]) there.publicAccessBlock = { ...none, RestrictPublicBuckets: true };
    t.equal(await anonymously(), 403);
    t.equal(await read(own), 'fine', 'its own account');
    const service = serviceCaller('ses.amazonaws.com');
    const write = { action: 's3:PutObject', resource: 'arn:aws:s3:::mail/inbound/1' };
    t.ok(decide(sandbox.state, service, write).allowed, "a service of AWS's");
    t.equal(await anonymously('other'), 403);
    t.equal(
      await read(own, 'other'),
      '403 AccessDenied: User: arn:aws:sts::111122223333:assumed-role/reader/session is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::other/key" with an explicit deny in a resource-based policy',
      'another account',
    );

    stranger.policy = policy({
      ...open,
      Principal: { AWS: sandbox.account },
      Resource: ['arn:aws:s3:::other', 'arn:aws:s3:::other/*'],
    });
    t.equal(await read(own, 'other'), 'fine', 'another account that the policy names: it is not public');
  },
);

t.test('permissions', async (t) => {
  const { sandbox } = await start(t);
  addBucket(sandbox, Bucket);
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'nobody', policy())));
  const cases: Array<[sent: Promise<string>, action: string]> = [
    [refusal(s3.send(new GetBucketPolicyStatusCommand({ Bucket }))), 's3:GetBucketPolicyStatus'],
    [refusal(s3.send(new GetPublicAccessBlockCommand({ Bucket }))), 's3:GetBucketPublicAccessBlock'],
    [
      refusal(s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: none }))),
      's3:PutBucketPublicAccessBlock',
    ],
    [refusal(s3.send(new DeletePublicAccessBlockCommand({ Bucket }))), 's3:PutBucketPublicAccessBlock'],
  ];
  for (const [sent, action] of cases) {
    t.match(await sent, `is not authorized to perform: ${action} on resource: "arn:aws:s3:::mail"`);
  }
});
