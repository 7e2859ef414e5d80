/** The commands `inbox list`, `inbox wait` and `inbox show`. */
import { type Command, Option } from 'commander';
import type { Settings } from '../../settings/index.js';
import type { CommandDefinition, CommandRunner } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, mailboxFlags, outputFlags } from '../shared/flags.js';
import { arnOfRole, expression, instant, someText, wholeNumber } from '../shared/parsers.js';

/** What every one of them takes. */
function offerReading(command: Command): void {
  addSettingFlags(command, [...mailboxFlags, ...connectionFlags, ...outputFlags]);
  command.addOption(
    new Option('--role-arn <arn>', 'the role that is assumed with the token [DATA_ROLE_ARN]').argParser(arnOfRole),
  );
}

/** The settings, with the role that the flag names; else it is the setting's. */
function reads(settings: Settings, { roleArn }: Record<string, unknown>): Settings {
  return typeof roleArn === 'string' ? { ...settings, dataRole: roleArn } : settings;
}

export const inbox: CommandDefinition = (root, runs) => {
  const group = root
    .command('inbox')
    .description("read a wallet's mail")
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing inbox list --token-file t.jwt
  agentkeys-ses-routing inbox wait --token-file t.jwt --code '\\b\\d{6}\\b'
  agentkeys-ses-routing inbox show <id> --token-file t.jwt`,
    );
  list(group, runs);
  wait(group, runs);
  show(group, runs);
};

function list(group: Command, runs: CommandRunner): void {
  const command = group.command('list').description('what is there, the newest first');
  offerReading(command);
  command
    .addOption(new Option('--limit <number>', 'how many at most').default(20).argParser(wholeNumber(1, 1000)))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing inbox list --token-file t.jwt
  agentkeys-ses-routing inbox list --wallet 0x… --limit 100 --json`,
    )
    .action(
      runs(async ({ settings, host, flags, runtime }) =>
        (await import('./list.js')).list(reads(settings, flags), host, Number(flags.limit), runtime),
      ),
    );
}

function wait(group: Command, runs: CommandRunner): void {
  const command = group.command('wait').description('wait for a message, and print its code or link, or its id');
  offerReading(command);
  command
    .option('--from <text>', 'part of the sender, in any case', someText)
    .option('--subject <text>', 'part of the subject, in any case', someText)
    .addOption(
      new Option('--code <regex>', 'in its subject or text; the first group, or the whole match, is printed')
        .argParser(expression)
        .conflicts('link'),
    )
    .addOption(new Option('--link <regex>', 'in one of its links, which is printed').argParser(expression))
    .option('--since <time>', 'only what was routed at this time (ISO 8601) or later', instant)
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait at most').default(120).argParser(wholeNumber(1, 3_600)),
    )
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing inbox wait --token-file t.jwt --link 'verify\\?token='
  agentkeys-ses-routing inbox wait --token-file t.jwt --code '\\b\\d{6}\\b'
  agentkeys-ses-routing inbox wait --wallet 0x… --from openrouter --timeout 30

Regular expressions are JavaScript's. What was found is alone on stdout.
Exit status: 0 found; 1 not found in time, or failed; 130 interrupted.`,
    )
    .action(
      runs(async ({ settings, host, flags: given, runtime }) =>
        // The parsers above have made them of the types in WaitFlags.
        (await import('./wait.js')).wait(
          reads(settings, given),
          host,
          { ...given, timeout: Number(given.timeout) },
          runtime,
        ),
      ),
    );
}

function show(group: Command, runs: CommandRunner): void {
  const command = group
    .command('show')
    .description('a message: its sender, subject, text and links')
    .argument('<id>', 'its id, as `inbox list` has it');
  offerReading(command);
  command
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing inbox show <id> --token-file t.jwt
  agentkeys-ses-routing inbox show <id> --wallet 0x… --json`,
    )
    .action(
      runs(async ({ settings, host, flags, operands, runtime }) =>
        (await import('./show.js')).show(reads(settings, flags), host, operands.join(), runtime),
      ),
    );
}
