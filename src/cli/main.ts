/**
 * The command line: the commands, and the one place that turns an error into a message and an exit status.
 */
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError } from 'commander';
import {
  addCommands,
  type CommandAction,
  type CommandContext,
  type CommandRunner,
} from '../commands/shared/definition.js';
import type { ErrorDocument } from '../commands/shared/schema.js';
import type { Settings } from '../settings/index.js';
import { colourful } from '../terminal/colours.js';
import type { Streams } from '../terminal/terminal.js';
import { printable } from '../terminal/text.js';
import { commands } from './commands.js';
import { HelpfulCommand } from './help.js';

/** The environment of a run: the process's, or a test's. */
export interface Environment extends Streams, Pick<Partial<CommandContext>, 'runtime'> {
  cwd: string;
  version: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Where settings are read from. */
type SettingsSource = Pick<Environment, 'env' | 'cwd'>;

/** An empty source, for commands that do not use the operator's account. */
const noSettings: SettingsSource = { env: {}, cwd: fileURLToPath(new URL('.', import.meta.url)) };

/**
 * Runs a command line. An error of a command is reported and sets the exit status; anything thrown is a bug in this program.
 *
 * @param args the arguments after the program's name.
 * @returns the exit status: 0 success; 1 failed or declined; 2 changes found (--dry-run --detailed-exitcode; status); 130 interrupted.
 */
export async function main(args: string[], environment: Environment): Promise<number> {
  let status = 0;
  const run: CommandRunner =
    (action, { ignoreOperatorSettings = false } = {}) =>
    async (...args) => {
      // Commander passes the operands, the flags, and last the command itself.
      const command = args.at(-1) as Command;
      status = await execute(action, command, environment, ignoreOperatorSettings ? noSettings : environment);
    };
  const program = createProgram(environment, !args.includes('--no-color'), run);
  try {
    if (args[0] === 'complete' && args[1] === '--') {
      const { complete } = await import('./complete.js');
      environment.stdout.write(printable(await complete(program, args.slice(2), environment.cwd)));
      return 0;
    }
    await program.parseAsync(withoutHelp(args), { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its message, `error: …`, to stderr; the document goes to stdout.
    if (error.exitCode !== 0 && args.includes('--json')) {
      const document: ErrorDocument = { version: 1, outcome: 'failed', error: error.message.replace(/^error: /, '') };
      environment.stdout.write(printable(`${JSON.stringify(document, null, 2)}\n`));
    }
    return error.exitCode;
  }
}

async function execute(
  action: CommandAction,
  command: Command,
  environment: Environment,
  source: SettingsSource,
): Promise<number> {
  const [{ givenFlags }, { loadSettings }] = await Promise.all([
    import('../commands/shared/flags.js'),
    import('../settings/index.js'),
  ]);
  const flags = givenFlags(command);
  let settings: Settings | undefined;
  try {
    const loaded = await loadSettings(flags, source.env, source.cwd);
    settings = loaded.settings;
    for (const warning of loaded.warnings) environment.stderr.write(printable(`warning: ${warning}\n`));
    const { terminal } = await import('../terminal/terminal.js');
    const host = terminal(environment, { ...settings, signal: environment.signal });
    const { runtime } = environment;
    return await action({
      settings,
      host,
      flags: command.opts(),
      operands: command.args,
      env: environment.env,
      runtime,
    });
  } catch (error) {
    const { failure, traces } = await import('./failure.js');
    const { lines, status, document } = failure(error, settings?.endpointUrl);
    if (flags.json === true) environment.stdout.write(printable(`${JSON.stringify(document, null, 2)}\n`));
    const printed = flags.debug === true ? [...lines, ...traces(error)] : lines;
    environment.stderr.write(printable(printed.map((line) => `${line}\n`).join('')));
    return status;
  }
}

/**
 * `help inbox wait` becomes `inbox wait --help`: commander's own takes one command, and does not load it. `help nothing` becomes
 * `nothing`, which is refused with a suggestion.
 */
function withoutHelp(args: string[]): string[] {
  const [first, ...command] = args;
  if (first !== 'help' || command.length === 0) return args;
  return commands.some(({ name }) => name === command[0]) ? [...command, '--help'] : command;
}

/** The columns of the help: at most 80, and at least 40. COLUMNS is for an output that is no terminal. */
function helpWidth({ columns }: { columns?: number }, env: NodeJS.ProcessEnv): number {
  return Math.max(40, Math.min(80, columns || Number(env.COLUMNS) || 80));
}

function createProgram(environment: Environment, color: boolean, run: CommandRunner): Command {
  const { stdout, stderr, env } = environment;
  const program = new HelpfulCommand('agentkeys-ses-routing')
    .description('Route mail that Amazon SES stores in S3 to the wallet it is addressed to.')
    .version(environment.version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Show the help of a command')
    .helpCommand('help [command]', 'Show the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(printable(text)),
      getOutHelpWidth: () => helpWidth(stdout, env),
      getErrHelpWidth: () => helpWidth(stderr, env),
      getOutHasColors: () => colourful(stdout, env, color),
      getErrHasColors: () => colourful(stderr, env, color),
    })
    .showHelpAfterError('Run with --help to list commands and flags.')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo               try it without an AWS account
  agentkeys-ses-routing deploy --dry-run   show what a deploy would change
  agentkeys-ses-routing deploy
  agentkeys-ses-routing deploy --help      list flags, variables and defaults`,
    );
  addCommands(program, commands, run);
  return program;
}
