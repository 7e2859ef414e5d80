/** The command `deploy`. */
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, nameFlags, once, outputFlags, stackFlags } from '../shared/flags.js';
import { someText } from '../shared/parsers.js';

export const deploy: CommandDefinition = (command, run) => {
  addSettingFlags(command, [
    ...connectionFlags,
    ...stackFlags,
    ...nameFlags,
    'moveFromBucket',
    'takeRetrySlots',
    'adopt',
    'yes',
    'accessAnalyzer',
    ...outputFlags,
    'detailedExitcode',
  ]);
  command
    .addOption(flag('Common', '--dry-run', 'Show the plan without applying it'))
    .addOption(
      once(
        flag('Common', '--out <path>', 'With --dry-run: save the plan, for --plan').conflicts(['plan']),
        command,
        someText,
      ),
    )
    .addOption(
      once(
        flag('Common', '--plan <path>', 'Apply a saved plan, if nothing has changed').conflicts(['dryRun', 'markdown']),
        command,
        someText,
      ),
    )
    .addOption(
      flag('Output', '--markdown', 'With --dry-run: show the plan as Markdown, for a pull request').conflicts('json'),
    )
    .addOption(
      flag('Common', '--verify', 'Verify the stack afterwards, as the verify command does').conflicts('dryRun'),
    )
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing deploy --dry-run --envfile operator-workstation.env
  agentkeys-ses-routing deploy --bucket my-mail --mail-domain bots.example.org
  agentkeys-ses-routing deploy --remove-broad-grants   limit the broker's role
  agentkeys-ses-routing deploy --verify                test it afterwards
  agentkeys-ses-routing deploy --yes --json            in a CI job

Exit status: 0 success; 1 failed or declined; 130 interrupted;
2 if --dry-run --detailed-exitcode finds changes.`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) =>
        (await import('./deploy.js')).deploy(settings, host, {
          dryRun: flags.dryRun === true,
          markdown: flags.markdown === true,
          ...(typeof flags.out === 'string' && { out: flags.out }),
          ...(typeof flags.plan === 'string' && { plan: flags.plan }),
          verify: flags.verify === true,
          ...(runtime && { runtime }),
        }),
      ),
    );
};
