/** `status`: drift, the newest mail and the last day's metrics. Read-only. */

import type { Settings } from '../../settings/index.js';
import { type Observed, readStack } from '../../stack/index.js';
import { deadLetterQueueOf } from '../../stack/resources/retry/names.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asTime, number } from '../../terminal/text.js';
import { backfillCommand } from '../shared/backfill-command.js';
import { readAndPlan, withProgress } from '../shared/read-and-plan.js';
import { type CurrentStep, defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { alarmsOf } from './alarms.js';
import { type Attempt, attempt } from './attempt.js';
import { driftOf, statesOf } from './drift.js';
import { statusAsJson } from './json.js';
import { newestMail } from './mail.js';
import { type LastDay, lastDay, type QueueUse } from './metrics.js';
import { renderStatus } from './render.js';
import { codeOf, eventBridgeOf, notLookedAt, type Status, servicesRouted } from './report.js';
import { readRetries } from './retries.js';

export interface StatusOptions {
  /** Whether to find the newest mail, by listing all of it. */
  mail: boolean;
  runtime?: Runtime;
}

/**
 * @returns 0 when in sync; 2 when a deploy would change something.
 * @throws OperatorError or the SDK's own errors when the stack can't be read; anything else that can't be read is shown as unknown.
 */
export function status(
  settings: Settings,
  host: Host,
  { mail, runtime = defaultRuntime }: StatusOptions,
): Promise<number> {
  return withScope(settings, host, { ...runtime, read: readStack }, async (scope, current, readAhead) => {
    const found = await readStatus(host, scope, current, mail, readAhead);
    if (settings.json) host.print(JSON.stringify(statusAsJson(found), null, 2));
    else
      for (const line of renderStatus(found, host.paint, host.width, host.onTerminal ? host : undefined))
        host.print(line);
    return driftOf(found.resources).length === 0 ? 0 : 2;
  });
}

/**
 * Reads the whole report.
 *
 * @param mail whether to find the newest mail.
 * @param readAhead see {@link readAndPlan}.
 */
export async function readStatus(
  host: Host,
  scope: Scope,
  current: CurrentStep,
  mail: boolean,
  readAhead?: Promise<Observed>,
): Promise<Status> {
  const { settings } = scope;
  const { observed, plan } = await readAndPlan('deploy', host, scope, current, readAhead);
  const [newest, day, retries] = await withProgress(
    host,
    mail ? 'Read the mail and the metrics' : 'Read the metrics',
    current,
    (step) => {
      const listed = (objects: number) => step.progress(() => `${number(objects)} objects listed`);
      return Promise.all([
        mail ? newestMail(scope, listed) : undefined,
        attempt(lastDay(scope, queueUseOf(observed, scope)), settings),
        readRetries(observed, scope),
      ]);
    },
  );
  scope.signal.throwIfAborted();
  const next = backfillOfDropped(day, scope);
  const code = codeOf(observed, scope);
  const services = servicesRouted(observed);
  return {
    header: plan.header,
    code,
    resources: statesOf(plan, code.lastModified),
    ...(services === undefined ? {} : { services }),
    ...(newest === undefined ? {} : { mail: newest }),
    eventBridge: eventBridgeOf(observed),
    ...(retries === undefined ? {} : { retries }),
    lastDay: day,
    alarms: alarmsOf(observed),
    functionName: scope.names.functionName,
    notLookedAt: notLookedAt(settings, mail),
    ...(next === undefined ? {} : { next }),
    at: new Date(scope.clock.now()),
  };
}

/** Which of the events that failed the retry queue gets. */
function queueUseOf({ retryQueue, retrySource, rule }: Observed, { names }: Scope): QueueUse {
  const created = Number(retryQueue?.attributes.CreatedTimestamp) * 1_000;
  return {
    ofTarget: deadLetterQueueOf(rule) === names.retryQueueArn,
    ...(retrySource?.onFailure === names.retryQueueArn ? { ofFunctionSince: created } : {}),
  };
}

/** The command that routes the mail of dropped events, if there are any. */
function backfillOfDropped(day: Attempt<LastDay>, scope: Scope): string | undefined {
  if ('unknown' in day || day.value.dropped === undefined) return undefined;
  return backfillCommand(scope, { '--since': asTime(day.value.dropped.storedSince) });
}
