/**
 * What the tests of the embedded AWS share: an account, its clients, roles and users put straight into it, tiny functions.
 */
import { existsSync } from 'node:fs';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { ZipArchive } from 'archiver';
import type { Statement } from '../../src/policy/document.js';
import { createAccessKey, uniqueId } from '../../src/sandbox/access/callers.js';
import type { Role } from '../../src/sandbox/account/state.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js';

/** A sandbox that closes with the test, unless the test has closed it. */
export async function account(
  t: { teardown(end: () => Promise<void>): unknown },
  options: SandboxOptions = {},
): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  t.teardown(async () => {
    if (!sandbox.state.closing.aborted) await sandbox.close();
  });
  return sandbox;
}

type Credentials = Sandbox['administrator'];

/** Clients that try once: a refusal is what the test wants to see. */
export function clients(sandbox: Sandbox, credentials: Credentials = sandbox.administrator) {
  const options = { endpoint: sandbox.endpoint, region: sandbox.region, credentials, maxAttempts: 1 };
  return {
    lambda: new LambdaClient(options),
    events: new EventBridgeClient(options),
    logs: new CloudWatchLogsClient(options),
    cloudwatch: new CloudWatchClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
  };
}

const document = (statements: Statement[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

export const trustLambda: Statement = {
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
};

/** Puts a role into the account; again under the same name, it is another role. */
export function putRole(
  sandbox: Sandbox,
  name: string,
  allowed: Statement[] = [],
  trust: Statement = trustLambda,
): Role {
  const { state } = sandbox;
  const role: Role = {
    name,
    path: '/',
    id: uniqueId('AROA'),
    arn: `arn:aws:iam::${sandbox.account}:role/${name}`,
    created: new Date(state.now()),
    maxSessionDuration: 3600,
    trust: document([trust]),
    inline: new Map(allowed.length > 0 ? [['inline', document(allowed)]] : []),
    attached: new Set(),
    tags: new Map(),
  };
  state.iam.roles.set(name, role);
  return role;
}

/** A user who may do what the statements say, by its access key. */
export function putUser(sandbox: Sandbox, name: string, statements: Statement[]): Credentials {
  sandbox.state.iam.users.set(name, {
    name,
    id: uniqueId('AIDA'),
    arn: `arn:aws:iam::${sandbox.account}:user/${name}`,
    created: new Date(sandbox.state.now()),
    inline: new Map([['inline', document(statements)]]),
    attached: new Set(),
    tags: new Map(),
  });
  const key = createAccessKey(sandbox.state, name);
  return { accessKeyId: key.id, secretAccessKey: key.secret };
}

/** A zip of some files, by name. */
export async function zipped(files: Record<string, string>, deflate = false): Promise<Buffer> {
  const archive = new ZipArchive({ store: !deflate });
  for (const [name, text] of Object.entries(files)) archive.append(text, { name });
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Creates a function, whose role has to be there, and waits for nothing. @param code index.mjs */
export async function createFunction(
  sandbox: Sandbox,
  name: string,
  code: string,
  input: Partial<CreateFunctionCommandInput> = {},
): Promise<void> {
  await clients(sandbox).lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: `arn:aws:iam::${sandbox.account}:role/${name}`,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: await zipped({ 'index.mjs': code }) },
      ...input,
    }),
  );
}

/** Invokes a function, and reads what the answer says. */
export async function invoke(sandbox: Sandbox, name: string, input: Partial<InvokeCommandInput> = {}) {
  const answer = await clients(sandbox).lambda.send(
    new InvokeCommand({ FunctionName: name, LogType: 'Tail', ...input }),
  );
  const text = answer.Payload?.transformToString() ?? '';
  return {
    status: answer.StatusCode,
    error: answer.FunctionError,
    version: answer.ExecutedVersion,
    payload: text === '' ? undefined : JSON.parse(text),
    log: Buffer.from(answer.LogResult ?? '', 'base64')
      .toString()
      .split('\n'),
  };
}

interface Fails {
  fail(message: string): unknown;
}

/** Waits for something, at most five seconds. */
export async function until(t: Fails, holds: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 5000; !holds(); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (Date.now() > deadline) return void t.fail(`not within 5 s: ${what}`);
  }
}

/** Waits until a process is no more. */
export const ended = (t: Fails, pid: number): Promise<void> =>
  until(t, () => !existsSync(`/proc/${pid}`), `process ${pid} has ended`);

/** The code of a function that answers its process. */
export const pid = 'export const handler = async () => process.pid;';

/** A role's leave to write logs. */
export const logging: Statement = {
  Effect: 'Allow',
  Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '*',
};
