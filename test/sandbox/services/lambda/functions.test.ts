import { createHash } from 'node:crypto';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  type UpdateFunctionCodeCommandInput,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { addExecutionRole, createFunction, invoke, pid, zipped } from '../../functions.js';
import { addRole, addUser, clients, policy, start, trustService } from '../../support.js';

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const roleArn = 'arn:aws:iam::111122223333:role/router';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const expected = async (): Promise<CreateFunctionCommandInput> => ({
  FunctionName: 'router',
  Role: roleArn,
  Runtime: 'nodejs24.x',
  Handler: 'index.handler',
  Code: { ZipFile: await zipped({ 'index.mjs': pid }) },
});

t.test('a function from its creation to its end', async (t) => {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  const { sandbox } = await start(t, { now: () => now, delays: { functionUpdate: 2000 } });
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  const input = await expected();
  const ZipFile = Buffer.from(input.Code?.ZipFile ?? '');
  const created = await lambda.send(
    new CreateFunctionCommand({
      ...input,
      Architectures: ['arm64'],
      Description: 'routes',
      MemorySize: 256,
      Timeout: 30,
      Environment: { Variables: { BUCKET: 'mail' } },
      LoggingConfig: { LogGroup: '/routing' },
      Tags: { 'managed-by': 'test' },
    }),
  );
  const configuration = {
    FunctionName: 'router',
    FunctionArn: arn,
    Runtime: 'nodejs24.x',
    Role: roleArn,
    Handler: 'index.handler',
    CodeSize: ZipFile.length,
    Description: 'routes',
    Timeout: 30,
    MemorySize: 256,
    LastModified: '2026-01-02T03:04:05.006+0000',
    CodeSha256: createHash('sha256').update(ZipFile).digest('base64'),
    Version: '$LATEST',
    Environment: { Variables: { BUCKET: 'mail' } },
    TracingConfig: { Mode: 'PassThrough' },
    PackageType: 'Zip',
    Architectures: ['arm64'],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: '/routing' },
  };
  const pending = { State: 'Pending', StateReason: 'The function is being created.', StateReasonCode: 'Creating' };
  const { $metadata, RevisionId, ...answered } = created;
  t.equal($metadata.httpStatusCode, 201);
  t.match(RevisionId, uuid);
  t.same(answered, { ...configuration, ...pending });

  const read = () => lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn }));
  const before = await read();
  t.match(before, { ...pending, RevisionId }, 'still pending, read by its ARN');
  t.equal(before.LastUpdateStatus, undefined);
  now += 2000;
  const { $metadata: _, ...active } = await lambda.send(new GetFunctionCommand({ FunctionName: 'router' }));
  t.not(active.Configuration?.RevisionId, RevisionId, 'becoming active is a revision too');
  const settled = { State: 'Active', LastUpdateStatus: 'Successful' };
  t.same(active, {
    Configuration: { ...configuration, ...settled, RevisionId: active.Configuration?.RevisionId },
    Code: { RepositoryType: 'S3', Location: `${sandbox.endpoint}/functions/router` },
    Tags: { 'managed-by': 'test' },
  });

  now += 1000;
  const updated = await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: '111122223333:function:router:$LATEST',
      RevisionId: active.Configuration?.RevisionId,
      Environment: {},
      Description: 'routes mail',
      MemorySize: 512,
      Timeout: 10,
      Handler: 'main.handler',
      Runtime: 'nodejs22.x',
      LoggingConfig: { LogGroup: '/other' },
    }),
  );
  t.match(updated, {
    ...configuration,
    Environment: undefined,
    Description: 'routes mail',
    MemorySize: 512,
    Timeout: 10,
    Handler: 'main.handler',
    Runtime: 'nodejs22.x',
    LoggingConfig: { LogGroup: '/other' },
    LastModified: '2026-01-02T03:04:08.006+0000',
    State: 'Active',
    LastUpdateStatus: 'InProgress',
    LastUpdateStatusReasonCode: 'Creating',
  });
  now += 2000;
  const other = await zipped({ 'main.mjs': pid });
  const coded = await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: 'router', ZipFile: other, Architectures: ['x86_64'] }),
  );
  t.match(coded, {
    CodeSha256: createHash('sha256').update(other).digest('base64'),
    Architectures: ['x86_64'],
    LastUpdateStatus: 'InProgress',
    Description: 'routes mail',
  });
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'router', ReservedConcurrentExecutions: 3 }));
  t.match(await lambda.send(new GetFunctionCommand({ FunctionName: 'router' })), {
    Concurrency: { ReservedConcurrentExecutions: 3 },
  });
  t.match(await lambda.send(new DeleteFunctionCommand({ FunctionName: 'router' })), {
    $metadata: { httpStatusCode: 204 },
  });
  await t.rejects(read(), {
    name: 'ResourceNotFoundException',
    message: `Function not found: ${arn}`,
    $metadata: { httpStatusCode: 404 },
    Type: 'User',
  });
});

t.test('defaults', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  const created = await lambda.send(new CreateFunctionCommand(await expected()));
  t.match(created, {
    Architectures: ['x86_64'],
    Description: '',
    MemorySize: 128,
    Timeout: 3,
    LoggingConfig: { LogGroup: '/aws/lambda/router' },
    Environment: undefined,
  });
  const { Tags, TagsError, Concurrency } = await lambda.send(new GetFunctionCommand({ FunctionName: 'router' }));
  t.same({ Tags, TagsError, Concurrency }, { Tags: undefined, TagsError: undefined, Concurrency: undefined });
  const { LastModified, LastUpdateStatus, LastUpdateStatusReason, LastUpdateStatusReasonCode, RevisionId, ...before } =
    await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'router' }));
  const { $metadata, ...same } = before;
  t.match(
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router' })),
    same,
    'stays as it is',
  );
  const { ZipFile } = (await expected()).Code ?? {};
  t.match(await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'router', ZipFile })), {
    Architectures: ['x86_64'],
  });
});

t.test("the SDK's waiters", async (t) => {
  const { sandbox } = await start(t, { delays: { functionUpdate: 300 } });
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  const waiter = { client: lambda, maxWaitTime: 5, minDelay: 1, maxDelay: 1 };
  await lambda.send(new CreateFunctionCommand(await expected()));
  t.match(await waitUntilFunctionActiveV2(waiter, { FunctionName: 'router' }), { state: 'SUCCESS' });
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router', Timeout: 9 }));
  t.match(await waitUntilFunctionUpdatedV2(waiter, { FunctionName: 'router' }), { state: 'SUCCESS' });
});

t.test('refusals of CreateFunction', async (t) => {
  let now = Date.now();
  const { sandbox } = await start(t, { now: () => now, delays: { roleAssumable: 8000 } });
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  addRole(sandbox, 'mistrusted', policy(), { trust: trustService('ec2.amazonaws.com') });
  const cannotAssume = 'The role defined for the function cannot be assumed by Lambda.';
  const create = async (change: Partial<Record<keyof CreateFunctionCommandInput, unknown>>) =>
    lambda.send(new CreateFunctionCommand(Object.assign(await expected(), change)));
  await t.rejects(create({}), { name: 'InvalidParameterValueException', message: cannotAssume }, 'the role is too new');
  now += 8000;
  const constraint = 'failed to satisfy constraint: Member must';
  const cases: Array<[change: Parameters<typeof create>[0], message: string | RegExp]> = [
    [{ Role: 'arn:aws:iam::111122223333:role/absent' }, cannotAssume],
    [{ Role: 'arn:aws:iam::111122223333:role/mistrusted' }, cannotAssume],
    [
      { Runtime: 'nodejs99.x' },
      /^Value nodejs99.x at 'runtime' failed to satisfy constraint: Member must satisfy enum/,
    ],
    [{ Runtime: undefined }, /^Runtime and Handler are mandatory parameters/],
    [{ Handler: undefined }, /^Runtime and Handler are mandatory parameters/],
    [
      { Handler: 'a b' },
      `1 validation error detected: Value 'a b' at 'handler' ${constraint} satisfy regular expression pattern: [^\\s]+`,
    ],
    [
      { MemorySize: 127 },
      `1 validation error detected: Value '127' at 'memorySize' ${constraint} have value greater than or equal to 128`,
    ],
    [
      { MemorySize: 10_241 },
      `1 validation error detected: Value '10241' at 'memorySize' ${constraint} have value less than or equal to 10240`,
    ],
    [
      { Timeout: 0 },
      `1 validation error detected: Value '0' at 'timeout' ${constraint} have value greater than or equal to 1`,
    ],
    [{ Timeout: 901 }, /'901' at 'timeout'/],
    [
      { Environment: { Variables: { A: 'a', AWS_REGION: 'x', LAMBDA_TASK_ROOT: 'y' } } },
      /currently not supported for modification. Reserved keys used in this request: AWS_REGION, LAMBDA_TASK_ROOT$/,
    ],
    [{ Environment: { Variables: { A: 'a'.repeat(4090) } } }, /exceeded the 4KB limit. String measured: \{"A":"aaa/],
    [
      { LoggingConfig: { SystemLogLevel: 'WARN' } },
      /^To set ApplicationLogLevel or SystemLogLevel, LogFormat has to be/,
    ],
    [
      { ImageConfig: {}, SnapStart: { ApplyOn: 'None' } },
      'The embedded AWS does not support ImageConfig, SnapStart: leave it out.',
    ],
    [
      { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } },
      'The provided execution role does not have permissions to call CreateNetworkInterface on EC2',
    ],
    [
      { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:111122223333:failed' } },
      'The provided execution role does not have permissions to call SendMessage on SQS',
    ],
    [
      { DeadLetterConfig: { TargetArn: 'arn:aws:sns:us-east-1:111122223333:failed' } },
      'The provided execution role does not have permissions to call Publish on SNS',
    ],
    [
      { Architectures: ['riscv'] },
      `1 validation error detected: Value '[riscv]' at 'architectures' ${constraint} satisfy enum value set: [x86_64, arm64]`,
    ],
    [{ Architectures: ['x86_64', 'arm64'] }, /'\[x86_64, arm64\]' at 'architectures'/],
    [{ Runtime: 'nodejs99.x' as 'nodejs24.x' }, /^Value nodejs99.x at 'runtime' failed to satisfy constraint/],
    [{ Runtime: 'nodejs16.x' }, /^The runtime parameter of nodejs16.x is no longer supported for creating/],
    [{ Architectures: [] }, /'\[\]' at 'architectures'/],
    [
      { Code: { ZipFile: Buffer.from('no zip') } },
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    ],
    [{ Code: { S3Bucket: 'b', S3Key: 'k' } }, /^The embedded AWS takes code as ZipFile only/],
  ];
  for (const [change, message] of cases) {
    // What the API's model does not allow is refused as such.
    const name = /^(?!Value).*at '(handler|memorySize|timeout|architectures)'/.test(`${message}`)
      ? 'ValidationException'
      : 'InvalidParameterValueException';
    const refused = { name, message, $metadata: { httpStatusCode: 400 } };
    await t.rejects(create(change), refused, JSON.stringify(change).slice(0, 80));
  }
  sandbox.state.lambda.withoutArm = true;
  await t.rejects(create({ Architectures: ['arm64'] }), {
    message: /^Architecture "arm64" is not supported in us-east-1/,
  });
  t.equal(sandbox.state.lambda.functions.size, 0);
  await create({ Environment: { Variables: { A: 'a'.repeat(4088) } } });
  await t.rejects(create({}), {
    name: 'ResourceConflictException',
    message: 'Function already exist: router',
    $metadata: { httpStatusCode: 409 },
  });
});

t.test('a container image is described, and takes no zip, runtime or handler', async (t) => {
  const { sandbox, lambda } = await start(t);
  addExecutionRole(sandbox, 'router');
  const image = { FunctionName: 'image', Role: roleArn, PackageType: 'Image' as const };
  const Code = { ImageUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/mail:1' };
  const create = (more: object) => lambda.send(new CreateFunctionCommand({ ...image, Code, ...more }));
  await t.rejects(create({ Code: {} }), { message: /^Please provide ImageUri when creating/ });
  await t.rejects(create({ Handler: 'index.handler' }), { message: /^Please don't provide Handler or Runtime/ });
  const created = await create({});
  t.match(created, { PackageType: 'Image' });
  t.notOk(created.Runtime ?? created.Handler);
  const FunctionName = 'image';
  const ZipFile = await zipped({ 'index.mjs': pid });
  await t.rejects(lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile })), {
    message: 'Please provide ImageUri when updating a function with packageType Image.',
  });
  const configure = (change: object) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change }));
  for (const change of [{ Runtime: 'nodejs24.x' as const }, { Handler: 'index.handler' }])
    await t.rejects(configure(change), { message: /^Please don't provide Handler or Runtime/ });
  t.match(await configure({ Timeout: 30 }), { PackageType: 'Image', Timeout: 30 });
});

t.test('refusals of updates', async (t) => {
  let now = Date.now();
  const { sandbox } = await start(t, { now: () => now, delays: { functionUpdate: 1000 } });
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  const { RevisionId: stale } = await lambda.send(new CreateFunctionCommand(await expected()));
  const { ZipFile } = (await expected()).Code ?? {};
  const configure = (change: Partial<UpdateFunctionConfigurationCommandInput>) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router', ...change }));
  const code = (change: Partial<UpdateFunctionCodeCommandInput>) =>
    lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'router', ZipFile, ...change }));
  const conflict = (message: string) => ({
    name: 'ResourceConflictException',
    message: `The operation cannot be performed at this time. ${message}`,
    $metadata: { httpStatusCode: 409 },
  });
  for (const update of [configure, code]) {
    await t.rejects(update({}), conflict('The function is currently in the following state: Pending'));
  }
  now += 1000;
  const mismatch = {
    name: 'PreconditionFailedException',
    message:
      'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    $metadata: { httpStatusCode: 412 },
  };
  for (const update of [configure, code])
    await t.rejects(update({ RevisionId: stale }), mismatch, 'it is active by now');
  await t.rejects(configure({ Timeout: 0 }), { name: 'ValidationException' });
  await t.rejects(configure({ SnapStart: { ApplyOn: 'None' } }), { name: 'InvalidParameterValueException' });
  await t.rejects(configure({ Role: 'arn:aws:iam::111122223333:role/absent' }), {
    message: 'The role defined for the function cannot be assumed by Lambda.',
  });
  await t.rejects(code({ ZipFile: undefined, S3Bucket: 'b', S3Key: 'k' }), { name: 'InvalidParameterValueException' });
  await t.rejects(code({ DryRun: true }), { message: 'The embedded AWS does not support DryRun: leave it out.' });
  await configure({ Timeout: 9 });
  for (const update of [configure, code]) {
    await t.rejects(update({}), conflict(`An update is in progress for resource: ${arn}`));
  }
});

t.test('a role made again is bound by way of another role', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  const other = addExecutionRole(sandbox, 'other');
  await createFunction(sandbox, 'router', pid, { Environment: { Variables: { A: '1' } } });
  addExecutionRole(sandbox, 'router');
  const denied = { name: 'KMSAccessDeniedException' };
  const give = (Role: string) => lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'router', Role }));
  await t.rejects(invoke(sandbox, 'router'), denied);
  await give(roleArn);
  await t.rejects(invoke(sandbox, 'router'), denied, 'the same role once more changes nothing');
  await give(other.arn);
  t.type((await invoke(sandbox, 'router')).payload, 'number');
  await give(roleArn);
  t.type((await invoke(sandbox, 'router')).payload, 'number', 'and back');
});

t.test('permissions of the caller', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'router');
  const allow = (Action: string, Resource: string, Condition?: Statement['Condition']): Statement =>
    Condition ? { Effect: 'Allow', Action, Resource, Condition } : { Effect: 'Allow', Action, Resource };
  const passRole = allow('iam:PassRole', roleArn, { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } });
  const elsewhere = allow('iam:PassRole', roleArn, { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
  const input = await expected();
  const create = new CreateFunctionCommand(input);
  const createTagged = new CreateFunctionCommand({ ...input, Tags: { a: 'b' } });
  const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'router', Timeout: 5 });
  const updateRole = new UpdateFunctionConfigurationCommand({ FunctionName: 'router', Role: roleArn });
  const cases: Array<[statements: Statement[], command: typeof create | typeof update, missing: string | undefined]> = [
    [[], create, 'lambda:CreateFunction'],
    [[allow('lambda:CreateFunction', arn)], create, 'iam:PassRole'],
    [[allow('lambda:CreateFunction', arn), elsewhere], create, 'iam:PassRole'],
    [[allow('lambda:CreateFunction', arn), passRole], createTagged, 'lambda:TagResource'],
    [[allow('lambda:CreateFunction', arn), passRole], create, undefined],
    [[allow('lambda:UpdateFunctionConfiguration', arn)], updateRole, 'iam:PassRole'],
    [[allow('lambda:UpdateFunctionConfiguration', `${arn}-2`)], update, 'lambda:UpdateFunctionConfiguration'],
    [[allow('lambda:UpdateFunctionConfiguration', arn)], update, undefined],
    [[allow('lambda:UpdateFunctionConfiguration', arn), passRole], updateRole, undefined],
  ];
  for (const [index, [statements, command, missing]] of cases.entries()) {
    const { lambda } = clients(sandbox, addUser(sandbox, `user-${index}`, statements));
    // The commands' union has no common overload of `send`.
    const sent = command instanceof CreateFunctionCommand ? lambda.send(command) : lambda.send(command);
    if (missing === undefined) await t.resolves(sent, `case ${index}`);
    else await t.rejects(sent, { name: /^AccessDenied/, message: new RegExp(missing) }, `case ${index}: ${missing}`);
  }
  const reader = clients(sandbox, addUser(sandbox, 'reader', [allow('lambda:GetFunction', arn)]));
  sandbox.state.lambda.functions.get('router')?.tags.set('a', 'b');
  const { Tags, TagsError } = await reader.lambda.send(new GetFunctionCommand({ FunctionName: 'router' }));
  t.same(
    { Tags, TagsError },
    {
      Tags: undefined,
      TagsError: {
        ErrorCode: 'AccessDeniedException',
        Message: `User: arn:aws:iam::111122223333:user/reader is not authorized to perform: lambda:ListTags on resource: ${arn}`,
      },
    },
  );
});

t.test('a function that allows somebody else', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const nobody = addUser(sandbox, 'nobody', []);
  const user = clients(sandbox, nobody);
  const get = () => user.lambda.send(new GetFunctionCommand({ FunctionName: 'router' }));
  await t.rejects(get(), { name: /^AccessDenied/ });
  const Principal = 'arn:aws:iam::111122223333:user/nobody';
  await clients(sandbox).lambda.send(
    new AddPermissionCommand({ FunctionName: 'router', StatementId: 'read', Action: 'lambda:GetFunction', Principal }),
  );
  await t.resolves(get());
});
