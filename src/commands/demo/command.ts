/** The command `demo`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, flag } from '../shared/flags.js';

export const demo: CommandDefinition = (command, run) => {
  addSettingFlags(command, ['quiet', 'color', 'debug'], false);
  command
    .addOption(flag('Common', '--keep', 'Keep the embedded AWS running, and print how to connect to it'))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo
  agentkeys-ses-routing demo --keep   to run other commands against it`,
    )
    .action(
      run(async ({ host, flags }) => (await import('./demo.js')).demo(host, { keep: flags.keep === true }), {
        ignoreOperatorSettings: true,
      }),
    );
};
