/**
 * Parsers of flag values that several commands share. An invalid value is a usage error.
 */
import { InvalidArgumentError } from 'commander';
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { roleArn } from '../../settings/validators.js';

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
