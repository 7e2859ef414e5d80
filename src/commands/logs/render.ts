/**
 * A log entry as one line of text. Pure, but for the local time zone.
 */
import type { Paint, Tone } from '../../terminal/host.js';
import { asLocalTime, line, number } from '../../terminal/text.js';
import type { Entry, MessageEntry } from './entry.js';

const tones: Record<MessageEntry['outcome'], Tone> = { routed: 'good', skipped: 'quiet', failed: 'bad' };

/** `2026-01-31T13:00:00+01:00  routed   inbound/0f3a…: to 0x… (envelope), 112 ms`. */
export function renderEntry(entry: Entry, paint: Paint): string {
  const time = asLocalTime(entry.at);
  if (entry.kind === 'runtime') return paint(`${time}  failed   Lambda: ${line(entry.failure)}`, 'bad');
  const { outcome, needsAttention, key } = entry;
  const tone = outcome === 'skipped' && needsAttention ? 'change' : tones[outcome];
  const subject = key === undefined ? '' : `${line(key)}: `;
  return `${time}  ${paint(outcome.padEnd(7), tone)}  ${subject}${describe(entry).join(', ')}`;
}

/** What happened to the message, in parts. */
export function describe({ outcome, wallets, by, reason, error, attempt, ...entry }: MessageEntry): string[] {
  const to = wallets.map(line).join(' and ');
  const what = {
    routed:
      to === '' ? 'no details, because LOG_LEVEL is error' : `to ${to}${by === undefined ? '' : ` (${line(by)})`}`,
    skipped: `${line(reason ?? 'no reason given')}${to === '' ? '' : ` (${to})`}`,
    failed: error === undefined ? 'no error given' : [error.name, error.message].filter(Boolean).map(line).join(': '),
  };
  return [
    what[outcome],
    ...(entry.deleted ? ['deleted from inbound/'] : []),
    ...(attempt === undefined ? [] : [`attempt ${number(attempt)} of the retry queue`]),
    ...(entry.dropped ? ['dropped from the retry queue'] : []),
    ...(entry.milliseconds === undefined ? [] : [`${number(entry.milliseconds)} ms`]),
  ];
}
