/** The command `policy`. */
import { Argument } from 'commander';
import { viaOption } from '../backfill/command.js';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, nameFlags } from '../shared/flags.js';
import type { OperatorTask, PolicyOptions } from './policy.js';

/** The tasks, in the order in which --help lists them. */
export const operatorTasks: readonly OperatorTask[] = [
  'dry-run',
  'deploy',
  'teardown',
  'status',
  'logs',
  'trace',
  'verify',
  'backfill',
  'vault',
];

export const policy: CommandDefinition = (command, run) => {
  command.addArgument(new Argument('<task>', 'The task to allow').choices(operatorTasks));
  addSettingFlags(command, [
    ...connectionFlags,
    ...nameFlags,
    'permissionsBoundary',
    'reservedConcurrency',
    'broker',
    'accessAnalyzer',
    'vault',
    'vaultBucket',
    'vaultRole',
    'removeBroadGrants',
    'keepLegacy',
    'teardownBroker',
    'deleteLogs',
    'deleteSource',
    'retryQueue',
    'alarmTopic',
    'logRetention',
    'json',
    'debug',
  ]);
  command
    .addOption(viaOption())
    .addOption(flag('Common', '--all', 'For status: allow status --all instead, which lists the stacks'))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing policy dry-run --account 111122223333 --region us-east-1
  agentkeys-ses-routing policy deploy --remove-broad-grants > policy.json
  agentkeys-ses-routing policy backfill --via lambda
  agentkeys-ses-routing policy vault           what the agents' role needs`,
    )
    .action(
      // Commander has checked both against their choices.
      run(async ({ settings, host, operands: [task], flags, runtime }) =>
        (await import('./policy.js')).policy(settings, host, {
          task: task as OperatorTask,
          via: flags.via as PolicyOptions['via'],
          all: flags.all === true,
          ...(runtime && { runtime }),
        }),
      ),
    );
};
