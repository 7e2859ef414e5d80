/** The commands `inbox list`, `inbox wait` and `inbox show`. */
import type { Command } from 'commander';
import type { Settings } from '../../settings/index.js';
import { addCommands, type CommandDefinition, type CommandRunner } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, mailboxFlags, outputFlags } from '../shared/flags.js';
import { arnOfRole, expression, instant, mailAddress, someText, wholeNumber } from '../shared/parsers.js';

/** The flags that all of them have. */
function addReadingFlags(command: Command): void {
  addSettingFlags(command, [...mailboxFlags, ...connectionFlags, ...outputFlags]);
  command.addOption(
    flag('Common', '--role-arn <arn>', 'Role to assume with the token [DATA_ROLE_ARN]').argParser(arnOfRole),
  );
}

/** The settings, with the role that the flag names, if any. */
function withRole(settings: Settings, { roleArn }: Record<string, unknown>): Settings {
  return typeof roleArn === 'string' ? { ...settings, dataRole: roleArn } : settings;
}

export const inbox: CommandDefinition = (group, run) => {
  group.addHelpText(
    'after',
    `
Examples:
  agentkeys-ses-routing inbox list --token-file t.jwt
  agentkeys-ses-routing inbox wait --token-file t.jwt --code '\\b\\d{6}\\b'
  agentkeys-ses-routing inbox show <id> --token-file t.jwt`,
  );
  addCommands(
    group,
    [
      { name: 'list', description: 'List messages, newest first', load: () => list },
      { name: 'wait', description: 'Wait for a message, and print its code or link, or its id', load: () => wait },
      { name: 'show', description: 'Print a message: sender, subject, text and links', load: () => show },
    ],
    run,
  );
};

function list(command: Command, run: CommandRunner): void {
  addReadingFlags(command);
  command
    .addOption(flag('Common', '--limit <number>', 'Most messages to list').default(20).argParser(wholeNumber(1, 1000)))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing inbox list --token-file t.jwt
  agentkeys-ses-routing inbox list --wallet 0x… --limit 100 --json`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) =>
        (await import('./list.js')).list(withRole(settings, flags), host, Number(flags.limit), runtime),
      ),
    );
}

function wait(command: Command, run: CommandRunner): void {
  addReadingFlags(command);
  command
    .addOption(flag('Common', '--to <address>', 'Exact address it was sent to').argParser(mailAddress))
    .addOption(flag('Common', '--from <text>', 'Part of the sender, in any case').argParser(someText))
    .addOption(flag('Common', '--subject <text>', 'Part of the subject, in any case').argParser(someText))
    .addOption(
      flag('Common', '--code <regex>', 'In its subject, text, links or HTML; prints the first group, else the match')
        .argParser(expression)
        .conflicts('link'),
    )
    .addOption(flag('Common', '--link <regex>', 'In one of its links; prints that link').argParser(expression))
    .addOption(
      flag('Common', '--since <time>', 'Ignore messages routed before this time (ISO 8601)').argParser(instant),
    )
    .addOption(
      flag('Common', '--timeout <seconds>', 'Longest time to wait').default(120).argParser(wholeNumber(1, 3_600)),
    )
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing inbox wait --token-file t.jwt --to "$TO" --link verify
  agentkeys-ses-routing inbox wait --token-file t.jwt --link 'verify\\?token='
  agentkeys-ses-routing inbox wait --token-file t.jwt --code '\\b\\d{6}\\b'
  agentkeys-ses-routing inbox wait --wallet 0x… --from openrouter --timeout 30

--token-file takes a token, AgentKeys' session.json, or the broker's answer.
Regular expressions are JavaScript's. Only the result is printed to stdout.
Exit status: 0 found; 1 timed out or failed; 130 interrupted.`,
    )
    .action(
      run(async ({ settings, host, flags: given, runtime }) =>
        // The parsers above return the types in WaitFlags.
        (await import('./wait.js')).wait(
          withRole(settings, given),
          host,
          { ...given, timeout: Number(given.timeout) },
          runtime,
        ),
      ),
    );
}

function show(command: Command, run: CommandRunner): void {
  command.argument('<id>', 'Message id, as printed by `inbox list`');
  addReadingFlags(command);
  command
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing inbox show <id> --token-file t.jwt
  agentkeys-ses-routing inbox show <id> --wallet 0x… --json`,
    )
    .action(
      run(async ({ settings, host, flags, operands, runtime }) =>
        (await import('./show.js')).show(withRole(settings, flags), host, operands.join(), runtime),
      ),
    );
}
