/**
 * What `complete` answers the shells' scripts.
 */
import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import { services } from '../../src/agentkeys/services.js';
import { main } from '../../src/cli/main.js';
import { operatorTasks } from '../../src/commands/policy/command.js';

/** The values that the last word can become, and the directive. */
async function complete(t: Test, words: string[], files: Record<string, string> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const status = await main(['complete', '--', ...words], {
    stdin: new PassThrough(),
    stdout,
    stderr,
    // No endpoint, no credentials, and a setting that is refused: none of them is looked at.
    env: { AGENTKEYS_SES_ROUTING_MEMORY: 'lots' },
    cwd: t.testdir(files),
    version: '1.2.3',
    signal: new AbortController().signal,
  });
  t.strictSame({ status, stderr: stderr.read() }, { status: 0, stderr: null });
  const lines = String(stdout.read()).trimEnd().split('\n');
  const [, directive] = /^:(\d+)$/.exec(String(lines.pop())) ?? [];
  return { values: lines.map((line) => line.split('\t')[0]), directive: Number(directive), lines };
}

/** The directives of the protocol. */
const [PATHS, NO_PATHS, NO_PATHS_NO_SPACE] = [0, 4, 6];

t.test('commands, also of a group, with what they do', async (t) => {
  t.strictSame((await complete(t, ['depl'])).lines, ['deploy\tCreate or update the stack (idempotent)']);
  t.match((await complete(t, [''])).values, ['deploy', 'teardown']);
  t.strictSame(await complete(t, []), await complete(t, ['']));
  t.strictSame((await complete(t, ['inbox', 'w'])).values, ['wait']);
  t.strictSame((await complete(t, ['help', 'inbox', 'w'])).values, ['wait']);
  t.strictSame(await complete(t, ['deploy', 'x']), { values: [], directive: NO_PATHS, lines: [] });
});

t.test('flags of the command, without those that are hidden', async (t) => {
  t.strictSame((await complete(t, ['inbox', 'wait', '--to'])).lines, [
    "--token-file\tA file with the broker's token, which gives access to the wallet's mail",
    '--to\tExact address it was sent to',
  ]);
  t.strictSame((await complete(t, ['deploy', '--memory', '512', '--env'])).values, ['--envfile']);
  t.strictSame((await complete(t, ['deploy', '--dry-run', '--he'])).values, ['--help']);
  t.strictSame((await complete(t, ['--v'])).values, ['--version']);
});

t.test('the values of flags and operands', async (t) => {
  const values = async (...words: string[]) => (await complete(t, words)).values;
  t.strictSame(await values('deploy', '--service', ''), [...services]);
  t.strictSame(await values('address', '--service', 'gr'), ['groq']);
  t.strictSame(await values('deploy', '--service', 'groq,ji'), ['groq,jina'], 'in a list');
  t.strictSame(await values('deploy', '--service=gr'), ['groq'], 'after an equals sign, as the scripts expect');
  t.strictSame(await values('deploy', '--architecture', 'x'), ['x86_64']);
  t.strictSame(await values('deploy', '--runtime', 'nodejs22'), ['nodejs22.x']);
  t.strictSame(await values('backfill', '--dry-run', '--via', ''), ['here', 'lambda']);
  t.strictSame(await values('vault', 'put', '--layout', 'o'), ['omni']);
  t.strictSame(await values('policy', ''), [...operatorTasks]);
  t.strictSame(await values('policy', 'deploy', ''), []);
  t.strictSame(await values('completion', ''), ['bash', 'zsh', 'fish']);
  t.strictSame(
    await complete(t, ['deploy', '--tos-reviewed', 'gro']),
    { values: ['groq='], directive: NO_PATHS_NO_SPACE, lines: ['groq='] },
    'a date follows',
  );
  for (const flag of ['--bucket', '--permissions-boundary'])
    t.strictSame(await complete(t, ['deploy', flag, '']), { values: [], directive: NO_PATHS, lines: [] });
  t.strictSame(await values('inbox', 'list', '--limit', ''), [], "not a setting's");
});

t.test('the stacks in the settings file', async (t) => {
  const files = {
    'agentkeys-ses-routing.json': '{"stacks":{"test":{},"production":{}}}',
    'other.json': '{"stacks":{"other":{}}}',
    'broken.json': '{',
  };
  const stacks = async (...words: string[]) => (await complete(t, [...words, ''], files)).values;
  t.strictSame(await stacks('status', '--stack'), ['test', 'production']);
  t.strictSame(await stacks('status', '--config', 'other.json', '--stack'), ['other']);
  t.strictSame(await stacks('status', '--config=other.json', '--stack'), ['other']);
  for (const file of ['broken.json', 'missing.json'])
    t.strictSame(await stacks('status', '--config', file, '--stack'), [], file);
});

t.test("paths are the shell's: of files, and of programs after --", async (t) => {
  for (const words of [
    ['deploy', '--envfile', ''],
    ['deploy', '-e', ''],
    ['inbox', 'list', '--token-file=x'],
    ['vault', 'run', '--env', 'A=groq', '--', 'no'],
  ])
    t.strictSame(await complete(t, words), { values: [], directive: PATHS, lines: [] }, words.join(' '));
});
