/** The command `teardown`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, nameFlags, outputFlags } from '../shared/flags.js';

export const teardown: CommandDefinition = (command, run) => {
  addSettingFlags(command, [
    ...connectionFlags,
    ...nameFlags,
    'teardownBroker',
    'deleteLogs',
    'retryQueue',
    'yes',
    ...outputFlags,
    'detailedExitcode',
  ]);
  command
    .addOption(flag('Common', '--dry-run', 'Show the plan without applying it'))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing teardown --dry-run
  agentkeys-ses-routing teardown --yes --delete-logs
  agentkeys-ses-routing teardown --broker   restore the broker's role`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) =>
        (await import('./teardown.js')).teardown(settings, host, {
          dryRun: flags.dryRun === true,
          runtime,
        }),
      ),
    );
};
