/** The command `address`. */
import { offer } from '../flags.js';
import type { Verb } from '../verb.js';

export const address: Verb = (root, runs) => {
  const command = root
    .command('address')
    .description('print an address to sign up with; its mail is routed to the wallet')
    .argument('[wallet]', "0x and 40 hexadecimal digits; without it, the token's or --wallet's");
  offer(command, ['mailDomain', 'wallet', 'tokenFile', 'json', 'debug']);
  command
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing address 0x1111111111111111111111111111111111111111
  agentkeys-ses-routing address --token-file token.jwt`,
    )
    .action(
      runs(async ({ settings, host, operands: [wallet], ground }) =>
        (await import('../../commands/address.js')).address(settings, host, wallet, ground),
      ),
    );
};
