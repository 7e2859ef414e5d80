/** The commands `inbox list`, `inbox wait` and `inbox show`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Settings } from '../../settings/index.js';
import { roleArn } from '../../settings/validators.js';
import { offer, reaching, reading, speaking } from '../flags.js';
import type { Runs, Verb } from '../verb.js';

/** What every one of them takes. */
function offerReading(command: Command): void {
  offer(command, [...reading, ...reaching, ...speaking]);
  command.addOption(
    new Option('--role-arn <arn>', 'the role that is assumed with the token [DATA_ROLE_ARN]').argParser(arn),
  );
}

/** The settings, with the role that the flag names; else it is the setting's. */
function reads(settings: Settings, { roleArn }: Record<string, unknown>): Settings {
  return typeof roleArn === 'string' ? { ...settings, dataRole: roleArn } : settings;
}

export const inbox: Verb = (root, runs) => {
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

function list(group: Command, runs: Runs): void {
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
      runs(async ({ settings, host, flags, ground }) =>
        (await import('../../commands/inbox/list.js')).list(reads(settings, flags), host, Number(flags.limit), ground),
      ),
    );
}

function wait(group: Command, runs: Runs): void {
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
      runs(async ({ settings, host, flags: given, ground }) =>
        // The parsers above have made them of the types in WaitFlags.
        (await import('../../commands/inbox/wait.js')).wait(
          reads(settings, given),
          host,
          { ...given, timeout: Number(given.timeout) },
          ground,
        ),
      ),
    );
}

function show(group: Command, runs: Runs): void {
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
      runs(async ({ settings, host, flags, operands, ground }) =>
        (await import('../../commands/inbox/show.js')).show(reads(settings, flags), host, operands.join(), ground),
      ),
    );
}

/** @throws InvalidArgumentError for what is not one within these bounds. */
function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** `^` and `$` are the ends of a line. @throws InvalidArgumentError for what is no regular expression, or matches everything. */
function expression(text: string): RegExp {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  try {
    return new RegExp(text, 'm');
  } catch (error) {
    throw new InvalidArgumentError(`${String(error).replace('SyntaxError: ', '')}.`);
  }
}

/** @throws InvalidArgumentError */
function arn(text: string): string {
  const read = roleArn([text]);
  if ('fault' in read) throw new InvalidArgumentError(`It ${read.fault}.`);
  return read.value;
}

function someText(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** @throws InvalidArgumentError for what is no time. */
function instant(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must be a time as 2026-01-31T12:00:00Z.');
  return time;
}
