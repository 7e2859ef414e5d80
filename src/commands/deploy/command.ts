/** The command `deploy`. */
import { Option } from 'commander';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, nameFlags, outputFlags, stackFlags } from '../shared/flags.js';

export const deploy: CommandDefinition = (root, runs) => {
  const command = root
    .command('deploy')
    .description('bring the stack in AWS to what is wanted; a second run writes nothing');
  addSettingFlags(command, [
    ...connectionFlags,
    ...stackFlags,
    ...nameFlags,
    'adopt',
    'yes',
    ...outputFlags,
    'detailedExitcode',
  ]);
  command
    .option('--dry-run', 'show the plan; write nothing')
    .addOption(new Option('--verify', 'see afterwards whether it works, as verify does').conflicts('dryRun'))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing deploy --dry-run --env-file operator-workstation.env
  agentkeys-ses-routing deploy --bucket my-mail --mail-domain bots.example.org
  agentkeys-ses-routing deploy --remove-broad-grants    narrow the broker's role
  agentkeys-ses-routing deploy --verify                 and see whether it works
  agentkeys-ses-routing deploy --yes --json             in a CI job

Exit status: 0 fine; 1 failed or declined; 130 interrupted;
with --dry-run --detailed-exitcode, 2 when there is something to do.`,
    )
    .action(
      runs(async ({ settings, host, flags, runtime }) =>
        (await import('./deploy.js')).deploy(settings, host, {
          dryRun: flags.dryRun === true,
          verify: flags.verify === true,
          ...(runtime && { runtime }),
        }),
      ),
    );
};
