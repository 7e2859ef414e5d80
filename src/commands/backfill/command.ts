/** The command `backfill`. */
import { Option } from 'commander';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, outputFlags } from '../shared/flags.js';
import { instant, keyInInbound, wholeNumber } from '../shared/parsers.js';
import type { BackfillOptions } from './backfill.js';

export const backfill: CommandDefinition = (root, runs) => {
  const command = root.command('backfill').description('route what is already in inbound/; twice is fine');
  addSettingFlags(command, [...connectionFlags, 'mailDomain', 'prefixes', 'services', 'deleteSource', ...outputFlags]);
  command
    .option('--since <time>', 'only what SES stored at this time (ISO 8601) or later', instant)
    .option('--start-after <key>', 'only what comes after this key: an interrupted run says which', keyInInbound)
    .option(
      '--concurrency <number>',
      'how much is done at a time (default 64; 8 with --via lambda)',
      wholeNumber(1, 256),
    )
    .addOption(viaOption())
    .option('--dry-run', 'count, and show some; copy nothing')
    .addHelpText(
      'after',
      `
It decides on each message as the function does, and S3 copies it. A copy that
exists is left, so that it may be run as often as one likes, two at a time too.
Memory stays flat however many messages there are.

With --via lambda this machine only lists: the deployed function is handed the
messages in batches of 25, and routes them in its own time, by its own settings
(they must be the ones given here). For buckets of millions; bound what it may
take of the account with: deploy --reserved-concurrency.

Examples:
  agentkeys-ses-routing backfill --dry-run
  agentkeys-ses-routing backfill --since 2026-01-31T12:00:00Z
  agentkeys-ses-routing backfill --start-after inbound/0f3a…   go on from there
  agentkeys-ses-routing backfill --via lambda

Exit status: 0 all routed or staying where it belongs; 1 some failed, each is
named; 130 interrupted. 1 and 130 print the command that goes on from there.`,
    )
    .action(
      runs(async ({ settings, host, flags, runtime }) =>
        (await import('./backfill.js')).backfill(settings, host, {
          ...(flags as Pick<BackfillOptions, 'since' | 'startAfter' | 'concurrency' | 'via'>),
          dryRun: flags.dryRun === true,
          ...(runtime && { runtime }),
        }),
      ),
    );
};

/** The flag that says who does the work; `policy` takes it too. */
export function viaOption(): Option {
  const description = 'who does the work of backfill: here, this machine; lambda, the deployed function';
  return new Option('--via <way>', description).choices(['here', 'lambda']).default('here');
}
