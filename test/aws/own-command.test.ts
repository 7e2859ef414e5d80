/**
 * How messages and documents name this tool's commands.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ownCommand } from '../../src/aws/own-command.js';
import { documentNames } from '../docs/markdown.js';

t.test('a command of this tool never installs anything', async (t) => {
  t.equal(ownCommand('deploy --dry-run'), 'npx --no agentkeys-ses-routing deploy --dry-run');
});

t.test('no message and no document has a command that could install the package from the registry', async (t) => {
  const sources = await Promise.all(
    ['bin', 'handler', 'src'].map(async (folder) =>
      (await readdir(folder, { recursive: true })).map((name) => join(folder, name)),
    ),
  );
  const files = [...sources.flat().filter((name) => /\.m?ts$/.test(name)), ...(await documentNames())];
  t.ok(files.length > 200);
  for (const file of files) {
    const commands = (await readFile(file, 'utf8')).match(/npx (?:-\S+ )*agentkeys-ses-routing [\w<-]+/g) ?? [];
    t.strictSame(
      commands.filter((command) => !command.startsWith('npx --no ')),
      [],
      file,
    );
  }
});
