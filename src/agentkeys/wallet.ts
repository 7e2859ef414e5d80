/**
 * What a wallet looks like: as in the address that the function routes by, and nowhere else written down.
 */
import { parseAddress } from '../../handler/mail/address.js';

/**
 * Reads a wallet.
 *
 * @param text `0x` and 40 hexadecimal digits in any case. A checksum in their case (EIP-55) is not looked at.
 * @returns it in lower case, as `aws:PrincipalTag` and S3 keys have it; undefined for anything else.
 */
export function readWallet(text: string): string | undefined {
  // A caller without types hands in what a variable holds, which may be nothing.
  const wallet = parseAddress(`x-${text}-0@x`)?.wallet;
  return wallet === String(text).toLowerCase() ? wallet : undefined;
}
