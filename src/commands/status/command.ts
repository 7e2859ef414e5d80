/** The command `status`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, nameFlags, outputFlags, stackFlags } from '../shared/flags.js';

export const status: CommandDefinition = (root, runs) => {
  const command = root
    .command('status')
    .description('whether all is as a deploy would leave it, and how the mail has fared; writes nothing');
  addSettingFlags(command, [...connectionFlags, ...stackFlags, ...nameFlags, ...outputFlags]);
  command
    .option('--no-mail', 'do not look for the newest mail, which takes listing all of it')
    .addHelpText(
      'after',
      `
Give it the flags, variables and files that deploy is given: what they want is
what the account is held against. Each resource is one of these:
  in sync    as a deploy would leave it
  drifted    a deploy would change it; what is, and what is wanted
  missing    a deploy would make it
  foreign    there, but not made by this tool: deploy --adopt takes it over
  obsolete   there, and due to go: what is left of deploy.sh's router
  note       worth knowing; a deploy writes nothing for it

To tell the newest mail, inbound/ and bots/ are listed as a whole, a call for
each thousand messages: in a bucket of millions, leave it out with --no-mail.

The metrics are CloudWatch's, by the hour, and minutes late. "dropped" are the
events that Lambda or EventBridge gave up; their messages wait in inbound/, and
the backfill command that routes them is printed. A batch that backfill --via
lambda handed over counts as one event: should it have been given up, repeat
that backfill. What AWS does not let you see is said in its place.

Examples:
  agentkeys-ses-routing status --env-file operator-workstation.env
  agentkeys-ses-routing status --no-mail
  agentkeys-ses-routing status --json --quiet   in a CI job: 2 says drift

Exit status: 0 in sync; 1 failed; 2 something is drifted, missing, foreign or
obsolete; 130 interrupted.`,
    )
    .action(
      runs(async ({ settings, host, flags, runtime }) =>
        (await import('./status.js')).status(settings, host, {
          mail: flags.mail !== false,
          ...(runtime && { runtime }),
        }),
      ),
    );
};
