import {
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import { account, clients, createFunction, pid, putRole, putUser } from '../../fixture.js';

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const FunctionName = 'router';

t.test('asynchronous invocation', async (t) => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const sandbox = await account(t, { now: () => now });
  const { lambda } = clients(sandbox);
  putRole(sandbox, 'router');
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
      { MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:1:q' } } },
      /^The embedded AWS does not emulate destinations/,
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

t.test('concurrency', async (t) => {
  const sandbox = await account(t);
  const { lambda } = clients(sandbox);
  putRole(sandbox, 'router');
  putRole(sandbox, 'other');
  await createFunction(sandbox, 'router', pid);
  await createFunction(sandbox, 'other', pid);
  const reserve = (ReservedConcurrentExecutions: number, name = FunctionName) =>
    lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions }));
  const get = async () =>
    (await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;
  const refused = (minimum: number) => ({
    name: 'InvalidParameterValueException',
    message: `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${minimum}].`,
  });
  t.equal(await get(), undefined);
  t.match(await reserve(10), { ReservedConcurrentExecutions: 10 });
  t.equal(await get(), 10);
  await reserve(400, 'other');
  await t.rejects(reserve(501), refused(100));
  t.match(await reserve(500), { ReservedConcurrentExecutions: 500 }, 'what it had does not count against it');
  t.match(await lambda.send(new GetAccountSettingsCommand({})), {
    AccountLimit: {
      TotalCodeSize: 80_530_636_800,
      CodeSizeUnzipped: 262_144_000,
      CodeSizeZipped: 52_428_800,
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 100,
    },
    AccountUsage: { TotalCodeSize: Number, FunctionCount: 2 },
  });
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'other' }));
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  t.equal(await get(), undefined);
  sandbox.state.lambda.concurrencyLimit = 10;
  await t.rejects(reserve(1), refused(10), 'a new account can reserve nothing');
});

t.test('tags', async (t) => {
  const sandbox = await account(t);
  const { lambda } = clients(sandbox);
  putRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const tags = async () => (await lambda.send(new ListTagsCommand({ Resource: arn }))).Tags;
  t.same(await tags(), {});
  await lambda.send(new TagResourceCommand({ Resource: arn, Tags: { a: '1', 'b/c': '2', d: '3' } }));
  await lambda.send(new TagResourceCommand({ Resource: arn, Tags: { a: '4' } }));
  t.same(await tags(), { a: '4', 'b/c': '2', d: '3' });
  await lambda.send(new UntagResourceCommand({ Resource: arn, TagKeys: ['b/c', 'd', 'absent'] }));
  t.same(await tags(), { a: '4' });
});

t.test('each asks for its own action', async (t) => {
  const sandbox = await account(t);
  putRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const { lambda } = clients(sandbox, putUser(sandbox, 'nobody', []));
  const denied = (action: string, resource = arn) => ({
    name: 'AccessDeniedException',
    message: new RegExp(`is not authorized to perform: lambda:${action} on resource: ${resource.replace('*', '\\*')}`),
    $metadata: { httpStatusCode: 403 },
  });
  await t.rejects(lambda.send(new GetAccountSettingsCommand({})), denied('GetAccountSettings', '*'));
  await t.rejects(lambda.send(new ListTagsCommand({ Resource: arn })), denied('ListTags'));
  await t.rejects(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })), denied('GetFunctionConcurrency'));
});
