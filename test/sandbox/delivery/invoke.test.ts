import {
  InvokeCommand,
  type InvokeCommandInput,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addExecutionRole, createFunction, invoke, logging, pid, zipped } from '../functions.js';
import { addRole, clients, policy, start, trustService } from '../support.js';

t.test('the code works with its role', async (t) => {
  const { sandbox } = await start(t);
  const { s3 } = clients(sandbox);
  await s3.send(new CreateBucketCommand({ Bucket: 'mail' }));
  await s3.send(new PutObjectCommand({ Bucket: 'mail', Key: 'inbound/a', Body: 'letter' }));
  await s3.send(new PutObjectCommand({ Bucket: 'mail', Key: 'other/a', Body: 'letter' }));
  addExecutionRole(sandbox, 'reader', [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::mail/inbound/*' },
  ]);
  const sdk = new URL(import.meta.resolve('@aws-sdk/client-s3')).href;
  const code = `
    import { GetObjectCommand, S3Client } from '${sdk}';
    const s3 = new S3Client({ forcePathStyle: true });
    export const handler = async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'mail', Key }));
      return Body.transformToString();
    };`;
  await createFunction(sandbox, 'reader', code, { Timeout: 20 });
  const read = async (Key: string) =>
    (await invoke(sandbox, 'reader', { Payload: Buffer.from(JSON.stringify({ Key })) })).payload;
  t.equal(await read('inbound/a'), 'letter');
  t.match(await read('other/a'), { errorType: 'AccessDenied' });
  const caller = `arn:aws:sts::${sandbox.account}:assumed-role/reader/reader`;
  t.match(
    sandbox.calls.filter((call) => call.caller === caller),
    [
      { operation: 'GetObject', status: 200 },
      { operation: 'GetObject', status: 403, error: 'AccessDenied' },
    ],
  );
});

t.test('refusals', async (t) => {
  const { sandbox } = await start(t, { delays: { functionUpdate: 60_000 } });
  const { state } = sandbox;
  addExecutionRole(sandbox, 'role');
  await createFunction(sandbox, 'pending', pid, { Role: `arn:aws:iam::${sandbox.account}:role/role` });
  state.delays.functionUpdate = 0;
  const Variables = { A: '1' };
  for (const name of ['plain', 'snake', 'orphan', 'mistrusted', 'rebound', 'unbound', 'broken']) {
    addExecutionRole(sandbox, name);
    await createFunction(sandbox, name, pid, name === 'rebound' ? { Environment: { Variables } } : {});
  }
  const set = (name: string, change: object) => Object.assign(state.lambda.functions.get(name) ?? {}, change);
  set('snake', { runtime: 'python3.13' });
  state.iam.roles.delete('orphan');
  addRole(sandbox, 'mistrusted', policy(), { trust: trustService('ec2.amazonaws.com') });
  addExecutionRole(sandbox, 'rebound');
  addExecutionRole(sandbox, 'unbound');
  const broken = await zipped(
    { 'index.mjs': 'export const handler = async () => "aaaaaaaaaaaaaaaaaaaaaaaaaaaa";' },
    true,
  );
  set('broken', { zip: broken.fill(0xff, 40, 60), codeSha256: 'broken' });

  const cases: Array<[input: Partial<InvokeCommandInput>, name: string, status: number, message: string | RegExp]> = [
    [
      { FunctionName: 'absent' },
      'ResourceNotFoundException',
      404,
      `Function not found: arn:aws:lambda:us-east-1:${sandbox.account}:function:absent`,
    ],
    [
      { FunctionName: 'pending' },
      'ResourceConflictException',
      409,
      'The operation cannot be performed at this time. The function is currently in the following state: Pending',
    ],
    [
      { FunctionName: 'snake' },
      'InvalidRuntimeException',
      502,
      'The embedded AWS runs functions of the nodejs runtimes only, and snake is of python3.13.',
    ],
    [
      { FunctionName: 'orphan' },
      'AccessDeniedException',
      403,
      'The role defined for the function cannot be assumed by Lambda.',
    ],
    [
      { FunctionName: 'mistrusted' },
      'AccessDeniedException',
      403,
      'The role defined for the function cannot be assumed by Lambda.',
    ],
    [
      { FunctionName: 'rebound' },
      'KMSAccessDeniedException',
      502,
      /^Lambda was unable to decrypt the environment variables because KMS access was denied\./,
    ],
    [{ FunctionName: 'broken' }, 'InvalidZipFileException', 502, /^Lambda could not unzip the code of broken: /],
    [
      { FunctionName: 'plain', Payload: Buffer.from('{') },
      'InvalidRequestContentException',
      400,
      /^Could not parse request body into json: /,
    ],
  ];
  for (const [input, name, httpStatusCode, message] of cases) {
    const refused = invoke(sandbox, String(input.FunctionName), input);
    await t.rejects(refused, { name, message, $metadata: { httpStatusCode } }, `${input.FunctionName}: ${name}`);
  }
  t.type(
    (await invoke(sandbox, 'unbound')).payload,
    'number',
    'without environment variables there is nothing to decrypt',
  );
});

t.test('reserved concurrency', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'none');
  await createFunction(sandbox, 'none', pid);
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'none', ReservedConcurrentExecutions: 0 }));
  await t.rejects(invoke(sandbox, 'none'), {
    name: 'TooManyRequestsException',
    message: 'Rate Exceeded.',
    $metadata: { httpStatusCode: 429 },
  });
});

const failing = 'export const handler = async ({ file }) => { throw new Error(file); };';

t.test('asynchronous invocations', async (t) => {
  await t.test('answer at once', async (t) => {
    const { sandbox } = await start(t);
    addExecutionRole(sandbox, 'log', [logging]);
    await createFunction(sandbox, 'log', 'export const handler = async () => console.log("ran");');
    t.match(await invoke(sandbox, 'log', { InvocationType: 'Event' }), { status: 202, payload: undefined });
    await sandbox.settled();
    const streams = sandbox.state.logs.groups.get('/aws/lambda/log')?.streams.values();
    t.match(
      [...(streams ?? [])].flat().filter(({ message }) => message.endsWith('\tran\n')),
      { length: 1 },
    );
  });

  await t.test('are tried again as often as asked for', async (t) => {
    const { sandbox } = await start(t);
    const { lambda } = clients(sandbox);
    addExecutionRole(sandbox, 'failing');
    await createFunction(sandbox, 'failing', failing);
    t.same(await sandbox.state.enqueue('failing', {}), { outcome: 'failed', attempts: 3 }, 'twice by default');
    for (const MaximumRetryAttempts of [0, 1]) {
      await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'failing', MaximumRetryAttempts }));
      const attempts = MaximumRetryAttempts + 1;
      t.same(await sandbox.state.enqueue('failing', {}), { outcome: 'failed', attempts });
    }
  });

  await t.test('succeed at a later attempt', async (t) => {
    const { sandbox } = await start(t);
    const role = addExecutionRole(sandbox, 'late');
    await createFunction(sandbox, 'late', pid);
    sandbox.state.iam.roles.delete('late');
    sandbox.state.delays.invocationRetry = 20;
    const outcome = sandbox.state.enqueue('late', {});
    sandbox.state.iam.roles.set('late', role);
    t.same(await outcome, { outcome: 'invoked', attempts: 2 });
  });

  await t.test('end when the event is too old', async (t) => {
    let now = Date.now();
    const { sandbox } = await start(t, { now: () => now });
    const { lambda } = clients(sandbox);
    addExecutionRole(sandbox, 'none');
    await createFunction(sandbox, 'none', pid);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'none', ReservedConcurrentExecutions: 0 }));
    await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'none', MaximumEventAgeInSeconds: 60 }));
    const outcome = sandbox.state.enqueue('none', {});
    now += 60_000;
    t.same(await outcome, { outcome: 'failed', attempts: 0 }, 'being throttled is no attempt');
  });

  await t.test('wait for their turn when throttled', async (t) => {
    const { sandbox } = await start(t);
    const { lambda } = clients(sandbox);
    sandbox.state.delays.invocationRetry = 5;
    addExecutionRole(sandbox, 'one');
    await createFunction(sandbox, 'one', pid);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'one', ReservedConcurrentExecutions: 1 }));
    const outcomes = await Promise.all([1, 2, 3].map((n) => sandbox.state.enqueue('one', n)));
    t.same(outcomes, Array(3).fill({ outcome: 'invoked', attempts: 1 }));
  });

  await t.test('many at once share a few processes', async (t) => {
    const { sandbox } = await start(t);
    addExecutionRole(sandbox, 'pid', [logging]);
    await createFunction(
      sandbox,
      'pid',
      'export const handler = async () => void process.stdout.write(`${process.pid}\\n`);',
    );
    const { lambda } = clients(sandbox);
    const sent = Array.from({ length: 200 }, () =>
      lambda.send(new InvokeCommand({ FunctionName: 'pid', InvocationType: 'Event' })),
    );
    t.match(await Promise.all(sent), Array(200).fill({ StatusCode: 202 }));
    await sandbox.settled(60_000);
    const streams = [...(sandbox.state.logs.groups.get('/aws/lambda/pid')?.streams.values() ?? [])].flat();
    const pids = streams.map(({ message }) => message.trim()).filter((line) => /^\d+$/.test(line));
    t.equal(pids.length, 200, 'each has run');
    t.ok(new Set(pids).size <= 8, `in ${new Set(pids).size} processes`);
  });

  await t.test('that wait when the account closes are not run any more', async (t) => {
    const { sandbox } = await start(t);
    addExecutionRole(sandbox, 'slow');
    await createFunction(sandbox, 'slow', 'export const handler = () => new Promise(() => {});');
    const outcomes = Array.from({ length: 20 }, () => sandbox.state.enqueue('slow', {}));
    await sandbox.close();
    const attempts = (await Promise.all(outcomes)).map((outcome) => outcome.attempts);
    t.strictSame(attempts, [...Array(8).fill(1), ...Array(12).fill(0)]);
  });

  await t.test('end with the function', async (t) => {
    const { sandbox } = await start(t);
    addExecutionRole(sandbox, 'failing');
    await createFunction(sandbox, 'failing', failing);
    sandbox.state.delays.invocationRetry = 20;
    sandbox.state.iam.roles.delete('failing');
    const outcome = sandbox.state.enqueue('failing', {});
    sandbox.state.lambda.functions.delete('failing');
    t.same(await outcome, { outcome: 'function missing', attempts: 1 });
  });
});
