/** The command `logs`. */
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, outputFlags } from '../shared/flags.js';
import { timeOrDuration, walletAddress } from '../shared/parsers.js';
import type { LogsOptions } from './logs.js';

export const logs: CommandDefinition = (command, run) => {
  addSettingFlags(command, [...connectionFlags, 'functionName', ...outputFlags]);
  command
    .addOption(flag('Common', '-f, --follow', 'Print new lines until Ctrl-C'))
    .addOption(
      flag('Common', '--since <time>', 'Only lines from this time on: ISO 8601, or how long ago (30m, 12h, 7d)')
        .default({ millisecondsAgo: 3_600_000 }, '1h')
        .argParser(timeOrDuration),
    )
    .addOption(
      flag('Common', '--wallet <wallet>', 'Only messages that were routed to this wallet').argParser(walletAddress),
    )
    .addOption(flag('Common', '--failed', 'Only failures, and mail that stays until someone acts'))
    .addHelpText(
      'after',
      `
One line for each message, in local time (TZ): what became of it, and why. Of
Lambda's own lines, only failures are shown: a time-out, or a function that does
not start. Lines of other programs are counted, not shown.

A failed message has no wallet in the log: --wallet does not show it. To find
out about one message, or about a wallet's, use trace.

With --json, each line is a document of its own. CloudWatch shows a line some
seconds after it was written.

Examples:
  agentkeys-ses-routing logs
  agentkeys-ses-routing logs --follow
  agentkeys-ses-routing logs --since 7d --failed
  agentkeys-ses-routing logs --since 2026-01-31 --wallet 0x…
  agentkeys-ses-routing logs --json | jq -r 'select(.outcome == "failed").key'

Exit status: 0 done; 1 error; 130 interrupted, which is how --follow ends.`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) =>
        (await import('./logs.js')).logs(settings, host, {
          // The parsers above return the types in LogsOptions.
          ...(flags as Pick<LogsOptions, 'since' | 'wallet'>),
          follow: flags.follow === true,
          failed: flags.failed === true,
          ...(runtime && { runtime }),
        }),
      ),
    );
};
