/** The command `policy`. */
import { Argument } from 'commander';
import { type OperatorTask, operatorTasks } from '../../stack/operator-task.js';
import { named, offer, reaching } from '../flags.js';
import type { Verb } from '../verb.js';

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
    'debug',
  ]);
  command
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing policy dry-run --account 111122223333 --region us-east-1
  agentkeys-ses-routing policy deploy --remove-broad-grants > policy.json`,
    )
    .action(
      // Commander has refused every other task.
      runs(async ({ settings, host, operands: [task], ground }) =>
        (await import('../../commands/policy.js')).policy(settings, host, task as OperatorTask, ground),
      ),
    );
};
