/**
 * The README is true: its generated parts are what the code makes, and its commands exist.
 * `TAP_SNAPSHOT=1 npx tap test/docs/readme.test.ts` writes the generated parts anew.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { main } from '../../src/cli/main.js';
import { describeProgress } from '../../src/commands/backfill/progress.js';
import { operatorTasks } from '../../src/commands/policy/tasks.js';
import { demoPart, flagsTable, policyPart, withPart } from '../support/readme.js';

async function stdoutOf(args: string[]): Promise<string> {
  const chunks: Buffer[] = [];
  const stdout = new PassThrough().on('data', (chunk: Buffer) => chunks.push(chunk));
  const stderr = new PassThrough().resume();
  const { signal } = new AbortController();
  const rest = { env: {}, cwd: t.testdirName, version: '0.0.0', signal };
  await main(args, { stdin: new PassThrough(), stdout, stderr, ...rest });
  return Buffer.concat(chunks).toString();
}

t.test('the generated parts are up to date', async (t) => {
  const readme = await readFile('README.md', 'utf8');
  const place = ['--account', '111122223333', '--region', 'us-east-1'];
  const policies = await Promise.all(
    operatorTasks.map(async (task) => policyPart(task, await stdoutOf(['policy', task, ...place]))),
  );
  let wanted = withPart(readme, 'flags', flagsTable());
  wanted = withPart(wanted, 'policies', policies.join('\n\n'));
  wanted = withPart(wanted, 'demo', demoPart(await stdoutOf(['demo', '--quiet'])));
  if (process.env.TAP_SNAPSHOT === '1') await writeFile('README.md', wanted);
  t.equal(await readFile('README.md', 'utf8'), wanted);
});

t.test('every command and flag that it names exists', async (t) => {
  const readme = await readFile('README.md', 'utf8');
  const help = await stdoutOf(['--help']);
  const named = (text: string) => [...text.matchAll(/^ {2}(\w+) (?:\[options\]|<)/gm)].map(([, name]) => String(name));
  const ofInbox = named(await stdoutOf(['inbox', '--help'])).map((name) => `inbox ${name}`);
  const commands = [...named(help), ...ofInbox];
  const helps = await Promise.all(commands.map((command) => stdoutOf([...command.split(' '), '--help'])));
  for (const [, command] of readme.matchAll(/npx agentkeys-ses-routing ((?:inbox )?[a-z]+)/g))
    t.ok(commands.includes(String(command)), String(command));
  const flags = new Set(helps.join(' ').match(/--[a-z-]+/g));
  for (const [flag] of readme.replace(/<!--|-->/g, '').matchAll(/(?<![-\w|])--[a-z][a-z-]+/g))
    t.ok(flags.has(flag), flag);
});

t.test('the progress that it shows is told as it is told', async (t) => {
  const readme = await readFile('README.md', 'utf8');
  const [, told = '', ...numbers] = /inbound\/: (([\d,]+) of ([\d,]+) \(([\d,]+)\/s, .*)$/m.exec(readme) ?? [];
  const [looked = 0, counted = 0, rate = 0] = numbers.map((number) => Number(number.replaceAll(',', '')));
  t.equal(told, describeProgress(looked, { counted, complete: true }, (looked / rate) * 1_000));
});
