/** The command `backfill`. */
import type { Option } from 'commander';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, outputFlags } from '../shared/flags.js';
import { instant, keyInInbound, wholeNumber } from '../shared/parsers.js';
import type { BackfillOptions } from './backfill.js';

export const backfill: CommandDefinition = (command, run) => {
  addSettingFlags(command, [
    ...connectionFlags,
    'mailDomain',
    'prefixes',
    'services',
    'deleteSource',
    'yes',
    ...outputFlags,
  ]);
  command
    .addOption(flag('Common', '--since <time>', 'Only mail stored at or after this time (ISO 8601)').argParser(instant))
    .addOption(
      flag('Routing', '--start-after <key>', 'Only keys after this one: an interrupted run prints it').argParser(
        keyInInbound,
      ),
    )
    .addOption(
      flag(
        'Routing',
        '--concurrency <number>',
        'Parallel messages (default 64), or batches with --via lambda (default 8)',
      ).argParser(wholeNumber(1, 256)),
    )
    .addOption(viaOption())
    .addOption(flag('Common', '--dry-run', 'Count messages and show examples; copy nothing'))
    .addHelpText(
      'after',
      `
Runs the function's own code for each message; S3 makes the copy. Existing
copies are not overwritten, so the command can be repeated, and run twice in
parallel. Memory use does not depend on the number of messages.

With --via lambda, this machine only lists the messages and invokes the deployed
function asynchronously with batches of 25. The function's settings must equal
the settings given here. Meant for buckets of millions; to limit the function's
share of the account's concurrency, use deploy --reserved-concurrency.

With --delete-source, it asks before it deletes anything from inbound/; without
a terminal, it needs --yes. The number of deleted messages is printed.

Examples:
  agentkeys-ses-routing backfill --dry-run
  agentkeys-ses-routing backfill --since 2026-01-31T12:00:00Z
  agentkeys-ses-routing backfill --start-after inbound/0f3a…   resume after it
  agentkeys-ses-routing backfill --via lambda

Exit status: 0 done; 1 some messages failed, each is listed, or declined; 130
interrupted. After failures and interruptions, the command that resumes the run
is printed.`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) =>
        (await import('./backfill.js')).backfill(settings, host, {
          ...(flags as Pick<BackfillOptions, 'since' | 'startAfter' | 'concurrency' | 'via'>),
          dryRun: flags.dryRun === true,
          ...(runtime && { runtime }),
        }),
      ),
    );
};

/** The flag that selects where messages are routed; `policy` has it too. */
export function viaOption(): Option {
  const description = 'Where backfill routes messages: here (this machine) or lambda (the deployed function)';
  return flag('Routing', '--via <place>', description).choices(['here', 'lambda']).default('here');
}
