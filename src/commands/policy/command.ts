/** The command `policy`. */
import { Argument } from 'commander';
import { viaOption } from '../backfill/command.js';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, nameFlags } from '../shared/flags.js';
import type { PolicyOptions } from './policy.js';
import { type OperatorTask, operatorTasks } from './tasks.js';

export const policy: CommandDefinition = (root, runs) => {
  const command = root
    .command('policy')
    .description('print the IAM policy that the operator needs for a task')
    .addArgument(new Argument('<task>', 'what is to be allowed').choices(operatorTasks));
  addSettingFlags(command, [
    ...connectionFlags,
    ...nameFlags,
    'permissionsBoundary',
    'reservedConcurrency',
    'broker',
    'removeBroadGrants',
    'keepLegacy',
    'teardownBroker',
    'deleteLogs',
    'deleteSource',
    'debug',
  ]);
  command
    .addOption(viaOption())
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing policy dry-run --account 111122223333 --region us-east-1
  agentkeys-ses-routing policy deploy --remove-broad-grants > policy.json
  agentkeys-ses-routing policy backfill --via lambda`,
    )
    .action(
      // Commander has refused every other task.
      runs(async ({ settings, host, operands: [task], flags, runtime }) =>
        (await import('./policy.js')).policy(settings, host, {
          task: task as OperatorTask,
          via: flags.via as PolicyOptions['via'],
          ...(runtime && { runtime }),
        }),
      ),
    );
};
