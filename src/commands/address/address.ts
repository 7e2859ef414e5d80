/** `address`: prints a sign-up address for a wallet. Makes no AWS calls. */

import type { Service } from '../../agentkeys/services.js';
import { readWallet } from '../../agentkeys/wallet.js';
import { OperatorError } from '../../aws/errors.js';
import { signupAddress } from '../../mailbox/address.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { asOperatorError, tokenOf, walletOf } from '../shared/identity.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import type { AddressDocument } from './schema.js';

export interface AddressOptions {
  service: Service;
  /** The operand, not yet validated. */
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
    // Not repeated: it may be a token, passed by mistake.
    if (operand !== undefined && wallet === undefined)
      throw new OperatorError('The wallet must be 0x and 40 hexadecimal digits. To pass a token, use --token-file.');
    if (operand !== undefined && settings.sources.wallet.kind === 'flag' && wallet !== settings.wallet)
      throw new OperatorError('The wallet is given twice, as an operand and with --wallet, with different values.');
    const address = signupAddress({
      wallet: walletOf(await tokenOf(settings), wallet, now),
      service,
      now,
      ...(settings.mailDomain === undefined ? {} : { domain: settings.mailDomain }),
    });
    const document: AddressDocument = { version: 1, address };
    host.print(settings.json ? JSON.stringify(document, null, 2) : address);
    return 0;
  });
}
