/** The command `teardown`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, nameFlags, outputFlags } from '../shared/flags.js';

export const teardown: CommandDefinition = (root, runs) => {
  const command = root.command('teardown').description('take down what is ours, and nothing else; mail is kept');
  addSettingFlags(command, [
    ...connectionFlags,
    ...nameFlags,
    'teardownBroker',
    'deleteLogs',
    'yes',
    ...outputFlags,
    'detailedExitcode',
  ]);
  command
    .option('--dry-run', 'show the plan; write nothing')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing teardown --dry-run
  agentkeys-ses-routing teardown --yes --delete-logs
  agentkeys-ses-routing teardown --broker   put the broker's role back as it was`,
    )
    .action(
      runs(async ({ settings, host, flags, runtime }) =>
        (await import('./teardown.js')).teardown(settings, host, {
          dryRun: flags.dryRun === true,
          runtime,
        }),
      ),
    );
};
