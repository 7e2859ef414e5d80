/**
 * A trace as lines of text. Pure, but for the local time zone.
 */
import { WALLETS_PREFIX } from '../../../handler/mail/address.js';
import type { Paint } from '../../terminal/host.js';
import { asLocalTime, duration, line, number, wrap } from '../../terminal/text.js';
import { renderEntry } from '../logs/render.js';
import { unavailable } from '../status/render.js';
import type { Advice } from './advice.js';
import type { JudgedRecipient, Verdict } from './decision.js';
import type { MessageTrace } from './message.js';
import type { Reader } from './readers.js';
import type { Copy, StoredObject } from './stored.js';

/** How a trace is shown. */
export interface Look {
  paint: Paint;
  /** Columns. */
  width: number;
  /** Milliseconds since 1970. */
  now: number;
  /** Whether the recipients' addresses are shown. */
  showRecipient: boolean;
}

const factWidth = 14;

/** The fields, as a reader of mail knows them. */
const fieldNames: Record<string, string> = {
  received: "SES's trace header (Received)",
  to: 'To',
  cc: 'Cc',
  'delivered-to': 'Delivered-To',
  'x-original-to': 'X-Original-To',
};

const verdicts: Record<Verdict, string> = {
  routed: 'a routed address',
  'no-wallet': "an address that is no wallet's",
  prefix: "a wallet's address with a prefix that is not routed",
  domain: "a wallet's address at a domain that is not routed",
};

/** @param command the command that routes it, if one does. */
export function renderMessage(trace: MessageTrace, advice: Advice, command: string | undefined, look: Look): string[] {
  const { key, message, log, logSince, now, whyGiven, copies, readers } = trace;
  const { paint, width } = look;
  const fact = (name: string, text: string) => wrap(text, width, `  ${name}`.padEnd(factWidth), ' '.repeat(factWidth));
  const object = (one: StoredObject) => `${age(one, look)}, ${number(one.size)} bytes, ${one.storageClass}`;
  const stored = () => {
    if ('unknown' in message) return fact('inbound/', unavailable(message));
    if (message.value === undefined) return fact('inbound/', 'it is not there');
    const { restore, encryption } = message.value;
    return [
      ...fact('inbound/', `${object(message.value)}${restore === undefined ? '' : ` (${restore})`}`),
      ...fact('encryption', 'unknown' in encryption ? unavailable(encryption) : encryption.value),
    ];
  };
  const copy = ({ wallet, object: one }: Copy) =>
    fact(
      'copy',
      `${wallet}: ${'unknown' in one ? unavailable(one) : one.value === undefined ? 'none' : object(one.value)}`,
    );
  return [
    line(key),
    ...wrap(advice.summary, width, '  ').map((text) => paint(text, advice.next.length > 0 ? 'change' : 'good')),
    '',
    'Where it is',
    ...stored(),
    ...('unknown' in copies ? fact('copies', unavailable(copies)) : copies.value.flatMap(copy)),
    '',
    `What the function logged since ${asLocalTime(logSince)}`,
    ...logged(log, paint, width),
    ...(now === undefined ? [] : ['', 'What it would decide now', ...decided(now, whyGiven, look)]),
    ...(readers.length === 0 ? [] : ['', 'Who can read it, by the policies of roles and bucket']),
    ...readerTexts(readers).flatMap((text) => wrap(text, width, '  ', '    ')),
    ...(readers.length === 0
      ? []
      : wrap(
          'not looked at: others whom their own policies allow it, such as administrators (verify)',
          width,
          '  ',
          '    ',
        )),
    ...(advice.next.length === 0 ? [] : ['', 'What to do']),
    ...advice.next.flatMap((step) => wrap(step, width, '  ')),
    ...(command === undefined ? [] : [`    ${command}`]),
  ];
}

function age({ at }: StoredObject, { now }: Look): string {
  return `${asLocalTime(at.getTime())} (${duration(Math.max(0, (now - at.getTime()) / 1_000))} ago)`;
}

function logged(log: MessageTrace['log'], paint: Paint, width: number): string[] {
  if ('unknown' in log) return wrap(unavailable(log), width, '  ');
  if (log.value.length === 0) return ['  nothing'];
  return log.value.map((entry) => `  ${renderEntry({ ...entry, key: undefined }, paint)}`);
}

function decided(now: NonNullable<MessageTrace['now']>, whyGiven: string | undefined, look: Look): string[] {
  if ('unknown' in now) return wrap(unavailable(now), look.width, '  ');
  const { decision, headerBytesRead, recipients } = now.value;
  const what = decision.kind === 'stay' ? `it stays: ${decision.reason}` : `to ${decision.wallets.join(' and ')}`;
  const texts = [
    what,
    ...recipientLines(recipients, look.showRecipient),
    ...(headerBytesRead === 0 ? [] : [`${number(headerBytesRead)} bytes of its header were read`]),
    whyGiven === undefined
      ? "decided with the deployed function's settings"
      : `decided with the settings given here, because the function's are unknown: ${whyGiven}`,
  ];
  return texts.flatMap((text) => wrap(text, look.width, '  ', '    '));
}

/** One text for what is the same of several copies. */
function readerTexts(readers: Reader[]): string[] {
  const texts = (copy: string) =>
    readers.map(
      ({ who, key, can, because }) =>
        `${can}: ${who}, ${key.startsWith(WALLETS_PREFIX) ? copy : 'inbound/'} (${because})`,
    );
  const [one, several] = [texts('the copy'), texts('the copies')];
  const repeated = (text: string) => one.indexOf(text) !== one.lastIndexOf(text);
  return [...new Set(one.map((text, index) => (repeated(text) ? String(several[index]) : text)))];
}

/** One line for each recipient if addresses are shown, else one for each field and verdict. */
function recipientLines(recipients: JudgedRecipient[], showRecipient: boolean): string[] {
  const named = recipients.map(({ field, verdict, address }) => ({
    by: `${fieldNames[field]} names`,
    what: verdicts[verdict],
    address,
  }));
  if (showRecipient) return named.map(({ by, what, address }) => `${by} ${line(address)}: ${what}`);
  const counts = new Map<string, number>();
  for (const { by, what } of named) counts.set(`${by} ${what}`, (counts.get(`${by} ${what}`) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${number(count)} times)`));
}
