/** `address`: an address for a wallet to sign up with. Asks AWS nothing. */
import { OperatorError } from '../aws/errors.js';
import type { Host } from '../host/host.js';
import { signupAddress } from '../mailbox/address.js';
import type { Service } from '../mailbox/services.js';
import { readWallet } from '../mailbox/wallet.js';
import type { Settings } from '../settings/index.js';
import { tokenOf, told, walletOf } from './inbox/whose.js';
import { type Ground, realGround } from './session.js';

export interface AddressOptions {
  service: Service;
  /** Where it was given by itself. */
  wallet?: string;
  ground?: Ground;
}

export function address(
  settings: Settings,
  host: Host,
  { service, wallet: operand, ground = realGround }: AddressOptions,
): Promise<number> {
  return told(settings, async () => {
    const now = new Date(ground.clock.now());
    const wallet = operand === undefined ? settings.wallet : readWallet(operand);
    // Not repeated: it may be a token that stands in the wrong place.
    if (operand !== undefined && wallet === undefined)
      throw new OperatorError(
        'The wallet must be 0x and 40 hexadecimal digits. A token is read from a file: --token-file.',
      );
    const address = signupAddress({
      wallet: walletOf(await tokenOf(settings), wallet, now),
      service,
      now,
      ...(settings.mailDomain === undefined ? {} : { domain: settings.mailDomain }),
    });
    host.print(settings.json ? JSON.stringify({ version: 1, address }, null, 2) : address);
    return 0;
  });
}
