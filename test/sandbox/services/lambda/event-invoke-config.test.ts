import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import { addExecutionRole, createFunction, pid } from '../../functions.js';
import { clients, start } from '../../support.js';

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const FunctionName = 'router';

t.test('asynchronous invocation', async (t) => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const { sandbox } = await start(t, { now: () => now });
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const get = () => lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
  const put = (input: Partial<PutFunctionEventInvokeConfigCommandInput>) =>
    lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...input }));
  const missing = {
    name: 'ResourceNotFoundException',
    message: `The function ${arn}:$LATEST doesn't have an EventInvokeConfig`,
    $metadata: { httpStatusCode: 404 },
  };
  await t.rejects(get(), missing);
  const shown = {
    LastModified: new Date(now),
    FunctionArn: `${arn}:$LATEST`,
    DestinationConfig: { OnSuccess: {}, OnFailure: {} },
  };
  const first = await put({
    MaximumRetryAttempts: 1,
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnFailure: {} },
  });
  t.match(first, { ...shown, MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 });
  const second = await put({ MaximumRetryAttempts: 0 });
  t.match(
    second,
    { ...shown, MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: undefined },
    'what is not given is gone',
  );
  t.match(await get(), { ...shown, MaximumRetryAttempts: 0 });
  const update = (input: Partial<PutFunctionEventInvokeConfigCommandInput>) =>
    lambda.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, ...input }));
  const aged = { ...shown, MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 90 };
  t.match(await update({ MaximumEventAgeInSeconds: 90 }), aged, 'an update keeps what it is not given');
  t.match(await update({ MaximumRetryAttempts: 2 }), { ...aged, MaximumRetryAttempts: 2 });
  const refused: Array<[input: Partial<PutFunctionEventInvokeConfigCommandInput>, message: RegExp]> = [
    [{}, /^You must specify at least one of error handling or destination setting.$/],
    [{ MaximumRetryAttempts: 3 }, /'3' at 'maximumRetryAttempts' .* between 0 and 2$/],
    [{ MaximumEventAgeInSeconds: 59 }, /'59' at 'maximumEventAgeInSeconds' .* between 60 and 21600$/],
    [{ MaximumEventAgeInSeconds: 21_601 }, /'21601' at 'maximumEventAgeInSeconds'/],
    [
      { MaximumRetryAttempts: 1, DestinationConfig: { OnSuccess: { Destination: 'arn:aws:sqs:us-east-1:1:q' } } },
      /^The embedded AWS does not support destinations of successful/,
    ],
  ];
  for (const [input, message] of refused) {
    await t.rejects(put(input), { name: 'InvalidParameterValueException', message });
  }
  await lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
  await t.rejects(get(), missing);
  await t.rejects(lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName })), missing);
  await t.rejects(update({ MaximumRetryAttempts: 1 }), missing);
});
