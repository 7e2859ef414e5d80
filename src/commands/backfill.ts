/**
 * `backfill`: routes what is already in `inbound/`: mail from before the first deploy, or missed. What it does with a message is what
 * the function does with it, by the function's own code; a copy that exists is left.
 */
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { objectAt } from '../../handler/event.js';
import { causeOf } from '../../handler/failure.js';
import { INBOUND_PREFIX } from '../../handler/mail/address.js';
import { readAndDecide } from '../../handler/read.js';
import { type Message, route } from '../../handler/route.js';
import type { RoutingSettings } from '../../handler/settings.js';
import { explain, OperatorError } from '../aws/errors.js';
import type { Host } from '../host/host.js';
import type { Settings } from '../settings/index.js';
import type { Scope } from '../stack/scope.js';
import { type Ground, realGround, withScope } from './session.js';

export interface BackfillOptions {
  /** Only messages that SES stored at this time or later. */
  since?: Date;
  /** Count what would be routed; copy nothing. */
  dryRun: boolean;
  ground?: Ground;
}

/** How many messages are worked on at a time: enough to be limited by S3, not by its latency. */
const concurrency = 32;

/**
 * @returns 0; 130 after Ctrl-C; 1 when a message could not be routed: each is named, and waits in `inbound/` for the next run.
 */
export function backfill(
  settings: Settings,
  host: Host,
  { since, dryRun, ground = realGround }: BackfillOptions,
): Promise<number> {
  return withScope(settings, host, ground, async (scope) => {
    const step = host.step(dryRun ? 'Look through inbound/' : 'Route what is in inbound/');
    const outcomes = new Map<string, number>();
    const failures: string[] = [];
    const messages = list(scope, since);
    const routing = routingSettings(scope);
    const work = async () => {
      for await (const message of messages) {
        try {
          const outcome = await outcomeOf(message, scope, routing, dryRun);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        } catch (error) {
          failures.push(`${message.key}: ${explain(causeOf(error), settings.endpointUrl)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work)).catch((error) => {
      step.failed();
      const routed = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'none yet';
      throw new OperatorError(
        `${explain(error, settings.endpointUrl)} The listing of inbound/ stopped there (${routed}). Every message is where it was or routed; run the same command again.`,
        { cause: error },
      );
    });
    if (failures.length > 0) step.failed();
    else step.done();

    const counts = Object.fromEntries([...outcomes].sort());
    if (settings.json) host.print(JSON.stringify({ version: 1, dryRun, counts, failures }, null, 2));
    else {
      for (const [outcome, count] of Object.entries(counts)) host.print(`${String(count).padStart(7)}  ${outcome}`);
      if (outcomes.size === 0 && failures.length === 0) host.print('There is no such message in inbound/.');
    }
    if (scope.signal.aborted) {
      host.warn('Interrupted. What was routed stays routed; the same command goes on from there.');
      return 130;
    }
    for (const failure of failures) host.warn(`failed: ${failure}`);
    if (failures.length > 0) host.warn(`${failures.length} failed. They wait in inbound/; run the same command again.`);
    return failures.length > 0 ? 1 : 0;
  });
}

/** The messages under `inbound/`, page by page: memory stays flat. One generator serves all workers, each message goes to one. */
async function* list({ aws, names, identity, signal }: Scope, since: Date | undefined): AsyncGenerator<Message> {
  const pages = paginateListObjectsV2(
    { client: aws.s3 },
    { Bucket: names.bucket, Prefix: INBOUND_PREFIX, ExpectedBucketOwner: identity.account },
  );
  for await (const { Contents = [] } of pages)
    for (const { Key = '', LastModified } of Contents) {
      if (signal.aborted) return;
      const { key, messageId, skip } = objectAt(Key);
      const early = since !== undefined && LastModified !== undefined && LastModified < since;
      if (skip === undefined && !early) yield { key, messageId };
    }
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

async function outcomeOf(message: Message, { aws }: Scope, routing: RoutingSettings, dryRun: boolean): Promise<string> {
  if (dryRun) {
    const { decision } = await readAndDecide(aws.s3, message.key, routing);
    return decision.kind === 'route' ? 'to be routed, or routed already' : `stays: ${decision.reason}`;
  }
  const outcome = await route(aws.s3, message, routing);
  return outcome.outcome === 'routed' ? 'routed' : `stays: ${outcome.reason}`;
}
