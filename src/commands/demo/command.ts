/** The command `demo`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags } from '../shared/flags.js';

export const demo: CommandDefinition = (root, runs) => {
  const command = root
    .command('demo')
    .description('the whole story on an embedded AWS; needs no account, takes seconds');
  addSettingFlags(command, ['quiet', 'debug'], false);
  command
    .option('--keep', 'leave the embedded AWS running, and say how to reach it')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo
  agentkeys-ses-routing demo --keep   then run any command against it`,
    )
    .action(
      runs(async ({ host, flags }) => (await import('./demo.js')).demo(host, { keep: flags.keep === true }), {
        ignoreOperatorSettings: true,
      }),
    );
};
