import { GetObjectTaggingCommand, PutObjectCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const Key = 'inbound/1';
const tagSet = (count: number) => Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: '<v>' }));

t.test('an object’s tags', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', Tagging: 'a=1' }));
  const get = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
  const put = (TagSet: { Key: string; Value: string }[], name = Key) =>
    refusal(s3.send(new PutObjectTaggingCommand({ Bucket, Key: name, Tagging: { TagSet } })));
  t.strictSame(await get(), [{ Key: 'a', Value: '1' }]);
  for (const count of [1, 10, 0]) {
    t.equal(await put(tagSet(count)), 'fine');
    t.strictSame(await get(), tagSet(count));
  }
  t.equal(await put(tagSet(11)), '400 BadRequest: Object tags cannot be greater than 10');
  t.equal(await put([], 'none'), '404 NoSuchKey: The specified key does not exist.');
});

t.test('each operation has its own permission', async (t) => {
  const { sandbox } = await start(t);
  addBucket(sandbox, Bucket);
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'nobody', policy())));
  t.match(await refusal(s3.send(new GetObjectTaggingCommand({ Bucket, Key }))), 's3:GetObjectTagging on resource');
  const Tagging = { TagSet: [] };
  t.match(
    await refusal(s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging }))),
    's3:PutObjectTagging on resource',
  );
});
