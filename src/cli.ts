/**
 * The command line: flags and commands, and the one place where an error becomes a message and an exit status.
 * What a command needs is loaded only when it runs, so that --help is there at once.
 */
import { fileURLToPath } from 'node:url';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Ground } from './commands/session.js';
import type { Host } from './host/host.js';
import type { Streams } from './host/terminal.js';
import {
  fileFlags,
  loadSettings,
  type SettingKey,
  type Settings,
  settingKeys,
  settingsTable,
} from './settings/index.js';

/** What the command line is run with: the process's own, or a test's. */
export interface Environment extends Streams {
  cwd: string;
  version: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Other clients and another clock than the real ones. */
  ground?: Ground;
}

const reaching: SettingKey[] = ['bucket', 'region', 'profile', 'account', 'endpointUrl'];
const named: SettingKey[] = ['functionName', 'roleName', 'ruleName', 'brokerRole', 'brokerInstanceProfile'];
const speaking: SettingKey[] = ['json', 'quiet', 'debug'];
const wanted: SettingKey[] = [
  'mailDomain',
  'prefixes',
  'deleteSource',
  'memory',
  'timeout',
  'reservedConcurrency',
  'logRetentionDays',
  'logLevel',
  'permissionsBoundary',
  'tags',
  'broker',
  'dataRole',
  'removeBroadGrants',
  'keepLegacy',
];

/** Where settings are read from. */
type SettingsFrom = Pick<Environment, 'env' | 'cwd'>;

/** For what has nothing to do with the operator's account: no variable and no file of theirs. */
const nowhere: SettingsFrom = { env: {}, cwd: fileURLToPath(new URL('.', import.meta.url)) };

type Work = (settings: Settings, host: Host, command: Command) => Promise<number>;

/** Makes a command's action of its work. */
type Runs = (work: Work, reads?: SettingsFrom) => (options: unknown, command: Command) => Promise<void>;

/**
 * Runs a command line. Whatever fails in the work is told and becomes the exit status; what is thrown is a fault of this program.
 *
 * @param args what follows the program's name.
 * @returns the exit status: 0 fine; 1 failed or declined; 2 something to do (--dry-run --detailed-exitcode); 130 interrupted.
 */
export async function main(args: string[], environment: Environment): Promise<number> {
  let status = 0;
  const runs: Runs =
    (work, reads = environment) =>
    async (_options, command) => {
      status = await run(work, command, environment, reads);
    };
  try {
    await program(environment, runs).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

async function run(work: Work, command: Command, environment: Environment, reads: SettingsFrom): Promise<number> {
  const flags = given(command);
  let settings: Settings | undefined;
  try {
    const loaded = await loadSettings(flags, reads.env, reads.cwd);
    settings = loaded.settings;
    const { terminal } = await import('./host/terminal.js');
    const host = terminal(environment, { ...settings, signal: environment.signal });
    for (const warning of loaded.warnings) host.warn(`warning: ${warning}`);
    return await work(settings, host, command);
  } catch (error) {
    const { failure, traces } = await import('./failure.js');
    const { lines, status, document } = failure(error, settings?.endpointUrl);
    if (flags.json === true) environment.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    const told = flags.debug === true ? [...lines, ...traces(error)] : lines;
    environment.stderr.write(told.map((line) => `${line}\n`).join(''));
    return status;
  }
}

function program(environment: Environment, runs: Runs) {
  const root = new Command('agentkeys-ses-routing')
    .description('Routes the mail that Amazon SES stores in S3 to the wallet it is for.')
    .version(environment.version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'what a command does, and its flags')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      writeErr: (text) => void environment.stderr.write(text),
      getOutHelpWidth: () => environment.stdout.columns || 80,
      getErrHelpWidth: () => environment.stderr.columns || 80,
    })
    .showHelpAfterError('--help tells the commands and their flags.')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo               the whole story, without an account
  agentkeys-ses-routing deploy --dry-run   what a deploy would do
  agentkeys-ses-routing deploy
  agentkeys-ses-routing deploy --help      the flags, variables and defaults`,
    );

  const { ground } = environment;
  const deploy = root
    .command('deploy')
    .description('bring the stack in AWS to what is wanted; a second run writes nothing');
  offer(deploy, [...reaching, ...wanted, ...named, 'adopt', 'yes', ...speaking, 'detailedExitcode']);
  deploy
    .option('--dry-run', 'show the plan; write nothing')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing deploy --dry-run --env-file operator-workstation.env
  agentkeys-ses-routing deploy --bucket my-mail --mail-domain bots.example.org
  agentkeys-ses-routing deploy --remove-broad-grants    narrow the broker's role
  agentkeys-ses-routing deploy --yes --json             in a CI job

Exit status: 0 fine; 1 failed or declined; 130 interrupted;
with --dry-run --detailed-exitcode, 2 when there is something to do.`,
    )
    .action(
      runs(async (settings, host, command) =>
        (await import('./commands/deploy.js')).deploy(settings, host, {
          dryRun: command.opts().dryRun === true,
          ground,
        }),
      ),
    );

  const teardown = root.command('teardown').description('take down what is ours, and nothing else; mail is kept');
  offer(teardown, [...reaching, ...named, 'teardownBroker', 'deleteLogs', 'yes', ...speaking, 'detailedExitcode']);
  teardown
    .option('--dry-run', 'show the plan; write nothing')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing teardown --dry-run
  agentkeys-ses-routing teardown --yes --delete-logs
  agentkeys-ses-routing teardown --broker   put the broker's role back as it was`,
    )
    .action(
      runs(async (settings, host, command) =>
        (await import('./commands/teardown.js')).teardown(settings, host, {
          dryRun: command.opts().dryRun === true,
          ground,
        }),
      ),
    );

  const backfill = root.command('backfill').description('route what is already in inbound/; twice is fine');
  offer(backfill, [...reaching, 'mailDomain', 'prefixes', 'deleteSource', ...speaking]);
  backfill
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
      runs(async (settings, host, command) => {
        const { since, dryRun } = command.opts();
        return (await import('./commands/backfill.js')).backfill(settings, host, {
          since,
          dryRun: dryRun === true,
          ground,
        });
      }),
    );

  const demo = root.command('demo').description('the whole story on an embedded AWS; needs no account, takes seconds');
  offer(demo, ['quiet', 'debug'], false);
  demo
    .option('--keep', 'leave the embedded AWS running, and say how to reach it')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo
  agentkeys-ses-routing demo --keep   then run any command against it`,
    )
    .action(
      runs(
        async (_settings, host, command) =>
          (await import('./commands/demo.js')).demo(host, { keep: command.opts().keep === true }),
        nowhere,
      ),
    );

  const policy = root
    .command('policy')
    .description('print the IAM policy that the operator needs for a task')
    .addArgument(new Argument('<task>', 'what is to be allowed').choices(['dry-run', 'deploy', 'teardown']));
  offer(policy, [
    ...reaching,
    ...named,
    'permissionsBoundary',
    'reservedConcurrency',
    'broker',
    'removeBroadGrants',
    'keepLegacy',
    'teardownBroker',
    'deleteLogs',
    'debug',
  ]);
  policy
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing policy dry-run --account 111122223333 --region us-east-1
  agentkeys-ses-routing policy deploy --remove-broad-grants > policy.json`,
    )
    .action(async (task, options, command) =>
      runs(async (settings, host) => (await import('./commands/policy.js')).policy(settings, host, task, ground))(
        options,
        command,
      ),
    );

  return root;
}

/** @throws InvalidArgumentError for what is no time. */
function instant(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must be a time as 2026-01-31T12:00:00Z.');
  return time;
}

/** Gives a command its flags, from the table of settings. */
function offer(command: Command, keys: SettingKey[], files = true): void {
  for (const key of keys) for (const option of optionsOf(key)) command.addOption(option);
  if (!files) return;
  for (const { flag, valueName, description } of Object.values(fileFlags))
    command.option(`${flag} <${valueName}>`, description);
}

function optionsOf(key: SettingKey): Option[] {
  const { flag, valueName, takes, negatable, environment, description, default: standard } = settingsTable[key];
  const notes = [
    ...(environment.length === 0 ? [] : [environment.join(', ')]),
    ...(takes === 'switch' || takes === 'pairs' || standard === undefined ? [] : [`default ${standard}`]),
  ];
  const text = notes.length === 0 ? description : `${description} [${notes.join('; ')}]`;
  if (takes === 'switch')
    return negatable === true
      ? [new Option(flag, text), new Option(flag.replace('--', '--no-'), `do not ${description}`)]
      : [new Option(flag, text)];
  const option = new Option(`${flag} <${valueName}>`, text);
  return [takes === 'value' ? option : option.argParser((value: string, before: string[] = []) => [...before, value])];
}

/** The flags that were given, by setting: a flag's own default is not one that was given. */
function given(command: Command): Record<string, unknown> {
  const values: Record<string, unknown> = command.opts();
  const files = Object.keys(fileFlags).map((key) => ({ key, attribute: key, negate: false }));
  const settings = settingKeys.flatMap((key) =>
    optionsOf(key).map((option) => ({ key, attribute: option.attributeName(), negate: option.negate })),
  );
  return Object.fromEntries(
    [...files, ...settings].flatMap(({ key, attribute, negate }) => {
      const value = values[attribute];
      // `--broker` and `--no-broker` are two settings' flags, and commander calls both `broker`: the value tells which was given.
      return command.getOptionValueSource(attribute) === 'cli' && negate === (value === false) ? [[key, value]] : [];
    }),
  );
}
