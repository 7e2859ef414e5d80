/** The command `address`. */
import type { Service } from '../../agentkeys/services.js';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, flag } from '../shared/flags.js';

export const address: CommandDefinition = (command, run) => {
  command.argument('[wallet]', '0x and 40 hexadecimal digits (default: --wallet, or the wallet in the token)');
  addSettingFlags(command, ['mailDomain', 'wallet', 'tokenFile', 'json', 'color', 'debug']);
  command
    .addOption(
      flag('Routing', '--service <slug>', 'The service to sign up for, see the services command').default('openrouter'),
    )
    .addHelpText(
      'after',
      `
Mail is routed only if the service is on in the deployed function: see \`status\`.

Examples:
  agentkeys-ses-routing address 0x1111111111111111111111111111111111111111
  agentkeys-ses-routing address --token-file token.jwt
  agentkeys-ses-routing address --service groq --token-file token.jwt`,
    )
    .action(
      run(async ({ settings, host, flags, operands: [wallet], runtime }) =>
        (await import('./address.js')).address(settings, host, {
          // Checked by signupAddress.
          service: flags.service as Service,
          ...(wallet === undefined ? {} : { wallet }),
          ...(runtime && { runtime }),
        }),
      ),
    );
};
