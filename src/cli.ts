/**
 * The command line: flags and commands, and the one place where an error becomes a message and an exit status.
 * What a command needs is loaded only when it runs, so that --help is there at once.
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import type { Ground } from './commands/session.js';
import type { Host } from './host/host.js';
import type { Streams } from './host/terminal.js';
import { fileFlags, loadSettings, type SettingKey, type Settings, settingsTable } from './settings/index.js';

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
  'permissionsBoundary',
  'tags',
  'broker',
  'removeBroadGrants',
];

type Work = (settings: Settings, host: Host, command: Command) => Promise<number>;

/**
 * Runs a command line. Never throws.
 *
 * @param args what follows the program's name.
 * @returns the exit status: 0 fine; 1 failed or declined; 2 something to do (--dry-run --detailed-exitcode); 130 interrupted.
 */
export async function main(args: string[], environment: Environment): Promise<number> {
  let status = 0;
  const runs = (work: Work) => async (_options: unknown, command: Command) => {
    status = await run(work, command, environment);
  };
  try {
    await program(environment, runs).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

async function run(work: Work, command: Command, environment: Environment): Promise<number> {
  const flags = given(command);
  let settings: Settings | undefined;
  try {
    const loaded = await loadSettings(flags, environment.env, environment.cwd);
    settings = loaded.settings;
    const { terminal } = await import('./host/terminal.js');
    const host = terminal(environment, { ...settings, signal: environment.signal });
    for (const warning of loaded.warnings) host.warn(`warning: ${warning}`);
    return await work(settings, host, command);
  } catch (error) {
    const { failure } = await import('./failure.js');
    const { lines, status } = failure(error, settings?.endpointUrl);
    const trace =
      flags.debug === true && error instanceof Error ? [String(error.stack), String(error.cause ?? '')] : [];
    environment.stderr.write([...lines, ...trace].map((line) => `${line}\n`).join(''));
    return status;
  }
}

function program(
  environment: Environment,
  runs: (work: Work) => (options: unknown, command: Command) => Promise<void>,
) {
  const root = new Command('agentkeys-ses-routing')
    .description('Routes the mail that Amazon SES stores in S3 to the wallet it is for.')
    .version(environment.version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'what a command does, and its flags')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      writeErr: (text) => void environment.stderr.write(text),
    })
    .showHelpAfterError('--help tells the commands and their flags.')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo               the whole story, without an AWS account
  agentkeys-ses-routing deploy --dry-run   what a deploy would do; writes nothing
  agentkeys-ses-routing deploy
  agentkeys-ses-routing deploy --help      the flags, their variables and defaults`,
    );

  const { ground } = environment;
  const deploy = root
    .command('deploy')
    .description('bring the stack in AWS to what is wanted; a second run writes nothing');
  offer(deploy, [...reaching, ...wanted, ...named, 'adopt', 'yes', ...speaking, 'detailedExitcode']);
  deploy
    .option('--dry-run', 'show the plan; write nothing', false)
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing deploy --dry-run --env-file operator-workstation.env
  agentkeys-ses-routing deploy --bucket my-mail --mail-domain bots.example.org
  agentkeys-ses-routing deploy --remove-broad-grants     cut the broker down to inbound/
  agentkeys-ses-routing deploy --yes --json              in a CI job

Exit status: 0 fine; 1 failed or declined; 130 interrupted;
with --dry-run --detailed-exitcode, 2 when there is something to do.`,
    )
    .action(
      runs(async (settings, host, command) =>
        (await import('./commands/deploy.js')).deploy(settings, host, { dryRun: command.opts().dryRun, ground }),
      ),
    );

  const teardown = root.command('teardown').description('take down what is ours, and nothing else; mail is kept');
  offer(teardown, [...reaching, ...named, 'teardownBroker', 'deleteLogs', 'yes', ...speaking, 'detailedExitcode']);
  teardown
    .option('--dry-run', 'show the plan; write nothing', false)
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing teardown --dry-run
  agentkeys-ses-routing teardown --yes --delete-logs
  agentkeys-ses-routing teardown --broker        give the broker back what was taken from it`,
    )
    .action(
      runs(async (settings, host, command) =>
        (await import('./commands/teardown.js')).teardown(settings, host, { dryRun: command.opts().dryRun, ground }),
      ),
    );

  const demo = root.command('demo').description('the whole story on an embedded AWS; needs no account, takes seconds');
  offer(demo, ['quiet', 'debug'], false);
  demo
    .option('--keep', 'leave the embedded AWS running, and say how to reach it', false)
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo
  agentkeys-ses-routing demo --keep   then, in another shell, run any command against it`,
    )
    .action(
      runs(async (_settings, host, command) =>
        (await import('./commands/demo.js')).demo(host, { keep: command.opts().keep }),
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
  agentkeys-ses-routing policy deploy --remove-broad-grants > operator-policy.json`,
    )
    .action(async (task, options, command) =>
      runs(async (settings, host) => (await import('./commands/policy.js')).policy(settings, host, task, ground))(
        options,
        command,
      ),
    );

  return root;
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
    ...(takes === 'switch' || standard === undefined || String(standard) === '[object Object]'
      ? []
      : [`default ${standard}`]),
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
  const attributes = new Map<string, string>([
    ['config', 'config'],
    ['envFile', 'envFile'],
  ]);
  for (const key of Object.keys(settingsTable) as SettingKey[])
    // `--broker` is teardown's, `--no-broker` deploy's: both are called `broker` by commander.
    for (const option of optionsOf(key))
      if (command.options.some(({ flags }) => flags === option.flags)) attributes.set(option.attributeName(), key);
  const values: Record<string, unknown> = command.opts();
  return Object.fromEntries(
    [...attributes].flatMap(([attribute, key]) =>
      command.getOptionValueSource(attribute) === 'cli' ? [[key, values[attribute]]] : [],
    ),
  );
}
