/**
 * The command line: the commands, and the one place where an error becomes a message and an exit status.
 */
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { given } from './cli/flags.js';
import type { Runs, Task, Verb, Work } from './cli/verb.js';
import { address } from './cli/verbs/address.js';
import { backfill } from './cli/verbs/backfill.js';
import { demo } from './cli/verbs/demo.js';
import { deploy } from './cli/verbs/deploy.js';
import { inbox } from './cli/verbs/inbox.js';
import { policy } from './cli/verbs/policy.js';
import { services } from './cli/verbs/services.js';
import { status } from './cli/verbs/status.js';
import { teardown } from './cli/verbs/teardown.js';
import { verify } from './cli/verbs/verify.js';
import { forPrograms } from './host/for-programs.js';
import type { Streams } from './host/terminal.js';
import { loadSettings, type Settings } from './settings/index.js';

/** What the command line is run with: the process's own, or a test's. */
export interface Environment extends Streams, Pick<Partial<Task>, 'ground'> {
  cwd: string;
  version: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** The commands, in the order in which --help lists them. */
const verbs: Verb[] = [deploy, teardown, status, verify, backfill, services, address, inbox, demo, policy];

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
  const runs: Runs =
    (work, apart) =>
    async (...action) => {
      // Commander calls an action with the operands, the flags, and the command itself.
      const command = action.at(-1) as Command;
      status = await run(work, command, environment, apart ? nowhere : environment);
    };
  try {
    await program(environment, runs).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has told people what is wrong; a program reads stdout.
    if (error.exitCode !== 0 && args.includes('--json')) {
      const document = { version: 1, outcome: 'failed', error: forPrograms(error.message) };
      environment.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    }
    return error.exitCode;
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
    const { ground } = environment;
    return await work({ settings, host, flags: command.opts(), operands: command.args, ground });
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
    .helpCommand('help [command]', 'what a command does, and its flags')
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
  for (const verb of verbs) verb(root, runs);
  return root;
}
