import {
  CreateEventSourceMappingCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import t from 'tap';
import { addExecutionRole, createFunction, pid } from '../../functions.js';
import { addUser, clients, refusal, start } from '../../support.js';

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

t.test('an event source mapping has tags of its own', async (t) => {
  const { sandbox, lambda, sqs } = await start(t);
  const allow = { Effect: 'Allow' as const, Action: 'sqs:*', Resource: '*' };
  addExecutionRole(sandbox, 'router', [allow]);
  await createFunction(sandbox, 'router', pid);
  await sqs.send(new CreateQueueCommand({ QueueName: 'retry' }));
  const EventSourceArn = 'arn:aws:sqs:us-east-1:111122223333:retry';
  const create = (Tags?: Record<string, string>) =>
    new CreateEventSourceMappingCommand({ FunctionName: 'router', EventSourceArn, Tags });
  const only = addUser(sandbox, 'only', [{ ...allow, Action: 'lambda:CreateEventSourceMapping' }]);
  t.match(await refusal(clients(sandbox, only).lambda.send(create({ a: '1' }))), '403 AccessDeniedException');
  t.match(await refusal(lambda.send(create({ 'aws:a': '1' }))), '400 InvalidParameterValueException');
  const { EventSourceMappingArn: Resource } = await lambda.send(create({ a: '1' }));
  await lambda.send(new TagResourceCommand({ Resource, Tags: { b: '2' } }));
  t.same((await lambda.send(new ListTagsCommand({ Resource }))).Tags, { a: '1', b: '2' });
  t.same((await lambda.send(new ListTagsCommand({ Resource: arn }))).Tags, {});
  const unknown = new ListTagsCommand({ Resource: `${Resource}x` });
  t.match(await refusal(lambda.send(unknown)), '404 ResourceNotFoundException');
  await sandbox.settled();
});
