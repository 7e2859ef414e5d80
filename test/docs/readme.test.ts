/**
 * The README and the pages for operators: their generated parts equal what the code makes, and the commands and flags they name exist.
 * `TAP_SNAPSHOT=1 npx tap test/docs/readme.test.ts` regenerates the parts.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { main } from '../../src/cli/main.js';
import { describeProgress } from '../../src/commands/backfill/progress.js';
import { operatorTasks } from '../../src/commands/policy/tasks.js';
import { demoPart, flagsTable, policyPart, withPart } from '../support/readme.js';

const pageOf = (name: string) => `docs/${name}.md`;

async function stdoutOf(args: string[]): Promise<string> {
  const chunks: Buffer[] = [];
  const stdout = new PassThrough().on('data', (chunk: Buffer) => chunks.push(chunk));
  const stderr = new PassThrough().resume();
  const { signal } = new AbortController();
  const rest = { env: {}, cwd: t.testdirName, version: '0.0.0', signal };
  await main(args, { stdin: new PassThrough(), stdout, stderr, ...rest });
  return Buffer.concat(chunks).toString();
}

/** The pages with parts that the code makes, each part by its name. */
const generated: Record<string, () => Promise<Record<string, string>>> = {
  'README.md': async () => ({ demo: demoPart(await stdoutOf(['demo', '--quiet'])) }),
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
    const wanted = made.reduce((text, [name, part]) => withPart(text, name, part), await readFile(page, 'utf8'));
    if (process.env.TAP_SNAPSHOT === '1') await writeFile(page, wanted);
    t.equal(await readFile(page, 'utf8'), wanted);
  });

/** The pages for operators, whose flags are this tool's or npm's. */
const pages = ['README.md', ...['configuration', 'mailbox', 'operations', 'permissions', 'services'].map(pageOf)];

t.test('every command and flag that the pages for operators name exists', async (t) => {
  const help = await stdoutOf(['--help']);
  const named = (text: string) => [...text.matchAll(/^ {2}(\w+) (?:\[options\]|<)/gm)].map(([, name]) => String(name));
  const ofInbox = named(await stdoutOf(['inbox', '--help'])).map((name) => `inbox ${name}`);
  const commands = [...named(help), ...ofInbox];
  const helps = await Promise.all(commands.map((command) => stdoutOf([...command.split(' '), '--help'])));
  const flags = new Set(helps.join(' ').match(/--[a-z-]+/g));
  for (const page of pages) {
    const text = (await readFile(page, 'utf8')).replaceAll('npx --no ', 'npx ');
    for (const [, command] of text.matchAll(/npx agentkeys-ses-routing ((?:inbox )?[a-z]+)/g))
      t.ok(commands.includes(String(command)), `${page}: ${command}`);
    for (const [flag] of text.replace(/<!--|-->/g, '').matchAll(/(?<![-\w|])--[a-z][a-z-]+/g))
      t.ok(flags.has(flag), `${page}: ${flag}`);
  }
});

t.test('the progress that the page shows is progress as it is printed', async (t) => {
  const page = await readFile(pageOf('operations'), 'utf8');
  const [, shown = '', ...numbers] = /inbound\/: (([\d,]+) of ([\d,]+) \(([\d,]+)\/s, .*)$/m.exec(page) ?? [];
  const [looked = 0, counted = 0, rate = 0] = numbers.map((number) => Number(number.replaceAll(',', '')));
  t.equal(shown, describeProgress(looked, { counted, complete: true }, (looked / rate) * 1_000));
});
