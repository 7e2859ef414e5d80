/**
 * The states of a function that are not Active and Successful, and what others configure on it.
 */
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import { addExecutionRole, createFunction, invoke, pid, zipped } from '../../functions.js';
import { addUser, clients, start } from '../../support.js';

const input = async (): Promise<CreateFunctionCommandInput> => ({
  FunctionName: 'router',
  Role: 'arn:aws:iam::111122223333:role/router',
  Runtime: 'nodejs24.x',
  Handler: 'index.handler',
  Code: { ZipFile: await zipped({ 'index.mjs': pid }) },
});

const failure = { code: 'SubnetOutOfIPAddresses', reason: 'The subnet has no free addresses.' };

t.test('a failed update: the new configuration is reported, and the old code runs', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', 'export const handler = async () => "old";');
  const { Code } = await input();
  sandbox.state.lambda.nextFailure = failure;
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'router', ZipFile: Code?.ZipFile }));
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'router' }));
  t.match(Configuration, {
    State: 'Active',
    LastUpdateStatus: 'Failed',
    LastUpdateStatusReason: failure.reason,
    LastUpdateStatusReasonCode: failure.code,
  });
  t.equal((await invoke(sandbox, 'router')).payload, 'old');
  sandbox.state.lambda.nextFailure = failure;
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router', Timeout: 9 }));
  t.equal((await invoke(sandbox, 'router')).payload, 'old', 'after another failure, too');
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router', Timeout: 9 }));
  t.not((await invoke(sandbox, 'router')).payload, 'old', 'until an update succeeds');
});

t.test('a failed creation: nothing but deleting it works', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  sandbox.state.lambda.nextFailure = failure;
  await lambda.send(new CreateFunctionCommand(await input()));
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'router' }));
  t.match(Configuration, { State: 'Failed', StateReason: failure.reason, StateReasonCode: failure.code });
  t.equal(Configuration?.LastUpdateStatus, undefined);
  const refused = { name: 'ResourceConflictException', message: /state: Failed$/ };
  await t.rejects(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router' })), refused);
  await t.rejects(invoke(sandbox, 'router'), refused);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: 'router' }));
});

t.test('an idle function: an invocation fails, and makes it active', async (t) => {
  const { sandbox } = await start(t);
  const lambda = clients(sandbox).lambda;
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const fn = sandbox.state.lambda.functions.get('router');
  if (fn === undefined) throw new Error('not created');
  Object.assign(fn, { state: 'Inactive', lastUpdate: 'Successful' });
  t.match(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'router' })), {
    State: 'Inactive',
    StateReasonCode: 'Idle',
  });
  await t.rejects(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router' })), {
    name: 'ResourceConflictException',
    message: /state: Inactive$/,
  });
  await t.rejects(lambda.send(new InvokeCommand({ FunctionName: 'router' })), { name: 'ResourceNotReadyException' });
  t.type((await invoke(sandbox, 'router')).payload, 'number');
});

t.test('connected resources are kept, and removed by an empty value', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router', [
    { Effect: 'Allow', Action: ['ec2:CreateNetworkInterface', 'sqs:SendMessage'], Resource: '*' },
  ]);
  const queue = 'arn:aws:sqs:us-east-1:111122223333:failed';
  const mount = {
    Arn: 'arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-1',
    LocalMountPath: '/mnt/a',
  };
  const layer = 'arn:aws:lambda:us-east-1:111122223333:layer:monitoring:3';
  await lambda.send(
    new CreateFunctionCommand({
      ...(await input()),
      Environment: { Variables: { A: '1' } },
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
      DeadLetterConfig: { TargetArn: queue },
      Layers: [layer],
      FileSystemConfigs: [mount],
      TracingConfig: { Mode: 'Active' },
      KMSKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1',
      LoggingConfig: { LogFormat: 'JSON' },
    }),
  );
  const read = async (client = lambda) =>
    (await client.send(new GetFunctionCommand({ FunctionName: 'router' }))).Configuration;
  t.match(await read(), {
    VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'], VpcId: /^vpc-/ },
    DeadLetterConfig: { TargetArn: queue },
    Layers: [{ Arn: layer }],
    FileSystemConfigs: [mount],
    TracingConfig: { Mode: 'Active' },
    KMSKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1',
    Environment: { Variables: { A: '1' } },
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'INFO' },
  });
  const reader = addUser(sandbox, 'reader', [{ Effect: 'Allow', Action: 'lambda:*', Resource: '*' }]);
  t.match(await read(clients(sandbox, reader).lambda), {
    Environment: {
      Error: { ErrorCode: 'AccessDeniedException', Message: /KMS access was denied/ },
      Variables: undefined,
    },
  });
  await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: 'router',
      VpcConfig: {},
      DeadLetterConfig: {},
      Layers: [],
      FileSystemConfigs: [],
      TracingConfig: {},
      KMSKeyArn: '',
      LoggingConfig: { LogFormat: 'Text' },
    }),
  );
  const after = await read();
  t.match(after, { TracingConfig: { Mode: 'PassThrough' }, LoggingConfig: { LogFormat: 'Text' } });
  for (const member of ['VpcConfig', 'DeadLetterConfig', 'Layers', 'FileSystemConfigs', 'KMSKeyArn'] as const)
    t.equal(after?.[member], undefined, member);
});

t.test('in the log format JSON each line is an object of its own, and no metric', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'router', [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }]);
  await createFunction(sandbox, 'router', 'export const handler = async () => console.log("hello");', {
    LoggingConfig: { LogFormat: 'JSON' },
  });
  await invoke(sandbox, 'router');
  const lines = [...(sandbox.state.logs.groups.get('/aws/lambda/router')?.streams.values() ?? [])].flat();
  const messages = lines.map(({ message }) => JSON.parse(message));
  t.match(
    messages.find(({ message }) => message.endsWith('hello')),
    { level: 'INFO', requestId: /^[0-9a-f-]{36}$/, timestamp: /^\d{4}-\d\d-\d\dT/ },
  );
});
