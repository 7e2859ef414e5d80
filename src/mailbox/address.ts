/**
 * The address that a wallet signs up with.
 */
import { parseAddress } from '../../handler/mail/address.js';
import { DEFAULT_MAIL_DOMAIN, readHostName } from '../agentkeys/names.js';
import { catalogue, isService, type Service, whyNot } from '../agentkeys/services.js';
import { readWallet } from '../agentkeys/wallet.js';
import { MailboxError } from './errors.js';

export interface SignupAddressOptions {
  /** `0x` and 40 hexadecimal digits, in any case. */
  wallet: string;
  /** What is signed up for; `openrouter` when left out. Whether its mail is routed is the deployed function's matter. */
  service?: Service;
  /** The mail domain; `bots.litentry.org` when left out. */
  domain?: string;
  /** What tells this sign-up from another of the same wallet, to the second; the present when left out. */
  now?: Date;
}

/**
 * Composes the address `<prefix>-<wallet>-<unix seconds>@<domain>`. Nothing is kept of it: any such address is routed to its
 * wallet, where the function has been told to route that service's.
 *
 * @returns it, in lower case.
 * @throws {MailboxError} INVALID_ARGUMENT for whatever no function would route, and for a service that is not supported, with the reason.
 */
export function signupAddress({
  wallet,
  service = 'openrouter',
  domain = DEFAULT_MAIL_DOMAIN,
  now = new Date(),
}: SignupAddressOptions): string {
  const read = readWallet(wallet);
  if (read === undefined)
    throw new MailboxError('INVALID_ARGUMENT', 'The wallet must be 0x and 40 hexadecimal digits.');
  if (!isService(service)) throw new MailboxError('INVALID_ARGUMENT', `The service ${whyNot(service)}.`);
  const host = readHostName(domain);
  if (host === undefined)
    throw new MailboxError('INVALID_ARGUMENT', 'The domain must be one such as bots.example.org.');
  const address = `${catalogue[service].prefix}-${read}-${Math.floor(now.getTime() / 1_000)}@${host}`;
  // The function's own word on it: a time before 1970, or none at all, makes no digits.
  if (parseAddress(address) === undefined)
    throw new MailboxError('INVALID_ARGUMENT', 'The time must be a valid one since 1970.');
  return address;
}
