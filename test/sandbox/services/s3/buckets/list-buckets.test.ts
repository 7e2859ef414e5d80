import { ListBucketsCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addUser, clients, refusal, start } from '../../../support.js';

t.test("the account's buckets are listed by name, in pages", async (t) => {
  const { sandbox, s3 } = await start(t);
  for (const name of ['mail-b', 'mail-a', 'vault']) addBucket(sandbox, name);
  addBucket(sandbox, 'elsewhere', { owner: '444455556666' });
  const all = await s3.send(new ListBucketsCommand({}));
  t.match(all.Owner?.ID, /^[0-9a-f]{64}$/);
  t.strictSame(
    all.Buckets,
    ['mail-a', 'mail-b', 'vault'].map((Name) => ({ Name, CreationDate: new Date(0) })),
  );
  const first = await s3.send(new ListBucketsCommand({ Prefix: 'mail-', MaxBuckets: 1 }));
  t.match(first, { Prefix: 'mail-', Buckets: [{ Name: 'mail-a', BucketRegion: 'us-east-1' }] });
  const { ContinuationToken } = first;
  const second = await s3.send(new ListBucketsCommand({ Prefix: 'mail-', MaxBuckets: 1, ContinuationToken }));
  t.match(second.Buckets, [{ Name: 'mail-b' }]);
  t.equal(second.ContinuationToken, undefined);
  t.equal((await s3.send(new ListBucketsCommand({ BucketRegion: 'eu-west-1' }))).Buckets?.length ?? 0, 0);
  t.match(await refusal(s3.send(new ListBucketsCommand({ ContinuationToken: 'never given' }))), '400 InvalidArgument');
});

t.test('it needs s3:ListAllMyBuckets', async (t) => {
  const { sandbox } = await start(t);
  const list = (Action: string) => {
    const credentials = addUser(sandbox, Action.replace(':', '-'), [{ Effect: 'Allow', Action, Resource: '*' }]);
    return refusal(clients(sandbox, credentials).s3.send(new ListBucketsCommand({})));
  };
  t.match(await list('s3:ListBucket'), '403 AccessDenied');
  t.equal(await list('s3:ListAllMyBuckets'), 'fine');
});
