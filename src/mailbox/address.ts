/**
 * The address that a wallet signs up with.
 */
import { parseAddress } from '../../handler/mail/address.js';
import { hostName } from '../settings/validators.js';
import { MailboxError } from './errors.js';
import { type Service, servicePrefixes } from './services.js';
import { readWallet } from './wallet.js';

/** Where SES receives mail for the agents. */
const DOMAIN = 'bots.litentry.org';

export interface SignupAddressOptions {
  /** `0x` and 40 hexadecimal digits, in any case. */
  wallet: string;
  /** What is signed up for; `openrouter` when left out. */
  service?: Service;
  /** The mail domain; `bots.litentry.org` when left out. */
  domain?: string;
  /** What tells this sign-up from another of the same wallet, to the second; the present when left out. */
  now?: Date;
}

/**
 * Composes the address `<prefix>-<wallet>-<unix seconds>@<domain>`. Nothing is kept of it: any such address is routed to its wallet.
 *
 * @returns it, in lower case.
 * @throws {MailboxError} INVALID_ARGUMENT for whatever the function would not route.
 */
export function signupAddress({
  wallet,
  service = 'openrouter',
  domain = DOMAIN,
  now = new Date(),
}: SignupAddressOptions): string {
  const read = readWallet(wallet);
  if (read === undefined)
    throw new MailboxError('INVALID_ARGUMENT', 'The wallet must be 0x and 40 hexadecimal digits.');
  if (!Object.hasOwn(servicePrefixes, service))
    throw new MailboxError(
      'INVALID_ARGUMENT',
      `The service must be one of those that are routed: ${Object.keys(servicePrefixes).join(', ')}.`,
    );
  const host = hostName([domain]);
  if ('fault' in host) throw new MailboxError('INVALID_ARGUMENT', 'The domain must be one such as bots.example.org.');
  const address = `${servicePrefixes[service]}-${read}-${Math.floor(now.getTime() / 1_000)}@${host.value}`;
  // The function's own word on it: a time before 1970, or none at all, makes no digits.
  if (parseAddress(address) === undefined)
    throw new MailboxError('INVALID_ARGUMENT', 'The time must be a valid one since 1970.');
  return address;
}
