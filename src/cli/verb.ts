/**
 * What a command's declaration is given: the program to join, and how its work is run.
 */
import type { Command } from 'commander';
import type { Ground } from '../commands/session.js';
import type { Host } from '../host/host.js';
import type { Settings } from '../settings/index.js';

/** A command as it was given. */
export interface Task {
  settings: Settings;
  host: Host;
  /** The flags that are this command's own, by name. */
  flags: Record<string, unknown>;
  /** What follows the command's name, but for flags. */
  operands: string[];
  /** Other clients and another clock than the real ones. */
  ground: Ground | undefined;
}

/** @returns the exit status. */
export type Work = (task: Task) => Promise<number>;

/**
 * Makes a command's action of its work. What the work needs is loaded when it runs, so that --help is there at once.
 *
 * @param apart whether it has nothing to do with the operator's account: none of their variables and files is read.
 */
export type Runs = (work: Work, apart?: 'apart') => (...given: unknown[]) => Promise<void>;

/** Declares a command: its flags, its help, its work. */
export type Verb = (root: Command, runs: Runs) => void;
