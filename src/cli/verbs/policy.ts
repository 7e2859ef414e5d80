/** The command `policy`. */
import { Argument } from 'commander';
import { type OperatorTask, operatorTasks } from '../../commands/operator-task.js';
import type { PolicyOptions } from '../../commands/policy.js';
import { named, offer, reaching } from '../flags.js';
import type { Verb } from '../verb.js';
import { viaOption } from './backfill.js';

export const policy: Verb = (root, runs) => {
  const command = root
    .command('policy')
    .description('print the IAM policy that the operator needs for a task')
    .addArgument(new Argument('<task>', 'what is to be allowed').choices(operatorTasks));
  offer(command, [
    ...reaching,
    ...named,
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
      runs(async ({ settings, host, operands: [task], flags, ground }) =>
        (await import('../../commands/policy.js')).policy(settings, host, {
          task: task as OperatorTask,
          via: flags.via as PolicyOptions['via'],
          ...(ground && { ground }),
        }),
      ),
    );
};
