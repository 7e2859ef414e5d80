import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';

t.test('a bucket is made where the account’s endpoint is', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, 'taken', { owner: '444455556666' });
  const make = (name: string, region?: 'eu-west-1') => {
    const CreateBucketConfiguration = region && { LocationConstraint: region };
    return refusal(s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration })));
  };
  t.equal(await make('mail'), 'fine');
  t.equal(await make('mail'), 'fine', 'in us-east-1 once more is fine');
  t.equal(
    await make('other', 'eu-west-1'),
    '400 IllegalLocationConstraintException: The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.',
  );
  t.equal(await make('taken'), '409 BucketAlreadyExists: The requested bucket name is not available.');
  t.equal((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint, undefined);
  t.equal((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion, 'us-east-1');
});

t.test('in another region', async (t) => {
  const { sandbox, s3 } = await start(t, { region: 'eu-west-1' });
  // The SDK adds the client's region where there is none.
  const make = () => refusal(s3.send(new CreateBucketCommand({ Bucket })));
  t.equal(await make(), 'fine');
  t.equal(
    await make(),
    '409 BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.',
  );
  t.equal((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint, 'eu-west-1');
  const authorization = `AWS4-HMAC-SHA256 Credential=${sandbox.administrator.accessKeyId}/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host`;
  const answer = await fetch(`${sandbox.endpoint}/plain`, { method: 'PUT', headers: { authorization } });
  t.equal(answer.status, 400);
  t.match(await answer.text(), 'The unspecified location constraint is incompatible for the region specific endpoint');
});

t.test('a bucket that is elsewhere, another’s, or not there', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, 'far', { region: 'eu-west-1' });
  addBucket(sandbox, 'mine');
  const open = policy({
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:*',
    Resource: ['arn:aws:s3:::open', 'arn:aws:s3:::open/*'],
  });
  addBucket(sandbox, 'open', { owner: '444455556666', policy: open });
  addBucket(sandbox, 'closed', { owner: '444455556666' });

  await t.test('HeadBucket of another region tells which', async (t) => {
    const error = await s3.send(new HeadBucketCommand({ Bucket: 'far' })).catch((reason: unknown) => reason);
    t.match(error, {
      $metadata: { httpStatusCode: 301 },
      $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    });
    const there = clients(sandbox, sandbox.administrator, 'eu-west-1');
    t.equal(await refusal(there.s3.send(new HeadBucketCommand({ Bucket: 'far' }))), 'fine');
  });

  const cases: Array<[what: string, command: GetBucketLocationCommand, expected: string]> = [
    [
      'another region',
      new GetBucketLocationCommand({ Bucket: 'far' }),
      '301 PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    ],
    [
      'not there',
      new GetBucketLocationCommand({ Bucket: 'nowhere' }),
      '404 NoSuchBucket: The specified bucket does not exist',
    ],
    [
      'the expected owner',
      new GetBucketLocationCommand({ Bucket: 'mine', ExpectedBucketOwner: '111122223333' }),
      'fine',
    ],
    [
      'not the expected owner',
      new GetBucketLocationCommand({ Bucket: 'open', ExpectedBucketOwner: '111122223333' }),
      '403 AccessDenied: Access Denied',
    ],
    ['another’s, open to all', new GetBucketLocationCommand({ Bucket: 'open' }), 'fine'],
    [
      'another’s',
      new GetBucketLocationCommand({ Bucket: 'closed' }),
      '403 AccessDenied: User: arn:aws:iam::111122223333:user/administrator is not authorized to perform: s3:GetBucketLocation on resource: "arn:aws:s3:::closed" because no identity-based policy allows the s3:GetBucketLocation action',
    ],
  ];
  for (const [what, command, expected] of cases) {
    await t.test(what, async (t) => t.equal(await refusal(s3.send(command)), expected));
  }
  await t.test('HeadBucket has no body to say why', async (t) => {
    t.match(await refusal(s3.send(new HeadBucketCommand({ Bucket: 'nowhere' }))), /^404 NotFound/);
    t.match(await refusal(s3.send(new HeadBucketCommand({ Bucket: 'closed' }))), /^403 /);
  });
});

t.test('each operation has its own permission', async (t) => {
  const { sandbox } = await start(t);
  addBucket(sandbox, Bucket);
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'nobody', policy())));
  const ServerSideEncryptionConfiguration = { Rules: [] };
  const cases: Array<[sent: Promise<string>, action: string]> = [
    [refusal(s3.send(new CreateBucketCommand({ Bucket: 'new' }))), 's3:CreateBucket'],
    [refusal(s3.send(new GetBucketLocationCommand({ Bucket }))), 's3:GetBucketLocation'],
    [refusal(s3.send(new GetBucketPolicyCommand({ Bucket }))), 's3:GetBucketPolicy'],
    [refusal(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{}' }))), 's3:PutBucketPolicy'],
    [refusal(s3.send(new DeleteBucketPolicyCommand({ Bucket }))), 's3:DeleteBucketPolicy'],
    [refusal(s3.send(new GetBucketEncryptionCommand({ Bucket }))), 's3:GetEncryptionConfiguration'],
    [
      refusal(s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }))),
      's3:PutEncryptionConfiguration',
    ],
    [refusal(s3.send(new GetBucketVersioningCommand({ Bucket }))), 's3:GetBucketVersioning'],
    [
      refusal(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))),
      's3:PutBucketVersioning',
    ],
  ];
  for (const [sent, action] of cases) {
    t.match(await sent, new RegExp(`^403 AccessDenied: .* is not authorized to perform: ${action} on resource: `));
  }
});
