/** The command `status`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, nameFlags, outputFlags, stackFlags } from '../shared/flags.js';
import { wholeNumber } from '../shared/parsers.js';

export const status: CommandDefinition = (command, run) => {
  addSettingFlags(command, [...connectionFlags, ...stackFlags, ...nameFlags, ...outputFlags]);
  command
    .addOption(flag('Common', '--all', 'List the stacks of the account in this region instead'))
    .addOption(flag('Common', '--no-mail', 'Skip finding the newest mail, which lists all of it'))
    .addOption(
      flag('Output', '--watch [seconds]', 'Show it again every so many seconds (default 30) until Ctrl-C')
        .preset('30')
        .argParser(wholeNumber(5, 3_600, 'seconds'))
        .conflicts('all'),
    )
    .addHelpText(
      'after',
      `
Use the same flags, variables and files as for deploy: the account is compared
with what they configure. Each resource has one of these states:
  in sync    a deploy would not change it
  drifted    a deploy would update it; the differences are listed
  missing    a deploy would create it
  foreign    it exists, but this tool did not create it: see deploy --adopt
  obsolete   left over from deploy.sh's router; a deploy removes it
  note       for your information; a deploy would not change anything

Finding the newest mail lists all of inbound/ and bots/, one call per thousand
messages: skip it with --no-mail in a bucket of millions.

Of the retry queue, it shows how many events wait, the age of the oldest and the
last failure in the function's log. It receives none of them.

The metrics are CloudWatch's, by the hour, and some minutes late. "queued"
counts the events that Lambda or EventBridge gave up on and that went to the
retry queue, "dropped" those that did not; their messages are still in inbound/,
and the backfill command that routes them is printed. A batch of backfill --via
lambda counts as one event: if it was dropped, repeat that backfill. Where AWS
denies access, the reason is shown instead of the value.

With --watch, what is not in sync and the last day are shown on a screen of
their own and read again; the newest mail is left out. It needs a terminal.

With --all, the stacks of the account in this region are listed: those whose
rule has the description that this tool gives its rules, whatever their names.

Examples:
  agentkeys-ses-routing status --envfile operator-workstation.env
  agentkeys-ses-routing status --no-mail
  agentkeys-ses-routing status --stack test
  agentkeys-ses-routing status --all
  agentkeys-ses-routing status --watch
  agentkeys-ses-routing status --json --quiet   for CI: 2 means drift

Exit status: 0 in sync; 1 error; 2 a resource is drifted, missing, foreign or
obsolete (not with --all); 130 interrupted.`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) =>
        flags.all === true
          ? (await import('./stacks.js')).listStacks(settings, host, runtime)
          : flags.watch !== undefined
            ? (await import('./watch.js')).watchStatus(settings, host, { seconds: Number(flags.watch), runtime })
            : (await import('./status.js')).status(settings, host, {
                mail: flags.mail !== false,
                ...(runtime && { runtime }),
              }),
      ),
    );
};
