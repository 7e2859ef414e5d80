import { DeleteObjectsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, sessionOf, start } from '../../../support.js';

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
