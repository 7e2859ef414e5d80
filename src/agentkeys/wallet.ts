/**
 * Wallets, parsed by the same code as the addresses that the function routes by.
 */
import { parseAddress } from '../../handler/mail/address.js';

/**
 * Parses a wallet.
 *
 * @param text `0x` and 40 hexadecimal digits in any case. An EIP-55 checksum is not verified.
 * @returns the wallet in lower case, as in `aws:PrincipalTag` and S3 keys; undefined for anything else.
 */
export function readWallet(text: string): string | undefined {
  // A JavaScript caller may pass undefined.
  const wallet = parseAddress(`x-${text}-0@x`)?.wallet;
  return wallet === String(text).toLowerCase() ? wallet : undefined;
}
