/** The command `address`. */
import type { Service } from '../../agentkeys/services.js';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags } from '../shared/flags.js';

export const address: CommandDefinition = (root, runs) => {
  const command = root
    .command('address')
    .description('print an address to sign up with; its mail is routed to the wallet')
    .argument('[wallet]', "0x and 40 hexadecimal digits; without it, the token's or --wallet's");
  addSettingFlags(command, ['mailDomain', 'wallet', 'tokenFile', 'json', 'debug']);
  command
    .option('--service <slug>', 'what to sign up for; `services` lists them', 'openrouter')
    .addHelpText(
      'after',
      `
Whether mail to it is routed is the deployed function's matter: \`status\` tells
which services are on.

Examples:
  agentkeys-ses-routing address 0x1111111111111111111111111111111111111111
  agentkeys-ses-routing address --token-file token.jwt
  agentkeys-ses-routing address --service groq --token-file token.jwt`,
    )
    .action(
      runs(async ({ settings, host, flags, operands: [wallet], runtime }) =>
        (await import('./address.js')).address(settings, host, {
          // The mailbox refuses every other.
          service: flags.service as Service,
          ...(wallet === undefined ? {} : { wallet }),
          ...(runtime && { runtime }),
        }),
      ),
    );
};
