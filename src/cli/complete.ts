/**
 * `complete -- <words>`, which the shells' scripts run: what the last word, which may be empty, can become. The settings file is the only
 * file that is read, and AWS is not called.
 */
import { resolve } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { defineCommand } from '../commands/shared/definition.js';
import { allowedWords, defaultConfigFile, stacksIn } from '../settings/index.js';

/** What the scripts do with the values: https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective */
const directives = { pathsIfNone: 0, noSpace: 2, noPaths: 4 };

interface Answer {
  values: Array<{ value: string; description?: string }>;
  directive: number;
}

const nothing: Answer = { values: [], directive: directives.noPaths };
const paths: Answer = { values: [], directive: directives.pathsIfNone };

/**
 * Answers the shell.
 *
 * @param words those after the program's name, up to the cursor.
 * @returns a line for each value, and the directive.
 */
export async function complete(program: Command, words: readonly string[], cwd: string): Promise<string> {
  const before = words.slice(0, -1);
  const last = String(words.at(-1) ?? '');
  const { values, directive } = await answer(program, before[0] === 'help' ? before.slice(1) : before, last, cwd);
  const lines = values.map(({ value, description }) => (description ? `${value}\t${description}` : value));
  return [...lines, `:${directive}`, ''].join('\n');
}

async function answer(program: Command, before: readonly string[], last: string, cwd: string): Promise<Answer> {
  const { command, operands, open, options, ended } = await read(program, before);
  if (ended) return paths;
  if (open !== undefined) return starting(await valuesOf(open, last, options, cwd), last);
  const [, flag = '', value = ''] = /^(--[^=]+)=(.*)$/s.exec(last) ?? [];
  const assigned = optionOf(command, flag);
  if (assigned !== undefined) return starting(await valuesOf(assigned, value, options, cwd), value);
  if (last.startsWith('-')) return starting({ values: flagsOf(command), directive: directives.noPaths }, last);
  return starting(
    command.commands.length > 0 ? subcommandsOf(command) : choicesOf(command.registeredArguments[operands]),
    last,
  );
}

/** What stands before the word: the command, how many operands, the flag whose value the word is, the values of flags. */
interface Reading {
  command: Command;
  operands: number;
  open: Option | undefined;
  options: ReadonlyMap<string, string>;
  /** After `--`, the words are another program's. */
  ended: boolean;
}

async function read(program: Command, words: readonly string[]): Promise<Reading> {
  let command = program;
  let operands = 0;
  let open: Option | undefined;
  const options = new Map<string, string>();
  for (const word of words) {
    const subcommand = command.commands.find((each) => each.name() === word);
    if (open !== undefined) {
      options.set(String(open.long), word);
      open = undefined;
    } else if (word === '--') return { command, operands, open, options, ended: true };
    else if (word.startsWith('-')) {
      const [flag = '', ...value] = word.split(/=(.*)/s);
      const option = optionOf(command, flag);
      if (value.length > 0) options.set(flag, value.join(''));
      else if (option?.required) open = option;
    } else if (subcommand !== undefined) {
      command = subcommand;
      await defineCommand(command);
    } else operands += 1;
  }
  return { command, operands, open, options, ended: false };
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short);
}

/** Keeps the values that begin with the text. */
function starting({ values, directive }: Answer, text: string): Answer {
  return { values: values.filter(({ value }) => value.startsWith(text)), directive };
}

function flagsOf(command: Command): Answer['values'] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, description }) => ({
      value: String(long),
      // Without the names of variables.
      description: description.replace(/ \[[A-Z_, ]+\]$/, ''),
    }));
}

function subcommandsOf(command: Command): Answer {
  const values = command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: each.description() }));
  return { values, directive: directives.noPaths };
}

function choicesOf(argument: Argument | undefined): Answer {
  return plain(argument?.argChoices ?? []);
}

function plain(words: readonly string[]): Answer {
  return { values: words.map((value) => ({ value })), directive: directives.noPaths };
}

/** The values of a flag. @param text its value so far */
async function valuesOf(
  option: Option,
  text: string,
  given: ReadonlyMap<string, string>,
  cwd: string,
): Promise<Answer> {
  if (option.argChoices !== undefined) return plain(option.argChoices);
  if (option.flags.endsWith('<path>')) return paths;
  if (option.long === '--stack') return plain(await stacksIn(resolve(cwd, given.get('--config') ?? defaultConfigFile)));
  const { words, takes } = allowedWords(String(option.long));
  if (words.length === 0) return nothing;
  // A list's values are separated by commas, and a pair's key is followed by more.
  const listed = takes === 'list' ? text.slice(0, text.lastIndexOf(',') + 1) : '';
  const answer = plain(words.map((word) => `${listed}${word}`));
  return takes === 'pairs' ? { ...answer, directive: directives.noPaths + directives.noSpace } : answer;
}
