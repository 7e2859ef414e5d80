/**
 * The alarms: how each stands, and whom they tell. Pure.
 */
import { list, object, oneOfTexts, optional, type TypeOf, text, time } from '../../schema/schema.js';
import type { Observed } from '../../stack/index.js';
import { asTime } from '../../terminal/text.js';
import type { Attempt } from './attempt.js';

export const alarmSchema = object(
  {
    name: text('Its name in AWS.'),
    state: oneOfTexts(['OK', 'ALARM', 'INSUFFICIENT_DATA', 'unknown'], 'Its state in CloudWatch.'),
    since: optional(time('Since when it has been in this state.')),
    reason: optional(text("CloudWatch's reason; present in ALARM only.")),
    tells: list(text('An ARN.'), 'Whom it tells when it goes into ALARM; empty if nobody.'),
  },
  'An alarm.',
);

export type AlarmStatus = TypeOf<typeof alarmSchema>;

const states = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;

/** The alarms of the stack, as they were read. */
export function alarmsOf({ alarms }: Pick<Observed, 'alarms'>): Attempt<AlarmStatus[]> {
  if ('unknown' in alarms) return alarms;
  const value = Object.entries(alarms.found).map(([name, { alarm }]): AlarmStatus => {
    const { StateValue, StateReason, StateTransitionedTimestamp: since, ActionsEnabled, AlarmActions = [] } = alarm;
    return {
      name,
      state: states.find((one) => one === StateValue) ?? 'unknown',
      ...(since === undefined ? {} : { since: asTime(since) }),
      ...(StateValue === 'ALARM' && StateReason !== undefined ? { reason: StateReason } : {}),
      tells: ActionsEnabled === false ? [] : AlarmActions,
    };
  });
  return { value };
}

/** What `status` prints of them: a name and a text, line by line. */
export function alarmLines(alarms: Attempt<AlarmStatus[]>, functionName: string): Array<[name: string, text: string]> {
  if ('unknown' in alarms) return [['alarms', `unknown: ${alarms.unknown}`]];
  const recipients = [...new Set(alarms.value.flatMap(({ tells }) => tells))].sort();
  const mute = alarms.value.filter(({ tells }) => tells.length === 0).map(({ name }) => short(name, functionName));
  const none = 'nobody is told when mail is late: deploy with --alarm-topic';
  return [
    ['told', recipients.length === 0 ? none : recipients.join(', ')],
    ...(recipients.length > 0 && mute.length > 0 ? [['tell nobody', mute.join(', ')] as [string, string]] : []),
    ...alarms.value.map(({ name, state, since, reason }): [string, string] => [
      short(name, functionName),
      [state, ...(since === undefined ? [] : [`since ${since}`])].join(' ') +
        (reason === undefined ? '' : `: ${reason}`),
    ]),
  ];
}

function short(name: string, functionName: string): string {
  return name.slice(functionName.length + 1);
}
