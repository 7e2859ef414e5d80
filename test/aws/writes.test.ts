/**
 * Every write sends the call that it is named after; a response with status 200 can still be a failure.
 */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutFunctionEventInvokeConfigCommand } from '@aws-sdk/client-lambda';
import t, { type Test } from 'tap';
import { type Aws, createAws } from '../../src/aws/clients.js';
import { isRace } from '../../src/aws/errors.js';
import { send, type Write } from '../../src/aws/writes.js';
import { zip } from '../../src/package/zip.js';
import { startOperator } from '../support/operator.js';

const account = '111122223333';
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});
const RoleName = 'a-role';
const FunctionName = 'a-function';
const functionArn = `arn:aws:lambda:us-east-1:${account}:function:${FunctionName}`;
const ResourceARN = `arn:aws:events:us-east-1:${account}:rule/a-rule`;
const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const Tags = [{ Key: 'a', Value: '1' }];

/** A life cycle in which each call occurs once. */
async function everyWrite(): Promise<Write[]> {
  const ZipFile = await zip({ 'index.js': Buffer.from('exports.handler = async () => {};') });
  return [
    { call: 'logs:CreateLogGroup', input: { logGroupName: '/a/group' } },
    { call: 'logs:PutRetentionPolicy', input: { logGroupName: '/a/group', retentionInDays: 30 } },
    {
      call: 'logs:TagResource',
      input: { resourceArn: `arn:aws:logs:us-east-1:${account}:log-group:/a/group`, tags: { a: '1' } },
    },
    { call: 'iam:CreateRole', input: { RoleName, AssumeRolePolicyDocument: trust } },
    { call: 'iam:UpdateAssumeRolePolicy', input: { RoleName, PolicyDocument: trust } },
    { call: 'iam:PutRolePermissionsBoundary', input: { RoleName, PermissionsBoundary: PolicyArn } },
    { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName: 'inline', PolicyDocument: document } },
    { call: 'iam:AttachRolePolicy', input: { RoleName, PolicyArn } },
    { call: 'iam:TagRole', input: { RoleName, Tags } },
    { call: 'iam:CreatePolicy', input: { PolicyName: 'saved', PolicyDocument: document } },
    {
      call: 'lambda:CreateFunction',
      input: {
        FunctionName,
        Role: `arn:aws:iam::${account}:role/${RoleName}`,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile },
      },
    },
    { call: 'lambda:UpdateFunctionCode', input: { FunctionName, ZipFile } },
    { call: 'lambda:UpdateFunctionConfiguration', input: { FunctionName, MemorySize: 512 } },
    { call: 'lambda:TagResource', input: { Resource: functionArn, Tags: { a: '1' } } },
    { call: 'lambda:UpdateFunctionEventInvokeConfig', input: { FunctionName, MaximumRetryAttempts: 1 } },
    { call: 'lambda:PutFunctionConcurrency', input: { FunctionName, ReservedConcurrentExecutions: 5 } },
    {
      call: 'lambda:AddPermission',
      input: {
        FunctionName,
        StatementId: 'a-statement',
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
      },
    },
    { call: 'lambda:RemovePermission', input: { FunctionName, StatementId: 'a-statement' } },
    { call: 'lambda:DeleteFunction', input: { FunctionName } },
    { call: 'events:PutRule', input: { Name: 'a-rule', EventPattern: '{"source":["aws.s3"]}' } },
    { call: 'events:TagResource', input: { ResourceARN, Tags } },
    { call: 'events:PutTargets', input: { Rule: 'a-rule', Targets: [{ Id: 'a-target', Arn: functionArn }] } },
    { call: 'events:RemoveTargets', input: { Rule: 'a-rule', Ids: ['a-target'] } },
    { call: 'events:DeleteRule', input: { Name: 'a-rule' } },
    {
      call: 's3:PutBucketNotificationConfiguration',
      input: {
        Bucket: `agentkeys-mail-${account}`,
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      },
    },
    { call: 'iam:UntagRole', input: { RoleName, TagKeys: ['a'] } },
    { call: 'iam:DetachRolePolicy', input: { RoleName, PolicyArn } },
    { call: 'iam:DeleteRolePolicy', input: { RoleName, PolicyName: 'inline' } },
    { call: 'iam:DeleteRole', input: { RoleName } },
    { call: 'iam:DeletePolicy', input: { PolicyArn: `arn:aws:iam::${account}:policy/saved` } },
    { call: 'logs:DeleteLogGroup', input: { logGroupName: '/a/group' } },
  ];
}

t.test('each write sends the call that it is named after', async (t) => {
  const { aws, sandbox } = await startOperator(t);
  const writes = await everyWrite();
  const before = sandbox.calls.length;
  for (const write of writes) {
    // Update requires an existing configuration.
    if (write.call === 'lambda:UpdateFunctionEventInvokeConfig')
      await aws.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0 }));
    await send(aws, write);
  }
  const calls = sandbox.calls.slice(before).filter(({ operation }) => operation !== 'PutFunctionEventInvokeConfig');
  t.strictSame(
    calls.map(({ service, operation }) => `${service}:${operation}`),
    writes.map(({ call }) => call),
  );
  t.ok(calls.every(({ mutates }) => mutates));
});

t.test('a target that EventBridge rejects with status 200 is a failure', async (t) => {
  const { aws } = await startOperator(t);
  await send(aws, { call: 'events:PutRule', input: { Name: 'a-rule', EventPattern: '{"source":["aws.s3"]}' } });
  await t.rejects(
    send(aws, { call: 'events:PutTargets', input: { Rule: 'a-rule', Targets: [{ Id: 'a', Arn: 'nonsense' }] } }),
    {
      name: 'ValidationException',
      message:
        'EventBridge answered PutTargets with a failed entry: Parameter nonsense is not valid. Reason: Provided Arn is not in correct format.',
    },
  );
  const missing: unknown = await send(aws, {
    call: 'events:RemoveTargets',
    input: { Rule: 'a-rule', Ids: ['nobody'] },
  }).catch((error: unknown) => error);
  t.match(missing, { name: 'ResourceNotFoundException', message: /^EventBridge answered RemoveTargets/ });
  t.equal(isRace(missing), true, 'somebody removed it before us: that is read again, and done');
});

/** Clients of an endpoint that gives every request this answer. */
async function answering(t: Test, answer: RequestListener): Promise<Aws> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpointUrl = `http://127.0.0.1:${port}`;
  const aws = createAws({ region: 'us-east-1', endpointUrl, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  t.teardown(() => {
    aws.close();
    server.close();
  });
  return aws;
}

for (const answer of [{ FailedEntryCount: 1, FailedEntries: [{}] }, { FailedEntryCount: 1 }])
  t.test(`a failed entry without a reason is a failure: ${JSON.stringify(answer)}`, async (t) => {
    const aws = await answering(t, (_request, response) => response.writeHead(200).end(JSON.stringify(answer)));
    await t.rejects(send(aws, { call: 'events:RemoveTargets', input: { Rule: 'a-rule', Ids: ['a'] } }), {
      name: 'FailedEntry',
      message: 'EventBridge answered RemoveTargets with a failed entry: no message',
    });
  });

const wakeUps: Array<[status: number, code: string | undefined, fails: boolean]> = [
  [200, undefined, false],
  [409, 'ResourceConflictException', false],
  [502, 'ResourceNotReadyException', false],
  [403, 'AccessDeniedException', true],
];
for (const [status, code, fails] of wakeUps)
  t.test(`waking an idle function: ${code ?? 'it was active'}`, async (t) => {
    const headers = code === undefined ? {} : { 'x-amzn-errortype': code };
    const aws = await answering(t, (_request, response) => response.writeHead(status, headers).end('{}'));
    const sent = send(aws, { call: 'lambda:Invoke', input: { FunctionName: 'router' } });
    await (fails ? t.rejects(sent, { name: code }) : t.resolves(sent));
  });
