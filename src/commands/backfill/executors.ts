/**
 * The two executors of a backfill: this machine, and the deployed function.
 */
import { GetFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { batchOf, LARGEST_BATCH, LONGEST_KEY } from '../../../handler/event.js';
import { S3CallError } from '../../../handler/failure.js';
import { routedKey, routedPrefix } from '../../../handler/mail/address.js';
import { readAndDecide } from '../../../handler/read.js';
import { type Message, route } from '../../../handler/route.js';
import type { RoutingSettings } from '../../../handler/settings.js';
import { ifExists, OperatorError, statusOf } from '../../aws/errors.js';
import { differences } from '../../reconcile/plan.js';
import { environment } from '../../stack/resources/function/changes.js';
import { bucketOfFunction, forAnotherBucket } from '../../stack/resources/stack/ownership.js';
import type { Scope } from '../../stack/scope.js';
import { routingSettings } from '../shared/routing-settings.js';

/** A message, and a folder that it would be copied to. */
export interface Sample {
  key: string;
  to: string;
}

/** The outcome of a message. */
export interface MessageOutcome {
  /** The label that the summary counts: `routed`. */
  outcome: string;
  /** Where it would be copied to; in a dry run. */
  sample?: Sample;
  /** Whether it was deleted from `inbound/`; in a dry run, whether it would be. */
  deleted?: boolean;
}

/** Routes batches of messages. */
export interface Executor {
  /** Messages per batch. */
  size: number;
  /** Default number of batches in parallel. */
  concurrency: number;
  /** Routes a batch. @throws when the batch as a whole failed. */
  routeBatch(messages: Message[]): Promise<MessageOutcome[]>;
}

/**
 * This machine reads and decides; S3 copies.
 *
 * Enough in parallel to be limited by this machine, not by S3's latency: a message takes two calls.
 */
export function here(scope: Scope, dryRun: boolean): Executor {
  const settings = routingSettings(scope);
  const process = dryRun ? preview : routeOne;
  return {
    size: 1,
    concurrency: 64,
    routeBatch: (messages) => Promise.all(messages.map((message) => process(message, scope, settings))),
  };
}

/**
 * A note if the deployed function routes another bucket's mail: this machine routes the mail of the bucket all the same, once, as after
 * a move.
 *
 * @returns undefined if there is nothing to note.
 */
export async function noteOnBucket({ aws, names }: Scope): Promise<string | undefined> {
  const { functionName: FunctionName, bucket } = names;
  try {
    const found = await ifExists(aws.lambda.send(new GetFunctionCommand({ FunctionName })));
    const served = bucketOfFunction(found?.Configuration, bucket);
    return served === undefined
      ? undefined
      : `The function ${FunctionName} routes the mail of the bucket ${served}, not of ${bucket}: this backfill routes what is in the latter now, and new mail there stays in inbound/.`;
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    return `Whether the function ${FunctionName} routes the mail of ${bucket} is unknown: AWS denied lambda:GetFunction.`;
  }
}

async function routeOne(message: Message, { aws }: Scope, settings: RoutingSettings): Promise<MessageOutcome> {
  const outcome = await route(aws.s3, message, settings);
  const deleted = outcome.deleted === true;
  return { outcome: outcome.outcome === 'routed' ? 'routed' : `stays: ${outcome.reason}`, deleted };
}

async function preview(
  { key, messageId }: Message,
  { aws }: Scope,
  settings: RoutingSettings,
): Promise<MessageOutcome> {
  const read = await readAndDecide(aws.s3, key, settings).catch((error) => {
    // Deleted since it was listed: the same outcome as in routing.
    if (!(error instanceof S3CallError && error.code === 'NoSuchKey')) throw error;
  });
  if (read === undefined) return { outcome: 'stays: gone' };
  const { decision } = read;
  if (decision.kind === 'stay') return { outcome: `stays: ${decision.reason}` };
  const { wallets, by } = decision;
  const keys = wallets.map((wallet) => routedKey(wallet, messageId));
  if (keys.some((to) => Buffer.byteLength(to) > LONGEST_KEY)) return { outcome: 'stays: key-too-long' };
  const deleted = settings.deleteSource && by === 'envelope';
  const copies = await Promise.all(keys.map((to) => exists(to, aws, settings)));
  const missing = wallets.find((_, index) => copies[index] === false);
  if (missing === undefined) return { outcome: 'stays: already-routed', deleted };
  return { outcome: 'to be routed', sample: { key, to: routedPrefix(missing) }, deleted };
}

/** Checked by listing, which needs no permission to read routed mail. */
async function exists(key: string, { s3 }: Scope['aws'], { bucket, accountId }: RoutingSettings): Promise<boolean> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1, ExpectedBucketOwner: accountId }),
  );
  return Contents.some(({ Key }) => Key === key);
}

/**
 * The deployed function, invoked asynchronously with batches: this machine only lists.
 *
 * Few in parallel: Lambda accepts each invocation at once, it runs for about a second, and the account's concurrency is shared. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 *
 * @throws OperatorError when the function does not exist, or its code or settings differ from this version's.
 */
export async function byFunction(scope: Scope, dryRun: boolean): Promise<Executor> {
  await refuseDifferentFunction(scope);
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

/** An older function would reject the batches unseen; one with other settings would route other mail. */
async function refuseDifferentFunction(scope: Scope): Promise<void> {
  const { aws, names, code } = scope;
  const found = await ifExists(aws.lambda.send(new GetFunctionCommand({ FunctionName: names.functionName })));
  if (found === undefined) throw new OperatorError(`The function ${names.functionName} does not exist. Deploy first.`);
  const { CodeSha256, Environment } = { ...found.Configuration };
  const served = bucketOfFunction(found.Configuration, names.bucket);
  if (served !== undefined)
    throw new OperatorError(
      `The function ${names.functionName} routes the mail of the bucket ${served}, and these settings name ${names.bucket}. ${forAnotherBucket(served)} No messages were handed over.`,
    );
  const differs = [
    ...(CodeSha256 === code.codeSha256 ? [] : ['code']),
    ...differences({ ...Environment?.Variables }, environment(scope)).map(({ field }) => field),
  ];
  if (differs.length > 0)
    throw new OperatorError(
      `The function ${names.functionName} differs from what this version deploys with these settings (${differs.join(', ')}). Deploy first, or omit --via lambda. No messages were handed over.`,
    );
}
