/**
 * The command line: the commands, and the one place where an error becomes a message and an exit status.
 */
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { address } from '../commands/address/command.js';
import { backfill } from '../commands/backfill/command.js';
import { demo } from '../commands/demo/command.js';
import { deploy } from '../commands/deploy/command.js';
import { inbox } from '../commands/inbox/command.js';
import { policy } from '../commands/policy/command.js';
import { services } from '../commands/services/command.js';
import type { CommandAction, CommandContext, CommandDefinition, CommandRunner } from '../commands/shared/definition.js';
import { givenFlags } from '../commands/shared/flags.js';
import { status } from '../commands/status/command.js';
import { teardown } from '../commands/teardown/command.js';
import { verify } from '../commands/verify/command.js';
import { loadSettings, type Settings } from '../settings/index.js';
import type { Streams } from '../terminal/terminal.js';
import { printable } from '../terminal/text.js';

/** What the command line is run with: the process's own, or a test's. */
export interface Environment extends Streams, Pick<Partial<CommandContext>, 'runtime'> {
  cwd: string;
  version: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** The commands, in the order in which --help lists them. */
const verbs: CommandDefinition[] = [deploy, teardown, status, verify, backfill, services, address, inbox, demo, policy];

/** Where settings are read from. */
type SettingsFrom = Pick<Environment, 'env' | 'cwd'>;

/** For what has nothing to do with the operator's account: no variable and no file of theirs. */
const nowhere: SettingsFrom = { env: {}, cwd: fileURLToPath(new URL('.', import.meta.url)) };

/**
 * Runs a command line. Whatever fails in the work is told and becomes the exit status; what is thrown is a fault of this program.
 *
 * @param args what follows the program's name.
 * @returns the exit status: 0 fine; 1 failed or declined; 2 something to do (--dry-run --detailed-exitcode; status); 130 interrupted.
 */
export async function main(args: string[], environment: Environment): Promise<number> {
  let status = 0;
  const runs: CommandRunner =
    (work, { ignoreOperatorSettings = false } = {}) =>
    async (...action) => {
      // Commander calls an action with the operands, the flags, and the command itself.
      const command = action.at(-1) as Command;
      status = await run(work, command, environment, ignoreOperatorSettings ? nowhere : environment);
    };
  try {
    await program(environment, runs).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its message, `error: …`, on stderr; a program reads stdout.
    if (error.exitCode !== 0 && args.includes('--json')) {
      const document = { version: 1, outcome: 'failed', error: error.message.replace(/^error: /, '') };
      environment.stdout.write(printable(`${JSON.stringify(document, null, 2)}\n`));
    }
    return error.exitCode;
  }
}

async function run(
  work: CommandAction,
  command: Command,
  environment: Environment,
  reads: SettingsFrom,
): Promise<number> {
  const flags = givenFlags(command);
  let settings: Settings | undefined;
  try {
    const loaded = await loadSettings(flags, reads.env, reads.cwd);
    settings = loaded.settings;
    const { terminal } = await import('../terminal/terminal.js');
    const host = terminal(environment, { ...settings, signal: environment.signal });
    for (const warning of loaded.warnings) host.warn(`warning: ${warning}`);
    const { runtime } = environment;
    return await work({ settings, host, flags: command.opts(), operands: command.args, runtime });
  } catch (error) {
    const { failure, traces } = await import('./failure.js');
    const { lines, status, document } = failure(error, settings?.endpointUrl);
    if (flags.json === true) environment.stdout.write(printable(`${JSON.stringify(document, null, 2)}\n`));
    const told = flags.debug === true ? [...lines, ...traces(error)] : lines;
    environment.stderr.write(printable(told.map((line) => `${line}\n`).join('')));
    return status;
  }
}

function program(environment: Environment, runs: CommandRunner) {
  const root = new Command('agentkeys-ses-routing')
    .description('Routes the mail that Amazon SES stores in S3 to the wallet it is for.')
    .version(environment.version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'what a command does, and its flags')
    .helpCommand('help [command]', 'what a command does, and its flags')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      writeErr: (text) => void environment.stderr.write(printable(text)),
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
  for (const verb of verbs) verb(root, runs);
  return root;
}
