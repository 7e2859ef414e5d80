/**
 * A scenario on the embedded AWS: mail is put as SES does, the clock is moved step by step, and the deployed function runs.
 */
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { INBOUND_PREFIX, routedKey } from '../../../../handler/mail/address.js';
import type { Aws } from '../../../../src/aws/clients.js';
import { type DemoMessage, deliver } from '../../../../src/commands/demo/mail.js';
import { signupAddress } from '../../../../src/mailbox/index.js';
import type { Sandbox } from '../../../../src/sandbox/index.js';
import { addressedTo } from '../../../support/signup-mail.js';
import { timesOf } from '../figures.js';
import type { FaultKind } from '../model/faults.js';
import type { Quantities } from './compare.js';
import { type Scenario, step } from './scenarios.js';

/** A stack on the embedded AWS, and the clock that it was started with. */
export interface Stack {
  sandbox: Sandbox;
  aws: Aws;
  bucket: string;
  clock: { now: number };
}

const functionName = 'agentkeys-ses-routing';

/** How long mail that is not routed is waited for after the last fault; steps. */
const longestWait = 12;

/** @param raw a message of fixtures/signups */
export async function onEmbedded(stack: Stack, scenario: Scenario, raw: string): Promise<Quantities> {
  const { sandbox, aws, clock } = stack;
  const { arrivals, faults, reservedConcurrency } = scenario;
  const began = clock.now;
  const callsBefore = sandbox.calls.length;
  if (reservedConcurrency !== undefined) await reserve(aws, reservedConcurrency);
  const end = Math.max(...arrivals, ...faults.map(({ to }) => to)) + longestWait * step;
  let broken: FaultKind | undefined;
  let repair = async () => {};
  let put = 0;
  for (let at = 0; at <= end; at += step) {
    clock.now = began + at * 1_000;
    const kind = faults.find(({ from, to }) => from <= at && at < to)?.kind;
    if (kind !== broken) {
      await repair();
      repair = kind === undefined ? async () => {} : await inject(stack, kind);
      broken = kind;
    }
    // What has become visible in the queue comes before new mail.
    await sandbox.settled();
    const due = arrivals.slice(put).filter((arrival) => arrival === at).length;
    await putMail(stack, put, due, raw);
    put += due;
    await sandbox.settled();
  }
  return quantities(stack, scenario, began, callsBefore);
}

const walletOf = (mail: number) => `0x${mail.toString(16).padStart(40, '0')}`;

const idOf = (mail: number) => `scale${mail.toString(36).padStart(35, '0')}`;

function messageOf(mail: number, raw: string): DemoMessage {
  const address = signupAddress({ wallet: walletOf(mail) });
  return {
    file: '',
    about: '',
    key: INBOUND_PREFIX + idOf(mail),
    raw: Buffer.from(addressedTo(address, raw), 'latin1'),
  };
}

/** Puts messages, one after the other. */
export async function putMail({ aws, bucket }: Stack, from: number, count: number, raw: string): Promise<void> {
  await deliver(
    aws,
    bucket,
    Array.from({ length: count }, (_, index) => messageOf(from + index, raw)),
  );
}

/** Has S3 tell of many messages in one moment, without a request for each. @returns when, milliseconds since 1970 */
export function putAtOnce({ sandbox, bucket: name }: Stack, from: number, count: number, raw: string): number {
  const { state } = sandbox;
  const bucket = state.s3.buckets.get(name);
  if (bucket === undefined) throw new Error(`There is no bucket ${name}.`);
  const modified = new Date(state.now());
  const messages = Array.from({ length: count }, (_, index) => messageOf(from + index, raw));
  for (const { key, raw: body } of messages) {
    const object = {
      body,
      etag: `"${key}"`,
      modified,
      contentType: 'binary/octet-stream',
      metadata: {},
      tags: new Map(),
    };
    bucket.objects.set(key, object);
  }
  for (const { key } of messages) state.objectCreated(bucket, key, 'PutObject', 'ses.amazonaws.com', '127.0.0.1');
  return modified.getTime();
}

/** When each copy was made, milliseconds since 1970, by the account's clock; NaN where there is none. */
export function copyTimes({ sandbox, bucket }: Stack, from: number, count: number): number[] {
  const objects = sandbox.state.s3.buckets.get(bucket)?.objects;
  return Array.from({ length: count }, (_, index) => {
    const mail = from + index;
    return objects?.get(routedKey(walletOf(mail), idOf(mail)))?.modified.getTime() ?? Number.NaN;
  });
}

/** Sets the function's reserved concurrency, or removes it. */
export async function reserve({ lambda }: Aws, ReservedConcurrentExecutions: number | undefined): Promise<void> {
  const FunctionName = functionName;
  await (ReservedConcurrentExecutions === undefined
    ? lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
    : lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions })));
}

/** Breaks something. @returns what repairs it */
async function inject({ sandbox, aws }: Stack, kind: FaultKind): Promise<() => Promise<void>> {
  const fn = sandbox.state.lambda.functions.get(functionName);
  if (fn === undefined) throw new Error('The function is not deployed.');
  if (kind === 'permission') {
    const statements = fn.policy;
    fn.policy = [];
    return async () => {
      fn.policy = statements;
    };
  }
  if (kind === 'role') {
    const policy = { RoleName: String(fn.roleArn.split('/').at(-1)), PolicyName: 'denied' };
    const Statement = { Effect: 'Deny', Action: 's3:*', Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await aws.iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
    return async () => void (await aws.iam.send(new DeleteRolePolicyCommand(policy)));
  }
  if (kind === 's3') {
    const ofTheFunction = ['GetObject', 'CopyObject', 'ListObjectsV2'];
    const restore = sandbox.intercept(({ operation }) =>
      ofTheFunction.includes(operation) ? { kind: 'refuse', code: 'ServiceUnavailable', status: 503 } : undefined,
    );
    return async () => restore();
  }
  if (kind === 'throttled') {
    await reserve(aws, 0);
    return () => reserve(aws, undefined);
  }
  throw new Error(`The embedded AWS has no fault like this: ${kind}.`);
}

function quantities(stack: Stack, scenario: Scenario, began: number, callsBefore: number): Quantities {
  const { sandbox } = stack;
  const { state } = sandbox;
  const copiedAt = copyTimes(stack, 0, scenario.arrivals.length).map((time) => (time - began) / 1_000);
  const routed = copiedAt.filter((at) => !Number.isNaN(at)).length;
  const ofTheFunction = sandbox.calls.slice(callsBefore).filter(({ caller }) => caller?.includes(':assumed-role/'));
  const calls = (name: string) => ofTheFunction.filter(({ operation }) => operation === name).length;
  const sum = (namespace: string, name: string, dimensions: Record<string, string>) =>
    state.metrics
      .between({ namespace, name, dimensions }, 0, Number.POSITIVE_INFINITY)
      .reduce((total, [, statistics]) => total + statistics.sum, 0);
  const dropped = sum('AWS/Lambda', 'AsyncEventsDropped', { FunctionName: functionName });
  const [RuleName = ''] = state.events.rules.keys();
  const undelivered = sum('AWS/Events', 'InvocationsSentToDlq', { RuleName });
  return {
    routed,
    left: scenario.arrivals.length - routed,
    attempts: triedMessages(sandbox),
    runs: sum('AWS/Lambda', 'Invocations', { FunctionName: functionName }),
    gets: calls('GetObject'),
    copies: calls('CopyObject'),
    lists: calls('ListObjectsV2'),
    // Both count an event that goes to a queue; without one, it is dropped.
    queued: scenario.retryQueue ? dropped + undelivered : 0,
    ...timesOf({ arrived: scenario.arrivals, routed: copiedAt }),
  };
}

/** The function's log has a line for each message that it tried. */
function triedMessages({ state }: Sandbox): number {
  const streams = state.logs.groups.get(`/aws/lambda/${functionName}`)?.streams.values() ?? [];
  const lines = [...streams].flat().filter(({ message }) => message.startsWith('{'));
  return lines.filter(({ message }) => JSON.parse(message).key?.startsWith(INBOUND_PREFIX)).length;
}
