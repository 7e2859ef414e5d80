import {
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import { addExecutionRole, createFunction, pid } from '../../functions.js';
import { addUser, clients, start } from '../../support.js';

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const FunctionName = 'router';

t.test('concurrency', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  addExecutionRole(sandbox, 'other');
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

t.test('each operation needs its own permission', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const { lambda } = clients(sandbox, addUser(sandbox, 'nobody', []));
  const denied = (action: string, resource = arn) => ({
    name: 'AccessDeniedException',
    message: new RegExp(`is not authorized to perform: lambda:${action} on resource: ${resource.replace('*', '\\*')}`),
    $metadata: { httpStatusCode: 403 },
  });
  await t.rejects(lambda.send(new GetAccountSettingsCommand({})), denied('GetAccountSettings', '*'));
  await t.rejects(lambda.send(new ListTagsCommand({ Resource: arn })), denied('ListTags'));
  await t.rejects(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })), denied('GetFunctionConcurrency'));
});
