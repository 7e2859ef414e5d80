/**
 * The screens of --help: order, groups, width and colours.
 */
import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import t, { type Test } from 'tap';
import { main } from '../../src/cli/main.js';
import { flagGroups } from '../../src/settings/definition.js';
import { executable } from '../support/process.js';

interface Screen {
  columns?: number;
  isTTY?: boolean;
  env?: NodeJS.ProcessEnv;
}

/** What a command line prints. */
async function screen(t: Test, args: string[], { columns, isTTY = false, env = {} }: Screen = {}) {
  const stream = () => Object.assign(new PassThrough(), { columns, isTTY });
  const [stdout, stderr] = [stream(), stream()];
  const signal = new AbortController().signal;
  const cwd = t.testdir({});
  await main(args, { stdin: new PassThrough(), stdout, stderr, env, cwd, version: '1.2.3', signal });
  return { stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

/** Every command, with its group: those that the shell can complete. */
async function everyCommand(t: Test, group: string[] = []): Promise<string[][]> {
  const { stdout } = await screen(t, ['complete', '--', ...group, '']);
  const names = [...stdout.matchAll(/^([a-z]+)\t/gm)].map(([, name]) => String(name)).filter((name) => name !== 'help');
  const below = await Promise.all(names.map((name) => everyCommand(t, [...group, name])));
  return names.flatMap((name, index) => [[...group, name], ...(below[index] ?? [])]);
}

const commands = [[], ...(await everyCommand(t))];

t.test('all commands are looked at', async (t) => {
  const names = commands.map((command) => command.join(' '));
  t.strictSame(
    ['', 'deploy', 'inbox wait', 'vault run'].filter((name) => !names.includes(name)),
    [],
  );
});

t.test('usage, description, examples, commands and flags by group, and the rest, in this order', async (t) => {
  const order = ['Examples:', 'Arguments:', 'Commands:', ...flagGroups.map((group) => `${group}:`), 'Options:'];
  for (const command of commands) {
    const { stdout } = await screen(t, [...command, '--help']);
    const headings = [...stdout.matchAll(/^([A-Z]\w+:)\n {2}/gm)].map(([, heading]) => String(heading));
    t.strictSame(
      headings,
      order.filter((heading) => headings.includes(heading)),
      `${command.join(' ')}: the order`,
    );
    const [, options = ''] = /^Options:\n((?: .*\n)+)/m.exec(stdout) ?? [];
    const ungrouped = options.match(/--[a-z-]+/g);
    t.strictSame(ungrouped, command.length === 0 ? ['--version', '--help'] : ['--help'], 'each flag has a group');
  }
});

t.test("a command's own flags come before those of settings", async (t) => {
  const { stdout } = await screen(t, ['inbox', 'wait', '--help']);
  const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
  t.ok(flags.indexOf('--code') < flags.indexOf('--bucket'));
});

/** The words of a screen, without what a broken example adds. */
const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '\\' && word !== '#');

t.test('at any width from 40 columns, lines fit and no word is broken', async (t) => {
  for (const command of commands) {
    const wide = await screen(t, [...command, '--help'], { columns: 80 });
    for (const columns of [80, 79, 64, 63, 50, 40]) {
      const { stdout } = await screen(t, [...command, '--help'], { columns });
      // A single word may be longer than a line: an example's has the backslash.
      const long = stdout.split('\n').filter((line) => line.length > columns && / [^\\]/.test(line.trim()));
      t.strictSame(long, [], `${command.join(' ')} at ${columns}`);
      t.strictSame(wordsOf(stdout), wordsOf(wide.stdout), `${command.join(' ')} at ${columns}: the same words`);
    }
  }
});

t.test('the width is that of the terminal, or COLUMNS, from 40 to 80', async (t) => {
  const at = async (columns?: number, env: NodeJS.ProcessEnv = {}) =>
    (await screen(t, ['deploy', '--help'], { ...(columns === undefined ? {} : { columns }), env })).stdout;
  t.equal(await at(), await at(80));
  t.equal(await at(0), await at(80), 'a terminal of unknown size');
  t.equal(await at(200), await at(80));
  t.equal(await at(20), await at(40));
  t.equal(await at(undefined, { COLUMNS: '50' }), await at(50));
  t.equal(await at(60, { COLUMNS: '50' }), await at(60));
  t.equal(await at(undefined, { COLUMNS: 'wide' }), await at(80));
});

t.test('an example that does not fit can be copied, and its comment stays apart', async (t) => {
  const { stdout } = await screen(t, ['status', '--help'], { columns: 40 });
  t.match(
    stdout,
    ['  agentkeys-ses-routing status --json \\', '    --quiet', '    # for CI: 2 means drift', ''].join('\n'),
  );
  const { stdout: run } = await screen(t, ['vault', 'run', '--help']);
  t.match(run, '--env API_KEY=openrouter \\\n    -- node agent.js\n');
});

t.test('the texts at 80 columns and at 40', async (t) => {
  const wide = (await screen(t, ['status', '--help'])).stdout;
  t.match(wide, '\n  --bucket <name>       The S3 bucket that SES stores mail in (default:\n');
  t.match(wide, '\n  drifted   a deploy would update it; the differences are listed\n');
  t.match(wide, /\n\nExit status: 0 in sync;/);
  const narrow = (await screen(t, ['status', '--help'], { columns: 40 })).stdout;
  t.match(narrow, '\n  --memory <MiB>\n    The memory of the function in MiB\n    (default: 256)\n');
  t.match(narrow, '\n  drifted\n    a deploy would update it; the\n');
  const list = (await screen(t, ['verify', '--help'], { columns: 40 })).stdout;
  t.match(list, /\n {2}- the stack is in sync: a deploy would\n {4}change nothing;\n/);
});

t.test('colours: on a terminal, unless NO_COLOR or --no-color; FORCE_COLOR without one', async (t) => {
  const coloured = async (args: string[], options: Screen) =>
    (await screen(t, args, options)).stdout.includes('\u001b[');
  const help = ['deploy', '--help'];
  t.equal(await coloured(help, { isTTY: true }), true);
  t.equal(await coloured(help, {}), false);
  t.equal(await coloured(help, { isTTY: true, env: { NO_COLOR: '1' } }), false);
  t.equal(await coloured(['deploy', '--no-color', '--help'], { isTTY: true }), false);
  t.equal(await coloured(help, { isTTY: true, env: { TERM: 'dumb' } }), false);
  t.equal(await coloured(help, { env: { FORCE_COLOR: '1' } }), true);
  t.equal(await coloured(help, { env: { FORCE_COLOR: '0' } }), false);
  const plain = (await screen(t, help)).stdout;
  const painted = (await screen(t, help, { isTTY: true })).stdout;
  t.equal(stripVTControlCharacters(painted), plain, 'the same text');
  t.match(painted, '\n\u001b[1mExamples:\u001b[22m\n');
  const { stderr } = await screen(t, [], { isTTY: true });
  t.match(stderr, '\u001b[1mUsage:\u001b[22m ', 'on stderr too');
});

const noTerminal = String(spawnSync('script', ['--version']).stdout).includes('util-linux')
  ? false
  : 'script of util-linux is not installed';

t.test('on a real terminal of 40 columns', { skip: noTerminal }, async (t) => {
  const command = `stty cols 40; '${process.execPath}' '${executable}' help vault put`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', HOME: t.testdir({}) },
  });
  const shown = String(stdout).replaceAll('\r\n', '\n');
  t.match(shown, '\u001b[1mCommon:\u001b[22m\n');
  const direct = await screen(t, ['vault', 'put', '--help'], { columns: 40, isTTY: true });
  t.equal(shown, direct.stdout);
});
