/** The command `teardown`. */
import { named, offer, reaching, speaking } from '../flags.js';
import type { Verb } from '../verb.js';

export const teardown: Verb = (root, runs) => {
  const command = root.command('teardown').description('take down what is ours, and nothing else; mail is kept');
  offer(command, [...reaching, ...named, 'teardownBroker', 'deleteLogs', 'yes', ...speaking, 'detailedExitcode']);
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
      runs(async ({ settings, host, flags, ground }) =>
        (await import('../../commands/teardown.js')).teardown(settings, host, {
          dryRun: flags.dryRun === true,
          ground,
        }),
      ),
    );
};
