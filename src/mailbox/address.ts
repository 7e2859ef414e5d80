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
  /** The service to sign up for; `openrouter` when left out. Whether its mail is routed depends on the deployed function. */
  service?: Service;
  /** The mail domain; AGENTKEYS_MAIL_DOMAIN when left out, `bots.litentry.org` without that. */
  domain?: string;
  /** Distinguishes sign-ups of the same wallet, to the second; the present when left out. */
  now?: Date;
}

/**
 * Composes the address `<prefix>-<wallet>-<unix seconds>@<domain>`. It is not stored anywhere: every such address is routed to its wallet,
 * if the function routes that service's mail.
 *
 * @returns the address, in lower case.
 * @example
 * ```ts
 * import { signupAddress } from 'agentkeys-ses-routing/mailbox';
 *
 * const address = signupAddress({ wallet: '0x1111111111111111111111111111111111111111', domain: 'bots.example.org' });
 * console.log(address); // or-0x1111111111111111111111111111111111111111-1769860800@bots.example.org
 * ```
 * @throws {MailboxError} INVALID_ARGUMENT for an address that no function routes, and for a service that is not supported, with the reason.
 */
export function signupAddress({
  wallet,
  service = 'openrouter',
  domain = process.env.AGENTKEYS_MAIL_DOMAIN || DEFAULT_MAIL_DOMAIN,
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
  // The function's own parser decides: a time before 1970, or an invalid one, has no digits.
  if (parseAddress(address) === undefined)
    throw new MailboxError('INVALID_ARGUMENT', 'The time must be a valid one since 1970.');
  return address;
}
