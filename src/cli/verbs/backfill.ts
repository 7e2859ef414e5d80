/** The command `backfill`. */
import { InvalidArgumentError } from 'commander';
import { offer, reaching, speaking } from '../flags.js';
import type { Verb } from '../verb.js';

export const backfill: Verb = (root, runs) => {
  const command = root.command('backfill').description('route what is already in inbound/; twice is fine');
  offer(command, [...reaching, 'mailDomain', 'prefixes', 'deleteSource', ...speaking]);
  command
    .option('--since <time>', 'only what SES stored at this time (ISO 8601) or later', instant)
    .option('--dry-run', 'count; copy nothing')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing backfill --dry-run
  agentkeys-ses-routing backfill --since 2026-01-31T12:00:00Z`,
    )
    .action(
      runs(async ({ settings, host, flags, ground }) =>
        (await import('../../commands/backfill.js')).backfill(settings, host, {
          ...(flags.since instanceof Date ? { since: flags.since } : {}),
          dryRun: flags.dryRun === true,
          ground,
        }),
      ),
    );
};

/** @throws InvalidArgumentError for what is no time. */
function instant(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must be a time as 2026-01-31T12:00:00Z.');
  return time;
}
