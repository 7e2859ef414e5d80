/**
 * Completion in real shells: those that are installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { executable } from '../../support/process.js';

const installed = (program: string) => spawnSync(program, ['--version']).error === undefined;

/** A terminal, by util-linux's `script`. */
const noTerminal = String(spawnSync('script', ['--version']).stdout).includes('util-linux')
  ? false
  : 'script of util-linux is not installed';

/** Why a shell is not tested. */
function without(shell: string): string | false {
  return installed(shell) ? false : `${shell} is not installed`;
}

/**
 * A folder with the script for a shell, and with a program of this one's name that completes as this one does, and otherwise prints what
 * it was given.
 */
function prepare(t: Test, shell: string) {
  const { stdout, status } = spawnSync(process.execPath, [executable, 'completion', shell], { env: {} });
  t.equal(status, 0);
  const folder = t.testdir({
    script: String(stdout),
    'operator.env': '',
    'agentkeys-ses-routing.json': '{"stacks":{"production":{}}}',
  });
  const program = `${folder}/agentkeys-ses-routing`;
  spawnSync('tee', [program], {
    input: `#!/bin/sh
if [ "$1" = complete ]; then exec '${process.execPath}' '${executable}' "$@"; fi
printf 'RAN'; for each; do printf '<%s>' "$each"; done; printf 'END\\n'
`,
  });
  spawnSync('chmod', ['+x', program]);
  const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder, TERM: 'dumb', PS1: 'READY>' };
  return { folder, env };
}

/** Types lines, with tabs, at a shell's prompt; returns what the program was given. */
async function typeAt(t: Test, shell: string, command: string, setUp: string[], lines: string[]): Promise<string[]> {
  const { folder, env } = prepare(t, shell);
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env });
  t.teardown(() => child.kill('SIGKILL'));
  let screen = '';
  child.stdout.on('data', (bytes) => {
    screen += bytes;
  });
  const shows = async (pattern: RegExp) => {
    while (!pattern.test(screen)) await once(child.stdout, 'data');
    const [found = ''] = pattern.exec(screen) ?? [];
    screen = screen.slice(screen.indexOf(found) + found.length);
    return found;
  };
  for (const line of setUp) {
    await shows(/READY>/);
    child.stdin.write(`${line}\r`);
  }
  const ran: string[] = [];
  for (const line of lines) {
    await shows(/READY>/);
    child.stdin.write(`${line}\r`);
    ran.push((await shows(/RAN.*?END/)).slice(3, -3));
  }
  child.stdin.end('exit\r');
  await once(child, 'close');
  return ran;
}

/** What is typed, and what the program is given. */
const cases: ReadonlyArray<readonly [typed: string, ran: string]> = [
  ['agentkeys-ses-routing depl\t--dry-r\t', '<deploy><--dry-run>'],
  ['agentkeys-ses-routing inbox wa\t--lin\tx', '<inbox><wait><--link><x>'],
  [
    'agentkeys-ses-routing deploy --service gro\t--architecture x\t',
    '<deploy><--service><groq><--architecture><x86_64>',
  ],
  ['agentkeys-ses-routing status --stack prod\t', '<status><--stack><production>'],
  ['agentkeys-ses-routing policy tear\t', '<policy><teardown>'],
  ['agentkeys-ses-routing deploy --envfile oper\t', '<deploy><--envfile><operator.env>'],
];

const typed = cases.map(([line]) => line);
const expected = cases.map(([, ran]) => ran);

t.test('bash', { skip: noTerminal }, async (t) => {
  const setUp = ['. ./script', '. ./script'];
  t.strictSame(await typeAt(t, 'bash', 'bash --norc --noprofile -i', setUp, typed), expected);
});

t.test('bash does not run what is on the line, and completes after an equals sign', { skip: noTerminal }, async (t) => {
  const lines = [
    'agentkeys-ses-routing deploy --bucket "$(printf RUN >ran)" --architecture=x\t\u0001 : \u000b\ragentkeys-ses-routing "$(cat ran 2>&1)"',
    'agentkeys-ses-routing deploy --architecture=x\t',
  ];
  const [ran = '', equals] = await typeAt(t, 'bash', 'bash --norc --noprofile -i', ['. ./script'], lines);
  t.match(ran, /ran: No such file or directory/);
  t.equal(equals, '<deploy><--architecture=x86_64>');
});

t.test('zsh', { skip: without('zsh') || noTerminal }, async (t) => {
  const setUp = ['autoload -U compinit && compinit -u -D', '. ./script'];
  t.strictSame(await typeAt(t, 'zsh', 'zsh -f -i', setUp, typed), expected);
});

t.test('fish', { skip: without('fish') }, async (t) => {
  const { folder, env } = prepare(t, 'fish');
  const script = 'source script; for line in $argv; complete -C $line; echo END; end';
  const lines = ['depl', 'deploy --service gro', 'status --stack p', 'policy tear', 'deploy --envfile oper'];
  const args = ['--no-config', '-c', script, ...lines.map((line) => `agentkeys-ses-routing ${line}`)];
  const { stdout } = spawnSync('fish', args, { cwd: folder, env });
  t.strictSame(String(stdout).split('END\n'), [
    'deploy\tCreate or update the stack (idempotent)\n',
    'groq\n',
    'production\n',
    'teardown\n',
    'operator.env\n',
    '',
  ]);
});
