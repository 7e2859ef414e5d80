import { ListTagsCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-lambda';
import t from 'tap';
import { addExecutionRole, createFunction, pid } from '../../functions.js';
import { clients, start } from '../../support.js';

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:router';

t.test('tags', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const tags = async () => (await lambda.send(new ListTagsCommand({ Resource: arn }))).Tags;
  t.same(await tags(), {});
  await lambda.send(new TagResourceCommand({ Resource: arn, Tags: { a: '1', 'b/c': '2', d: '3' } }));
  await lambda.send(new TagResourceCommand({ Resource: arn, Tags: { a: '4' } }));
  t.same(await tags(), { a: '4', 'b/c': '2', d: '3' });
  await lambda.send(new UntagResourceCommand({ Resource: arn, TagKeys: ['b/c', 'd', 'absent'] }));
  t.same(await tags(), { a: '4' });
});
