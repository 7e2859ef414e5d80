/**
 * Parsers of flag values that several commands share. An invalid value is a usage error.
 */
import { InvalidArgumentError } from 'commander';
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { readWallet } from '../../agentkeys/wallet.js';
import { roleArn } from '../../settings/validators.js';
import type { Since } from './since.js';

/**
 * A whole number from `least` to `most`, both included.
 *
 * @param what the unit in the plural, for the error message: `seconds`.
 */
export function wholeNumber(least: number, most: number, what?: string): (text: string) => number {
  const of = what === undefined ? '' : ` of ${what}`;
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number${of} from ${least} to ${most}.`);
  };
}

/** A time in ISO 8601; a date alone is midnight UTC. */
export function instant(text: string): Date {
  const time = new Date(text);
  const [date] = /^\d{4}-\d\d-\d\d/.exec(text) ?? [];
  // JavaScript takes 30 February for 2 March.
  if (Number.isNaN(time.getTime()) || date === undefined || !new Date(date).toISOString().startsWith(date))
    throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z.');
  return time;
}

/** The units of a duration; milliseconds. */
const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A duration such as `30m` (s, m, h, d or w), or a time as {@link instant} has it. */
export function timeOrDuration(text: string): Since {
  const [, count, unit = ''] = /^(\d{1,5})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return { millisecondsAgo: Number(count) * Number(units[unit]) };
  try {
    return { at: instant(text) };
  } catch {
    throw new InvalidArgumentError(
      'It must be a duration such as 30m, 12h or 7d, or a time such as 2026-01-31T12:00:00Z.',
    );
  }
}

/** A wallet, in lower case. */
export function walletAddress(text: string): string {
  const wallet = readWallet(text);
  if (wallet === undefined) throw new InvalidArgumentError('It must be a wallet: 0x and 40 hexadecimal digits.');
  return wallet;
}

/** An e-mail address without a display name. */
export function mailAddress(text: string): string {
  if (!/^[^@\s]+@[^@\s]+$/.test(text))
    throw new InvalidArgumentError('It must be an address such as name@example.org.');
  return text;
}

/** A text, not empty. */
export function someText(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** A JavaScript regular expression; `^` and `$` match at the start and end of each line. */
export function expression(text: string): RegExp {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  try {
    return new RegExp(text, 'm');
  } catch (error) {
    throw new InvalidArgumentError(`${String(error).replace('SyntaxError: ', '')}.`);
  }
}

/** The key of a message in the mail bucket. */
export function keyInInbound(text: string): string {
  if (!text.startsWith(INBOUND_PREFIX)) throw new InvalidArgumentError(`It must be a key under ${INBOUND_PREFIX}.`);
  return text;
}

/** The ARN of an IAM role. */
export function arnOfRole(text: string): string {
  const read = roleArn([text]);
  if ('fault' in read) throw new InvalidArgumentError(`It ${read.fault}.`);
  return read.value;
}
