/**
 * The status as lines of text. Pure.
 */
import type { Difference } from '../../reconcile/plan.js';
import { legible } from '../../reconcile/render.js';
import type { Paint, Tone } from '../../terminal/host.js';
import { asTime, duration, number, wrap } from '../../terminal/text.js';
import type { Attempt } from './attempt.js';
import { driftOf, type ResourceState, type State } from './drift.js';
import type { Code, EventBridge, RoutedService, Status } from './report.js';

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
 * The lines, none longer than `width` where their words allow.
 *
 * @param width columns.
 */
export function renderStatus(status: Status, paint: Paint, width: number): string[] {
  const { header, resources, services, mail, at } = status;
  const fact = (name: string, text: string) => wrap(text, width, `  ${name}`.padEnd(factWidth), ' '.repeat(factWidth));
  const age = (newest: Attempt<Date | undefined>) =>
    'unknown' in newest ? untold(newest) : newest.value === undefined ? 'none yet' : ago(newest.value, at);
  return [
    `agentkeys-ses-routing in account ${header.account} (${header.partition}), region ${header.region}`,
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
    ...renderDay(status, paint, width),
    '',
    ...renderOutcome(resources, paint, width),
  ];
}

function renderServices(services: RoutedService[], fact: (name: string, text: string) => string[]): string[] {
  return [
    'Services',
    ...(services.length === 0 ? ['  none of those that `services` lists is on'] : []),
    ...services.flatMap(({ service, prefix, termsReviewed }) =>
      fact(
        service,
        `${prefix}-0x…; ${termsReviewed === undefined ? 'no review of its terms is recorded' : `terms reviewed on ${termsReviewed}`}`,
      ),
    ),
    '',
  ];
}

function untold({ unknown }: { unknown: string }): string {
  return `can't be told: ${unknown}`;
}

/** `2 min ago, 2026-11-25T22:37:24Z`. A time that a clock elsewhere has put into the future is now. */
function ago(time: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - time.getTime()) / 1_000);
  return `${duration(seconds)} ago, ${asTime(time)}`;
}

function versionLine({ deployed, here }: Code): string {
  switch (deployed.how) {
    case 'missing':
      return `none is deployed; here: ${here}`;
    case 'same':
      return `${deployed.version}, the same as here`;
    case 'other':
      return `${deployed.version}; here: ${here}`;
    case 'replaced':
      return `unknown: the code was replaced since ${deployed.version} was deployed; here: ${here}`;
    case 'unknown':
      return `unknown: the code is not this version's, and carries no tag that says whose; here: ${here}`;
  }
}

function renderResource(one: ResourceState, now: Date, paint: Paint, width: number): string[] {
  const { state, resource, name, note, differences, lastModified } = one;
  const head = `${state.padEnd(stateWidth)}${resource.padEnd(kindWidth)}${name}`;
  const under = ' '.repeat(stateWidth + 2);
  const lines = [
    ...(note === undefined ? [] : [note]),
    ...(state === 'foreign'
      ? ['not made by this tool: it does not carry its tag; `deploy --adopt` takes it over']
      : []),
    // Of what is not there, everything differs.
    ...(state === 'missing' ? [] : differences.map(differenceLine)),
    ...(lastModified === undefined ? [] : [`last modified ${ago(lastModified, now)}`]),
  ];
  return [paint(head, tones[state]), ...lines.flatMap((line) => wrap(line, width, under, `${under}  `))];
}

function differenceLine({ field, from, to }: Difference): string {
  if (from === undefined) return `${field}, missing: ${legible(String(to))}`;
  if (to === undefined) return `${field}, not wanted: ${from}`;
  return `${field}: ${from}, wanted: ${legible(to)}`;
}

function eventBridgeLine({ on, since }: EventBridge): string {
  if (!on) return 'off: S3 tells nobody of new mail';
  return since === undefined ? 'on; the next deploy notes since when' : `on since ${asTime(since)}`;
}

function renderDay({ lastDay, next }: Status, paint: Paint, width: number): string[] {
  if ('unknown' in lastDay) return ['Last 24 hours', ...wrap(untold(lastDay), width, '  ')];
  const { since, counts, dropped } = lastDay.value;
  const told = `dropped ${number(dropped?.events ?? 0)}`;
  const cells = (names: Array<'invocations' | 'errors' | 'throttled' | 'routed' | 'stayed' | 'failed'>) =>
    names.map((name) => `${name} ${number(counts[name])}`).join('   ');
  return [
    `Last 24 hours (from ${asTime(since)} on)`,
    `  ${cells(['invocations', 'errors', 'throttled'])}   ${dropped === undefined ? told : paint(told, 'bad')}`,
    `  ${cells(['routed', 'stayed', 'failed'])}`,
    ...(dropped === undefined
      ? []
      : [
          ...wrap(
            `Lambda or EventBridge gave up on events, first in the hour from ${asTime(dropped.firstHour)} on. Their messages wait in inbound/; unless that has been done since, route them with:`,
            width,
            '  ',
          ),
          `    ${next}`,
        ]),
  ];
}

function renderOutcome(resources: ResourceState[], paint: Paint, width: number): string[] {
  const drift = driftOf(resources);
  if (drift.length === 0) return ['In sync.'];
  const counts = drift.map(({ state, count }) => `${count} ${state}`).join(', ');
  return wrap(`${counts}: \`deploy\` mends it, \`deploy --dry-run\` shows how.`, width, '').map((line) =>
    paint(line, 'change'),
  );
}
