/**
 * Prepares an account as deploy.sh does, the script that this tool replaces: the same calls with the same values.
 * https://github.com/litentry/agentKeys, infra/ses-routing-lambda/deploy.sh
 */

import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import {
  CopyObjectCommand,
  GetObjectCommand,
  PutBucketNotificationConfigurationCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Test } from 'tap';
import { type Aws, createAws } from '../../src/aws/clients.js';
import { zip } from '../../src/package/zip.js';
import { createSession, type FunctionState, type Sandbox } from '../../src/sandbox/index.js';

/** The names that the script uses. */
export const deployShNames = {
  role: 'agentkeys-ses-router-lambda-role',
  policy: 'agentkeys-ses-router-lambda-role-inline',
  function: 'agentkeys-ses-router',
  statement: 'agentkeys-ses-router-s3-invoke',
  notification: 'agentkeys-ses-router-inbound',
} as const;

/**
 * Makes the script's calls. Like the script, it replaces the bucket's whole notification configuration.
 *
 * @param aws clients of an administrator.
 * @param account twelve digits.
 * @param sleep the script's pauses: until the role can be assumed, and until the function is active; milliseconds.
 */
export async function runDeploySh(
  aws: Aws,
  { account, bucket }: { account: string; bucket: string },
  sleep: (milliseconds: number) => Promise<unknown> = async () => {},
): Promise<void> {
  const { role, policy, function: FunctionName, statement, notification } = deployShNames;
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const trust = [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }];
  const grants = [
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: `${bucketArn}/inbound/*` },
    { Effect: 'Allow', Action: ['s3:PutObject'], Resource: `${bucketArn}/bots/*/inbound/*` },
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: '*',
    },
  ];
  const { Role } = await aws.iam.send(
    new CreateRoleCommand({ RoleName: role, AssumeRolePolicyDocument: documentOf(trust) }),
  );
  await aws.iam.send(
    new PutRolePolicyCommand({ RoleName: role, PolicyName: policy, PolicyDocument: documentOf(grants) }),
  );
  await sleep(5_000);
  const { FunctionArn } = await aws.lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'python3.13',
      Role: Role?.Arn,
      Handler: 'handler.handler',
      MemorySize: 128,
      Timeout: 10,
      Code: { ZipFile: await zip({ 'handler.py': Buffer.from(handlerPy) }) },
    }),
  );
  await sleep(5_000);
  await aws.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 10 }));
  await aws.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: statement,
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      SourceArn: bucketArn,
      SourceAccount: account,
    }),
  );
  await aws.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: [
          {
            Id: notification,
            LambdaFunctionArn: FunctionArn,
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'inbound/' }] } },
          },
        ],
      },
    }),
  );
}

function documentOf(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** A placeholder for the script's code: the embedded AWS does not run Python. */
const handlerPy = 'def handler(event, context):\n    raise NotImplementedError\n';

/**
 * Replaces the script's Python, which the embedded AWS does not run: asynchronous invocations of a Python function are handled here, with
 * the permissions of its role. This project's own function is not affected.
 */
export function standInForPython(t: Test, { state, endpoint, region }: Sandbox): void {
  const { enqueue } = state;
  const sessions = new Map<string, Aws>();
  t.teardown(() => {
    for (const aws of sessions.values()) aws.close();
  });
  /** Clients with a session of the function's execution role. */
  const sessionOf = (fn: FunctionState): Aws | undefined => {
    const role = [...state.iam.roles.values()].find(({ arn }) => arn === fn.roleArn);
    if (role === undefined) return undefined;
    const open = sessions.get(role.id);
    if (open !== undefined) return open;
    const { id, secret, sessionToken } = createSession(state, role, { session: fn.name, durationSeconds: 12 * 3600 });
    const credentials = { accessKeyId: id, secretAccessKey: secret, sessionToken };
    const aws = createAws({ region, endpointUrl: endpoint, credentials });
    sessions.set(role.id, aws);
    return aws;
  };
  const work = async (name: string, payload: unknown) => {
    // The event is queued for a moment; the function may be deleted meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
    const fn = state.lambda.functions.get(name);
    if (fn === undefined) return { outcome: 'function missing' as const, attempts: 0 };
    const aws = sessionOf(fn);
    const { Records } = payload as { Records: S3Record[] };
    for (const { s3 } of Records) if (aws !== undefined) await routeAsScriptDoes(aws, s3.bucket.name, s3.object.key);
    return { outcome: 'invoked' as const, attempts: 1 };
  };
  state.enqueue = (name, payload) =>
    state.lambda.functions.get(name)?.runtime === 'python3.13'
      ? state.activity.track(`the stand-in for ${name}`, work(name, payload))
      : enqueue(name, payload);
}

interface S3Record {
  s3: { bucket: { name: string }; object: { key: string } };
}

/** Routes by the `To` header in the first 8 KiB, as the script does; it only logs a failure. */
async function routeAsScriptDoes({ s3 }: Aws, Bucket: string, Key: string): Promise<void> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-8191' }));
    const head = String(await Body?.transformToString());
    const [, wallet] = /^To:.*?\bor-(0x[0-9a-f]{40})-\d+@/im.exec(head) ?? [];
    if (wallet === undefined) return;
    const copy = `bots/${wallet.toLowerCase()}/${Key}`;
    await s3.send(new CopyObjectCommand({ Bucket, CopySource: `${Bucket}/${Key}`, Key: copy }));
  } catch (failure) {
    if (!(failure instanceof S3ServiceException)) throw failure;
  }
}
