import {
  GetFunctionCodeSigningConfigCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import { addExecutionRole, createFunction } from '../../functions.js';
import { addUser, clients, refusal, start } from '../../support.js';

const code = 'export const handler = async () => "ran";';
const FunctionName = 'router';

t.test('functions are listed by name, in pages, without their state', async (t) => {
  const { sandbox, lambda } = await start(t);
  t.strictSame((await lambda.send(new ListFunctionsCommand({}))).Functions, []);
  for (const name of ['router', 'archiver', 'zipper']) {
    addExecutionRole(sandbox, name);
    await createFunction(sandbox, name, code, { Environment: { Variables: { A: 'a' } } });
  }
  const first = await lambda.send(new ListFunctionsCommand({ MaxItems: 1 }));
  t.match(first.Functions, [{ FunctionName: 'archiver', Version: '$LATEST', Environment: { Variables: { A: 'a' } } }]);
  const members = Object.keys(first.Functions?.[0] ?? {});
  t.strictSame(
    members.filter((name) => /^(State|LastUpdateStatus)/.test(name)),
    [],
  );
  const next = await lambda.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
  t.match(next.Functions, [{ FunctionName: 'router' }, { FunctionName: 'zipper' }]);
  t.equal(next.NextMarker, undefined);
});

t.test('a function has one version and no code signing configuration', async (t) => {
  const { sandbox, lambda } = await start(t);
  addExecutionRole(sandbox, FunctionName);
  await createFunction(sandbox, FunctionName, code);
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
  const FunctionArn = 'arn:aws:lambda:us-east-1:111122223333:function:router:$LATEST';
  t.match(Versions, [{ FunctionName, FunctionArn, Version: '$LATEST' }]);
  const signing = await lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }));
  t.match(signing, { FunctionName });
  t.equal(signing.CodeSigningConfigArn, undefined);
  for (const command of [ListVersionsByFunctionCommand, GetFunctionCodeSigningConfigCommand])
    t.match(
      await refusal(lambda.send(new command({ FunctionName: 'none' }) as never)),
      '404 ResourceNotFoundException',
    );
});

t.test('a dry run asks for the permission and runs nothing', async (t) => {
  const { sandbox, lambda } = await start(t);
  addExecutionRole(sandbox, FunctionName);
  await createFunction(sandbox, FunctionName, code);
  const InvocationType = 'DryRun' as const;
  const dry = await lambda.send(new InvokeCommand({ FunctionName, InvocationType, Payload: 'no JSON' }));
  t.equal(dry.StatusCode, 204);
  t.equal(sandbox.state.logs.groups.size, 0);
  t.match(
    await refusal(lambda.send(new InvokeCommand({ FunctionName: 'none', InvocationType }))),
    '404 ResourceNotFoundException',
  );
  const send = lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Later' as 'Event' }));
  t.match(await refusal(send), "400 ValidationException: 1 validation error detected: Value 'Later'");
});

t.test('each operation needs its permission', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, FunctionName);
  await createFunction(sandbox, FunctionName, code);
  const allowed = (Action: string) =>
    clients(sandbox, addUser(sandbox, 'operator', [{ Effect: 'Allow', Action, Resource: '*' }])).lambda;
  const sends: Record<string, (client: ReturnType<typeof allowed>) => Promise<unknown>> = {
    ListFunctions: (client) => client.send(new ListFunctionsCommand({})),
    ListVersionsByFunction: (client) => client.send(new ListVersionsByFunctionCommand({ FunctionName })),
    GetFunctionCodeSigningConfig: (client) => client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName })),
    InvokeFunction: (client) => client.send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' })),
  };
  for (const [action, send] of Object.entries(sends)) {
    t.match(await refusal(send(allowed('lambda:Nothing'))), '403 AccessDeniedException', action);
    t.equal(await refusal(send(allowed(`lambda:${action}`))), 'fine', action);
  }
});
