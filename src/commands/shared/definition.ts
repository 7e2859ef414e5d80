/**
 * How a command is declared: its flags and help, and the action behind it.
 */
import type { Command, Option } from 'commander';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import type { Runtime } from './session.js';

/** What an action runs with. */
export interface CommandContext {
  settings: Settings;
  host: Host;
  /** The values of the command's own flags, by name. */
  flags: Record<string, unknown>;
  /** The positional arguments. */
  operands: string[];
  /** The environment variables. */
  env: NodeJS.ProcessEnv;
  /** Replaces the AWS clients and the clock, in tests. */
  runtime: Runtime | undefined;
}

/** @returns the exit status. */
export type CommandAction = (context: CommandContext) => Promise<number>;

/**
 * Wraps an action for commander's `.action()`: loads the settings, and turns errors into messages and an exit status. An action
 * imports its implementation when it runs, so that --help loads none of it.
 *
 * @param options.ignoreOperatorSettings ignore the operator's environment and files: the command does not use their account.
 */
export type CommandRunner = (
  action: CommandAction,
  options?: { ignoreOperatorSettings?: boolean },
) => (...args: unknown[]) => Promise<void>;

/** Adds a command's flags, operands, help and action. */
export type CommandDefinition = (command: Command, run: CommandRunner) => void;

/** A command as the help of its parent lists it. */
export interface ListedCommand {
  name: string;
  description: string;
  /** Loads the definition, when the command or its help is asked for. */
  load: () => CommandDefinition | Promise<CommandDefinition>;
}

/** The flags of settings, which several commands have. The help lists a command's own flags before them. */
export const settingFlags = new WeakSet<Option>();

/** Defines a command, where that has not been done. */
const definitions = new WeakMap<Command, () => Promise<void>>();

/**
 * Adds commands to the program, or to a group. Only the command that the arguments name gets its flags: making those of all others would
 * take most of the time of --help.
 */
export function addCommands(parent: Command, commands: readonly ListedCommand[], run: CommandRunner): void {
  for (const { name, description, load } of commands) {
    const command = parent.command(name).description(description);
    definitions.set(command, async () => (await load())(command, run));
  }
  parent.hook('preSubcommand', (_, command) => defineCommand(command));
}

/** Gives a command its flags, operands, help and action. */
export async function defineCommand(command: Command): Promise<void> {
  const define = definitions.get(command);
  definitions.delete(command);
  await define?.();
}
