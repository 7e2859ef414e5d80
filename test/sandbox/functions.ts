/** Small Lambda functions for the tests of the embedded AWS. */
import { existsSync } from 'node:fs';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  type InvokeCommandInput,
} from '@aws-sdk/client-lambda';
import { ZipArchive } from 'archiver';
import type { Statement } from '../../src/policy/document.js';
import type { Role, Sandbox } from '../../src/sandbox/index.js';
import { addRole, clients, policy, trustService } from './support.js';

/** Adds a role that Lambda can assume. */
export function addExecutionRole(sandbox: Sandbox, name: string, statements: Statement[] = []): Role {
  return addRole(sandbox, name, policy(...statements), { trust: trustService('lambda.amazonaws.com') });
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

/** Creates a function; the role of the same name must exist. @param code the text of index.mjs */
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

/** Invokes a function and decodes the answer. */
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

/** Waits until a condition holds, at most five seconds. */
export async function until(t: Fails, holds: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 5000; !holds(); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (Date.now() > deadline) return void t.fail(`not within 5 s: ${what}`);
  }
}

/** Waits until a process has ended. */
export const ended = (t: Fails, pid: number): Promise<void> =>
  until(t, () => !existsSync(`/proc/${pid}`), `process ${pid} has ended`);

/** The code of a function that returns its process id. */
export const pid = 'export const handler = async () => process.pid;';

/** Allows a role to write logs. */
export const logging: Statement = {
  Effect: 'Allow',
  Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '*',
};
