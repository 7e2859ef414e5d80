/** The command `trace`. */
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, outputFlags } from '../shared/flags.js';
import { timeOrDuration } from '../shared/parsers.js';
import type { TraceOptions } from './trace.js';

export const trace: CommandDefinition = (command, run) => {
  command.argument('<what>', 'A message id, a sign-up address, or a wallet');
  addSettingFlags(command, [
    ...connectionFlags,
    'mailDomain',
    'prefixes',
    'services',
    'functionName',
    'broker',
    'brokerRole',
    'brokerInstanceProfile',
    'dataRole',
    ...outputFlags,
  ]);
  command
    .addOption(
      flag(
        'Common',
        '--since <time>',
        'Look back to this time: ISO 8601, or how long ago (12h, 7d); default: 1d for a wallet or an address, when it was stored for a message',
      ).argParser(timeOrDuration),
    )
    .addOption(flag('Common', '--show-recipient', 'Show the addresses in the header that decide'))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing trace 0f3a…
  agentkeys-ses-routing trace inbound/0f3a… --show-recipient
  agentkeys-ses-routing trace or-0x…-1756411000@bots.litentry.org
  agentkeys-ses-routing trace 0x… --since 7d

For a message: where it and its copies are, what the function logged about it,
what it would decide now and by which header, who can read it, and what to do.
Of the message, only the bytes of its header that the function reads are read;
of a copy, only its entry in a listing. No address is printed unless
--show-recipient is given, and no subject or text in any case.

For a wallet or an address: its messages of the last day, found by the log and
by the wallet's folder. If there is only one, it is traced.

What AWS denies is shown as unknown, and the rest is shown.

Exit status: 0 explained; 1 error, or nothing was found; 130 interrupted.`,
    )
    .action(
      run(async ({ settings, host, flags, operands, runtime }) =>
        (await import('./trace.js')).trace(settings, host, operands.join(), {
          // The parser above returns the type in TraceOptions.
          ...(flags as Pick<TraceOptions, 'since'>),
          showRecipient: flags.showRecipient === true,
          ...(runtime && { runtime }),
        }),
      ),
    );
};
