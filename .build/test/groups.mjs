/**
 * Puts the test files into groups that run in one process each, for `npm test`: the start of a process, which loads the AWS SDK, the embedded
 * AWS and the tool, takes longer than most test files. Writes a file for each group, and prints what tap is to run.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/** Folders and files below `test`. A file belongs to the group that names it most exactly; what no group names has a process of its own. */
const GROUPS = {
  'verify-first': ['commands/verify/verify', 'commands/verify/access-analyzer'],
  verify: ['commands/verify'],
  'sabotage-first': ['commands/verify/sabotage/agents', 'commands/verify/sabotage/broker'],
  sabotage: ['commands/verify/sabotage'],
  'broker-interrupted': ['stack/broker/interrupted'],
  broker: ['stack/broker'],
  legacy: ['stack/legacy'],
  resources: ['stack/resources', 'stack/plan'],
  stack: ['stack'],
  docs: ['docs'],
  conformance: ['conformance'],
  // Waits most of its time.
  terraform: ['conformance/terraform'],
  commands: ['commands', 'cli', 'bin'],
  mailbox: ['mailbox'],
  vault: ['vault', 'commands/vault'],
  handler: ['handler'],
  sandbox: ['sandbox'],
  basics: ['agentkeys', 'aws', 'build', 'package', 'policy', 'reconcile', 'settings', 'terminal'],
};

const testFiles = readdirSync(join(root, 'test'), { recursive: true })
  .filter((file) => file.endsWith('.test.ts'))
  .sort();

const includes = (path, file) => file === `${path}.test.ts` || file.startsWith(`${path}/`);

/** @returns {string | undefined} The group that names the file most exactly. */
function groupOf(file) {
  const matches = Object.entries(GROUPS).flatMap(([group, paths]) =>
    paths.filter((path) => includes(path, file)).map((path) => ({ group, path })),
  );
  return matches.sort((a, b) => b.path.length - a.path.length)[0]?.group;
}

const directory = '.tap/groups';
rmSync(join(root, directory), { recursive: true, force: true });
mkdirSync(join(root, directory), { recursive: true });
const together = pathToFileURL(join(root, '.build/test/together.mjs')).href;
for (const file of testFiles) if (groupOf(file) === undefined) console.log(join('test', file));
for (const group of Object.keys(GROUPS)) {
  const files = testFiles.filter((file) => groupOf(file) === group);
  const entry = join(directory, `${group}.mjs`);
  const code = `import { together } from '${together}';\n\nawait together(${JSON.stringify(files, null, 2)});\n`;
  writeFileSync(join(root, entry), code);
  console.log(entry);
}
