/**
 * The status as the document that `--json` prints. Pure.
 */
import { asTime } from '../../terminal/text.js';
import type { Attempt } from './attempt.js';
import { driftOf } from './drift.js';
import type { LastDay } from './metrics.js';
import type { Status } from './report.js';
import type { Failure, Retries } from './retries.js';
import type { StatusDocument } from './schema.js';

export function statusAsJson(status: Status): StatusDocument {
  const { header, resources, services, code, mail, eventBridge, retries, lastDay, alarms, next, at } = status;
  const newest = (one: Attempt<Date | undefined>) => {
    if ('unknown' in one) return one;
    return one.value === undefined ? null : { at: asTime(one.value), ageSeconds: secondsSince(one.value, at) };
  };
  const { how, ...known } = code.deployed;
  return {
    version: 1,
    outcome: driftOf(resources).length === 0 ? 'in sync' : 'drifted',
    at: asTime(at),
    header,
    function: { deployed: how, ...known, here: code.here, ...modified(code) },
    resources: resources.map(({ lastModified, ...one }) => ({ ...one, ...modified({ lastModified }) })),
    ...(services === undefined
      ? {}
      : { services: services.map(({ termsReviewed = null, ...one }) => ({ ...one, termsReviewed })) }),
    ...(mail === undefined ? {} : { mail: { inbound: newest(mail.inbound), routed: newest(mail.routed) } }),
    eventBridge: {
      on: eventBridge.on,
      otherDestinations: eventBridge.others,
      ...(eventBridge.since === undefined ? {} : { since: asTime(eventBridge.since) }),
    },
    alarms: 'unknown' in alarms ? alarms : alarms.value,
    retryQueue: retries === undefined ? null : retriesAsJson(retries),
    notLookedAt: status.notLookedAt,
    last24Hours: 'unknown' in lastDay ? lastDay : dayAsJson(lastDay.value),
    ...(next === undefined ? {} : { next }),
  };
}

function modified({ lastModified }: { lastModified?: Date | undefined }): { lastModified?: string } {
  return lastModified === undefined ? {} : { lastModified: asTime(lastModified) };
}

/** Whole seconds; a time in the future, from a clock that is ahead, counts as now. */
function secondsSince(time: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - time.getTime()) / 1_000));
}

function retriesAsJson({ waiting, why }: Retries): StatusDocument['retryQueue'] {
  const known = { waiting: 'unknown' in waiting ? waiting : waiting.value };
  if (why === undefined) return known;
  const { oldest, lastFailure } = why;
  return {
    ...known,
    oldestSeconds: 'unknown' in oldest ? oldest : Math.floor(oldest.value),
    lastFailure: 'unknown' in lastFailure ? lastFailure : failureAsJson(lastFailure.value),
  };
}

function failureAsJson(failure: Failure | undefined): { at: string; reason: string } | null {
  return failure === undefined ? null : { at: asTime(failure.at), reason: failure.reason };
}

function dayAsJson({ since, counts, queued, dropped, hours }: LastDay): StatusDocument['last24Hours'] {
  const { invocations, errors, throttled, routed, stayed, failed } = counts;
  return {
    since: asTime(since),
    invocations,
    errors,
    throttled,
    routed,
    stayed,
    failed,
    queued,
    dropped: dropped?.events ?? 0,
    hours: hours.map(({ from, mail = null }) => ({ from: asTime(from), mail })),
    ...(dropped === undefined ? {} : { firstDroppedInHourFrom: asTime(dropped.firstHour) }),
  };
}
