/** `address`: an address for a wallet to sign up with. Asks AWS nothing. */

import type { Service } from '../../agentkeys/services.js';
import { readWallet } from '../../agentkeys/wallet.js';
import { OperatorError } from '../../aws/errors.js';
import { signupAddress } from '../../mailbox/address.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { asOperatorError, tokenOf, walletOf } from '../inbox/identity.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';

export interface AddressOptions {
  service: Service;
  /** Where it was given by itself. */
  wallet?: string;
  runtime?: Runtime;
}

export function address(
  settings: Settings,
  host: Host,
  { service, wallet: operand, runtime = defaultRuntime }: AddressOptions,
): Promise<number> {
  return asOperatorError(settings, async () => {
    const now = new Date(runtime.clock.now());
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
