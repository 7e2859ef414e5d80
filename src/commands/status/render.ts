/**
 * The status as lines of text. Pure.
 */
import type { Difference } from '../../reconcile/plan.js';
import { legible } from '../../reconcile/render.js';
import type { Paint, Tone } from '../../terminal/host.js';
import { asTime, duration, line, number, wrap } from '../../terminal/text.js';
import { alarmLines } from './alarms.js';
import type { Attempt } from './attempt.js';
import { type ChartLook, renderChart } from './chart.js';
import { driftOf, type ResourceState, type State } from './drift.js';
import type { Code, EventBridge, RoutedService, Status } from './report.js';
import type { Retries } from './retries.js';

type Chart = Pick<ChartLook, 'unicode'>;

const stateWidth = 10;
const kindWidth = 17;
const factWidth = 25;

const tones: Record<State, Tone> = {
  'in sync': 'quiet',
  drifted: 'change',
  missing: 'bad',
  foreign: 'ownership',
  obsolete: 'bad',
  note: 'notice',
};

/**
 * The lines, wrapped at `width`.
 *
 * @param width columns.
 * @param chart how the last day is drawn; by default, it is not.
 */
export function renderStatus(status: Status, paint: Paint, width: number, chart?: Chart): string[] {
  const { header, resources, services, mail, retries, at } = status;
  const fact = (name: string, text: string) => wrap(text, width, `  ${name}`.padEnd(factWidth), ' '.repeat(factWidth));
  const age = (newest: Attempt<Date | undefined>) =>
    'unknown' in newest ? unavailable(newest) : newest.value === undefined ? 'none yet' : ago(newest.value, at);
  return [
    `agentkeys-ses-routing in account ${header.account} (${header.partition}), region ${header.region}`,
    ...(header.stack === undefined ? [] : [`  stack     ${header.stack}`]),
    `  bucket    ${header.bucket}`,
    ...wrap(versionLine(status.code), width, '  version   ', '            '),
    '',
    ...resources.flatMap((one) => renderResource(one, at, paint, width)),
    '',
    ...(services === undefined ? [] : renderServices(services, fact)),
    'Mail',
    ...(mail === undefined
      ? []
      : [...fact('newest in inbound/', age(mail.inbound)), ...fact('newest routed copy', age(mail.routed))]),
    ...fact('EventBridge', eventBridgeLine(status.eventBridge)),
    ...retryLines(retries, at).flatMap((text, index) => fact(index === 0 ? 'retry queue' : '', text)),
    ...renderDay(status, paint, width, chart),
    'Alarms',
    ...alarmLines(status.alarms, status.functionName).flatMap(([name, text]) => fact(name, text)),
    '',
    ...wrap(`Not looked at: ${status.notLookedAt.join('; ')}.`, width, ''),
    '',
    ...renderOutcome(resources, paint, width),
  ];
}

function renderServices(services: RoutedService[], fact: (name: string, text: string) => string[]): string[] {
  return [
    'Services',
    ...(services.length === 0 ? ['  no service of the catalogue is routed'] : []),
    ...services.flatMap(({ service, prefix, termsReviewed }) =>
      fact(
        service,
        `${prefix}-0x…; ${termsReviewed === undefined ? 'no review of its terms is recorded' : `terms reviewed on ${termsReviewed}`}`,
      ),
    ),
    '',
  ];
}

export function unavailable({ unknown }: { unknown: string }): string {
  return `unknown: ${unknown}`;
}

/** `2 min ago, 2026-11-25T22:37:24Z`. A time in the future, from a clock that is ahead, counts as now. */
function ago(time: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - time.getTime()) / 1_000);
  return `${duration(seconds)} ago, ${asTime(time)}`;
}

export function versionLine({ deployed, here }: Code): string {
  switch (deployed.how) {
    case 'missing':
      return `not deployed; this version: ${here}`;
    case 'same':
      return `${deployed.version}, the same as this version`;
    case 'other':
      return `${deployed.version}; this version: ${here}`;
    case 'replaced':
      return `unknown: the code was replaced after ${deployed.version} was deployed; this version: ${here}`;
    case 'unknown':
      return `unknown: the code is not this version's, and has no version tag; this version: ${here}`;
  }
}

function renderResource(one: ResourceState, now: Date, paint: Paint, width: number): string[] {
  const { state, resource, name, note, differences, lastModified } = one;
  const head = `${state.padEnd(stateWidth)}${resource.padEnd(kindWidth)}${name}`;
  const under = ' '.repeat(stateWidth + 2);
  const lines = [
    ...(note === undefined ? [] : [note]),
    ...(state === 'foreign' ? ['not created by this tool (no tag); take it over with `deploy --adopt`'] : []),
    // Everything differs in a missing resource.
    ...(state === 'missing' ? [] : differences.map(differenceLine)),
    ...(lastModified === undefined ? [] : [`last modified ${ago(lastModified, now)}`]),
  ];
  return [paint(head, tones[state]), ...lines.flatMap((line) => wrap(line, width, under, `${under}  `))];
}

function differenceLine({ field, from, to }: Difference): string {
  if (from === undefined) return `${field}: not set, should be ${legible(String(to))}`;
  if (to === undefined) return `${field}: ${from}, should not be set`;
  return `${field}: ${from}, should be ${legible(to)}`;
}

function eventBridgeLine({ on, since, others }: EventBridge): string {
  if (!on) return `off: S3 sends it no events${others.length === 0 ? '' : `; S3 notifies ${others.join(', ')}`}`;
  return since === undefined ? 'on; the next deploy records since when' : `on since ${asTime(since)}`;
}

/** What the retry queue holds. */
function retryLines(retries: Retries | undefined, now: Date): string[] {
  if (retries === undefined) return ['none: the mail of events that fail waits in inbound/ for backfill'];
  const { waiting, why } = retries;
  if ('unknown' in waiting) return [unavailable(waiting)];
  const count = waiting.value;
  if (why === undefined) return ['empty'];
  const { oldest, lastFailure } = why;
  const age = 'unknown' in oldest ? unavailable(oldest) : duration(oldest.value);
  const last =
    'unknown' in lastFailure
      ? unavailable(lastFailure)
      : lastFailure.value === undefined
        ? 'none in the log'
        : `${line(lastFailure.value.reason)} (${ago(lastFailure.value.at, now)})`;
  return [
    `${number(count)} event${count === 1 ? ' waits' : 's wait'} to be retried`,
    `age of the oldest: ${age}`,
    `last failure: ${last}`,
  ];
}

function renderDay({ lastDay, next }: Status, paint: Paint, width: number, chart?: Chart): string[] {
  if ('unknown' in lastDay) return ['Last 24 hours', ...wrap(unavailable(lastDay), width, '  ')];
  const { since, counts, queued, dropped, hours } = lastDay.value;
  const droppedCount = `dropped ${number(dropped?.events ?? 0)}`;
  const cells = (names: Array<'invocations' | 'errors' | 'throttled' | 'routed' | 'stayed' | 'failed'>) =>
    names.map((name) => `${name} ${number(counts[name])}`).join('   ');
  return [
    `Last 24 hours (since ${asTime(since)})`,
    `  ${cells(['invocations', 'errors', 'throttled'])}   ${dropped === undefined ? droppedCount : paint(droppedCount, 'bad')}`,
    `  ${cells(['routed', 'stayed', 'failed'])}   queued ${number(queued)}`,
    ...(chart === undefined ? [] : renderChart(hours, { ...chart, paint, width })),
    ...(queued === 0
      ? []
      : wrap(
          `Lambda or EventBridge gave up on events (queued ${number(queued)}), and the retry queue got them: they are tried again until they are routed.`,
          width,
          '  ',
        )),
    ...(dropped === undefined
      ? []
      : [
          ...wrap(
            `Lambda or EventBridge dropped events, first in the hour from ${asTime(dropped.firstHour)}. Their messages are still in inbound/; if you have not done so since, route them with:`,
            width,
            '  ',
          ),
          `    ${next}`,
        ]),
  ];
}

export function renderOutcome(resources: ResourceState[], paint: Paint, width: number): string[] {
  const drift = driftOf(resources);
  if (drift.length === 0) return ['In sync.'];
  const counts = drift.map(({ state, count }) => `${count} ${state}`).join(', ');
  return wrap(`${counts}: \`deploy\` fixes it, \`deploy --dry-run\` shows how.`, width, '').map((line) =>
    paint(line, 'change'),
  );
}
