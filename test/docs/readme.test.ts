/**
 * The README and the pages for operators: their generated parts equal what the code makes, and the commands and flags they name exist.
 * `TAP_SNAPSHOT=1 npx tap test/docs/readme.test.ts` regenerates the parts.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { main } from '../../src/cli/main.js';
import { describeProgress } from '../../src/commands/backfill/progress.js';
import { operatorTasks } from '../../src/commands/policy/command.js';
import { formerEnvFileFlag } from '../../src/settings/index.js';
import { demoPart, flagsTable, policyPart, withPart } from '../support/readme.js';

const pageOf = (name: string) => `docs/${name}.md`;

async function stdoutOf(args: string[], terminal: { isTTY?: boolean; columns?: number } = {}): Promise<string> {
  const chunks: Buffer[] = [];
  const stdout = Object.assign(new PassThrough(), terminal).on('data', (chunk: Buffer) => chunks.push(chunk));
  const stderr = new PassThrough().resume();
  const { signal } = new AbortController();
  const rest = { env: {}, cwd: t.testdirName, version: '0.0.0', signal };
  await main(args, { stdin: new PassThrough(), stdout, stderr, ...rest });
  return Buffer.concat(chunks).toString();
}

/** The build's own code is JavaScript without types. */
const { demoExcerpt, drawTerminal, title }: Screenshot = await import(
  new URL('../../.build/screenshot.mjs', import.meta.url).href
);
interface Screenshot {
  demoExcerpt(output: string): string;
  drawTerminal(output: string, title: string): string;
  title: string;
}

/** The demo's output, with its colours. */
const demo = await stdoutOf(['demo', '--quiet'], { isTTY: true, columns: 80 });

/** The pages with parts that the code makes, each part by its name. */
const generated: Record<string, () => Promise<Record<string, string>>> = {
  'README.md': async () => ({ demo: demoPart(stripVTControlCharacters(demo)) }),
  'docs/configuration.md': async () => ({ flags: flagsTable() }),
  'docs/permissions.md': async () => {
    const place = ['--account', '111122223333', '--region', 'us-east-1'];
    const policies = await Promise.all(
      operatorTasks.map(async (task) => policyPart(task, await stdoutOf(['policy', task, ...place]))),
    );
    return { policies: policies.join('\n\n') };
  },
};

for (const [page, parts] of Object.entries(generated))
  t.test(`${page}: the generated parts are up to date`, async (t) => {
    const made = Object.entries(await parts());
    const expected = made.reduce((text, [name, part]) => withPart(text, name, part), await readFile(page, 'utf8'));
    if (process.env.TAP_SNAPSHOT === '1') await writeFile(page, expected);
    t.equal(await readFile(page, 'utf8'), expected);
  });

t.test("docs/demo.svg shows the demo's output", async (t) => {
  const file = 'docs/demo.svg';
  if (process.env.TAP_SNAPSHOT === '1') await writeFile(file, drawTerminal(demoExcerpt(demo), title));
  const svg = await readFile(file, 'utf8');
  t.equal(svg, drawTerminal(demoExcerpt(demo), title));
  const lines = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, text = '']) =>
    text
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll('&gt;', '>')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&'),
  );
  t.equal(lines.shift(), title);
  const [, block = ''] = /<!-- demo -->\n```text\n([\s\S]*?)\n```/.exec(await readFile('README.md', 'utf8')) ?? [];
  t.match(block, /^== 3\..*\n/);
  t.equal(lines.slice(lines.indexOf(String(block.split('\n')[0]))).join('\n'), block, "its end is the README's text");
  t.match(svg, /<tspan fill="#[0-9a-f]{6}">= function/, 'in colour');
});

/** The pages for operators, whose flags are this tool's or npm's. */
const pages = [
  'README.md',
  ...['configuration', 'mailbox', 'operations', 'permissions', 'services', 'vault'].map(pageOf),
];

t.test('every command and flag that the pages for operators name exists', async (t) => {
  const help = await stdoutOf(['--help']);
  const named = (text: string) =>
    [...(text.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => String(name));
  const groups = ['inbox', 'vault'].map(async (group) =>
    named(await stdoutOf([group, '--help'])).map((name) => `${group} ${name}`),
  );
  const commands = [...named(help), ...(await Promise.all(groups)).flat()];
  const helps = await Promise.all(commands.map((command) => stdoutOf([...command.split(' '), '--help'])));
  // `--no` is npx's.
  const flags = new Set(['--no', formerEnvFileFlag, ...(helps.join(' ').match(/--[a-z-]+/g) ?? [])]);
  for (const page of pages) {
    const text = await readFile(page, 'utf8');
    for (const [, command] of text.matchAll(/npx --no agentkeys-ses-routing ((?:(?:inbox|vault) )?[a-z]+)/g))
      t.ok(commands.includes(String(command)), `${page}: ${command}`);
    for (const [flag] of text.replace(/<!--|-->/g, '').matchAll(/(?<![-\w|])--[a-z][a-z-]+/g))
      t.ok(flags.has(flag), `${page}: ${flag}`);
  }
});

t.test('the progress on the page is formatted as backfill prints it', async (t) => {
  const page = await readFile(pageOf('operations'), 'utf8');
  const [, shown = '', ...numbers] = /inbound\/: (([\d,]+) of ([\d,]+) \(([\d,]+)\/s, .*)$/m.exec(page) ?? [];
  const [looked = 0, counted = 0, rate = 0] = numbers.map((number) => Number(number.replaceAll(',', '')));
  t.equal(shown, describeProgress(looked, { counted, complete: true }, (looked / rate) * 1_000));
});
