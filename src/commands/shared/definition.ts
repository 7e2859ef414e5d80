/**
 * What a command's declaration is given: the program to join, and how its work is run.
 */
import type { Command } from 'commander';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import type { Runtime } from './session.js';

/** A command as it was given. */
export interface CommandContext {
  settings: Settings;
  host: Host;
  /** The flags that are this command's own, by name. */
  flags: Record<string, unknown>;
  /** What follows the command's name, but for flags. */
  operands: string[];
  /** Other clients and another clock than the real ones. */
  runtime: Runtime | undefined;
}

/** @returns the exit status. */
export type CommandAction = (task: CommandContext) => Promise<number>;

/**
 * Makes a command's action of its work. What the work needs is loaded when it runs, so that --help is there at once.
 *
 * @param options.ignoreOperatorSettings read none of the operator's variables and files: the command does not use their account.
 */
export type CommandRunner = (
  work: CommandAction,
  options?: { ignoreOperatorSettings?: boolean },
) => (...given: unknown[]) => Promise<void>;

/** Declares a command: its flags, its help, its work. */
export type CommandDefinition = (root: Command, runs: CommandRunner) => void;
