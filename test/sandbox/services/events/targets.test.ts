import {
  ListTargetsByRuleCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import t from 'tap';
import { clients, start } from '../../support.js';

const functionArn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const EventPattern = '{"source":["aws.s3"]}';
const rule: PutRuleCommandInput = { Name: 'inbound', EventPattern };

t.test('targets that are not taken', async (t) => {
  const { sandbox } = await start(t);
  const { events } = clients(sandbox);
  await events.send(new PutRuleCommand(rule));
  const put = await events.send(
    new PutTargetsCommand({
      Rule: 'inbound',
      Targets: [
        { Id: 'a', Arn: functionArn },
        { Id: 'b', Arn: 'router' },
        { Id: 'c', Arn: functionArn, Input: '{}' },
      ],
    }),
  );
  t.match(put, {
    FailedEntryCount: 2,
    FailedEntries: [
      {
        TargetId: 'b',
        ErrorCode: 'ValidationException',
        ErrorMessage: 'Parameter router is not valid. Reason: Provided Arn is not in correct format.',
      },
      {
        TargetId: 'c',
        ErrorCode: 'ValidationException',
        ErrorMessage: 'The embedded AWS does not support Input of a target.',
      },
    ],
  });
  t.match(await events.send(new ListTargetsByRuleCommand({ Rule: 'inbound' })), { Targets: [{ Id: 'a' }] });
});
