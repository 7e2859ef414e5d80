import { DeleteObjectCommand, DeleteObjectsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

t.test('several keys are deleted, each allowed or denied by itself', async (t) => {
  const { sandbox, s3: admin } = await start(t);
  const { objects } = addBucket(sandbox, Bucket);
  const keys = ['inbound/1', 'inbound/2', 'bots/3'];
  for (const each of keys) await admin.send(new PutObjectCommand({ Bucket, Key: each, Body: 'x' }));
  const own = policy(allow('s3:DeleteObject', 'arn:aws:s3:::mail/inbound/*'));
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'cleaner', own)));
  const remove = (names: string[], Quiet?: boolean) =>
    s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: names.map((name) => ({ Key: name })), Quiet } }));
  t.match(await remove(['inbound/1', 'bots/3', 'inbound/none']), {
    Deleted: [{ Key: 'inbound/1' }, { Key: 'inbound/none' }],
    Errors: [{ Key: 'bots/3', Code: 'AccessDenied', Message: 'Access Denied' }],
  });
  const quiet = await remove(['inbound/2'], true);
  t.notOk(quiet.Deleted);
  t.strictSame([...objects.keys()], ['bots/3']);
});

t.test('an object is deleted if it is the one named by its ETag', async (t) => {
  const { sandbox, s3: admin } = await start(t);
  const { objects } = addBucket(sandbox, Bucket);
  const Key = 'inbound/1';
  const { ETag } = await admin.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const remove = (IfMatch: string | undefined, s3 = admin, name = Key) =>
    refusal(s3.send(new DeleteObjectCommand({ Bucket, Key: name, IfMatch })));
  await t.rejects(admin.send(new DeleteObjectCommand({ Bucket, Key, IfMatch: '"other"' })), {
    name: 'PreconditionFailed',
    Condition: 'If-Match',
    $metadata: { httpStatusCode: 412 },
  });
  t.match(await remove('*', admin, 'inbound/none'), /^404 NoSuchKey/);
  t.match(await remove(ETag, admin, 'inbound/none'), /^404 NoSuchKey/);
  const as = (...actions: string[]) =>
    clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'cleaner', policy(allow(actions))))).s3;
  t.match(await remove(ETag, as('s3:DeleteObject')), /is not authorized to perform: s3:GetObject on/);
  t.ok(objects.has(Key));
  t.equal(await remove(ETag, as('s3:DeleteObject', 's3:GetObject')), 'fine');
  t.notOk(objects.has(Key));
  await admin.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  t.equal(await remove('*', as('s3:DeleteObject')), 'fine', 'any object: s3:DeleteObject suffices');
});
