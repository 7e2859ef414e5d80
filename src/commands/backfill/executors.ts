/**
 * The two ways in which mail that is already there is routed: here, and by the deployed function.
 */
import { GetFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { batchOf, LARGEST_BATCH } from '../../../handler/event.js';
import { S3CallError } from '../../../handler/failure.js';
import { routedKey, routedPrefix } from '../../../handler/mail/address.js';
import { readAndDecide } from '../../../handler/read.js';
import { type Message, route } from '../../../handler/route.js';
import type { RoutingSettings } from '../../../handler/settings.js';
import { ifExists, OperatorError } from '../../aws/errors.js';
import { differences } from '../../reconcile/plan.js';
import { environment } from '../../stack/resources/function/changes.js';
import type { Scope } from '../../stack/scope.js';

/** A message, and a folder that it would be copied to. */
export interface Sample {
  key: string;
  to: string;
}

/** What became of a message. */
export interface MessageOutcome {
  /** In a word or two, as the summary counts them: `routed`. */
  outcome: string;
  /** Where it would go; of what is only looked at. */
  sample?: Sample;
}

/** How messages are dealt with. */
export interface Executor {
  /** How many messages make a batch. */
  size: number;
  /** How many batches are worked on at a time, unless the operator says otherwise. */
  concurrency: number;
  /** Deals with a batch. @throws when it failed, as a whole. */
  routeBatch(messages: Message[]): Promise<MessageOutcome[]>;
}

/**
 * Here: this machine reads and decides, S3 copies.
 *
 * Enough at a time to be limited by this machine, not by S3's latency: a message takes two calls.
 */
export function here(scope: Scope, dryRun: boolean): Executor {
  const settings = routingSettings(scope);
  const treatOne = dryRun ? look : routeOne;
  return {
    size: 1,
    concurrency: 64,
    routeBatch: (messages) => Promise.all(messages.map((message) => treatOne(message, scope, settings))),
  };
}

/** What the function goes by, from the settings that a deploy gives it. */
function routingSettings({ names, identity, settings }: Scope): RoutingSettings {
  return {
    bucket: names.bucket,
    accountId: identity.account,
    mailDomain: settings.mailDomain ?? '',
    prefixes: settings.prefixes,
    deleteSource: settings.deleteSource,
    logLevel: 'info',
  };
}

async function routeOne(message: Message, { aws }: Scope, settings: RoutingSettings): Promise<MessageOutcome> {
  const outcome = await route(aws.s3, message, settings);
  return { outcome: outcome.outcome === 'routed' ? 'routed' : `stays: ${outcome.reason}` };
}

async function look({ key, messageId }: Message, { aws }: Scope, settings: RoutingSettings): Promise<MessageOutcome> {
  const read = await readAndDecide(aws.s3, key, settings).catch((error) => {
    // Deleted since it was listed, as the routing has it.
    if (!(error instanceof S3CallError && error.code === 'NoSuchKey')) throw error;
  });
  if (read === undefined) return { outcome: 'stays: gone' };
  const { decision } = read;
  if (decision.kind === 'stay') return { outcome: `stays: ${decision.reason}` };
  const { wallets } = decision;
  const there = await Promise.all(wallets.map((wallet) => exists(routedKey(wallet, messageId), aws, settings)));
  const missing = wallets.find((_, index) => there[index] === false);
  if (missing === undefined) return { outcome: 'stays: already-routed' };
  return { outcome: 'to be routed', sample: { key, to: routedPrefix(missing) } };
}

/** Looked for by listing: whoever looks needs no permission to read what was routed. */
async function exists(key: string, { s3 }: Scope['aws'], { bucket, accountId }: RoutingSettings): Promise<boolean> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1, ExpectedBucketOwner: accountId }),
  );
  return Contents.some(({ Key }) => Key === key);
}

/**
 * By the deployed function, invoked asynchronously with batches: this machine only lists.
 *
 * Few at a time: each invocation is taken at once and takes about a second of the function, and the account's concurrent executions
 * are everybody's. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 *
 * @throws OperatorError when there is no such function, or it would not do what this version with these settings does.
 */
export async function byFunction(scope: Scope, dryRun: boolean): Promise<Executor> {
  await refuseAnother(scope);
  const { aws, names } = scope;
  return {
    size: LARGEST_BATCH,
    concurrency: 8,
    async routeBatch(messages) {
      if (dryRun) return messages.map(() => ({ outcome: 'to be handed over' }));
      const keys = messages.map(({ key }) => key);
      await aws.lambda.send(
        new InvokeCommand({
          FunctionName: names.functionName,
          InvocationType: 'Event',
          Payload: JSON.stringify(batchOf(names.bucket, keys)),
        }),
      );
      return messages.map(() => ({ outcome: 'handed over' }));
    },
  };
}

/** An older function would refuse the batches where nobody sees it; one of other settings would route other mail than was asked for. */
async function refuseAnother(scope: Scope): Promise<void> {
  const { aws, names, code } = scope;
  const found = await ifExists(aws.lambda.send(new GetFunctionCommand({ FunctionName: names.functionName })));
  if (found === undefined)
    throw new OperatorError(`There is no function ${names.functionName} to hand the mail over to. Deploy first.`);
  const { CodeSha256, Environment } = { ...found.Configuration };
  const differs = [
    ...(CodeSha256 === code.codeSha256 ? [] : ['code']),
    ...differences({ ...Environment?.Variables }, environment(scope)).map(({ field }) => field),
  ];
  if (differs.length > 0)
    throw new OperatorError(
      `The function ${names.functionName} is not what this version deploys with these settings (${differs.join(', ')}). Deploy first, or leave --via lambda out. Nothing was handed over.`,
    );
}
