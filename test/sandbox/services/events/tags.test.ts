import {
  ListTagsForResourceCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import t from 'tap';
import { clients, start } from '../../support.js';

const ruleArn = 'arn:aws:events:us-east-1:111122223333:rule/inbound';
const EventPattern = '{"source":["aws.s3"]}';
const rule: PutRuleCommandInput = { Name: 'inbound', EventPattern };

t.test('tags', async (t) => {
  const { sandbox } = await start(t);
  const { events } = clients(sandbox);
  await events.send(new PutRuleCommand(rule));
  const tags = async () => (await events.send(new ListTagsForResourceCommand({ ResourceARN: ruleArn }))).Tags;
  t.same(await tags(), []);
  const Tags = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ];
  await events.send(new TagResourceCommand({ ResourceARN: ruleArn, Tags }));
  await events.send(new UntagResourceCommand({ ResourceARN: ruleArn, TagKeys: ['a'] }));
  t.same(await tags(), [{ Key: 'b', Value: '2' }]);
});
