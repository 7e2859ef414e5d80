/**
 * docs/operations.md, "Troubleshooting": the messages that it lists are messages of this tool.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

/** All source files, one after the other. */
async function sources(): Promise<string> {
  const names = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts'));
  const own = names.filter((name) => !name.startsWith('sandbox/'));
  return (await Promise.all(own.map((name) => readFile(join('src', name), 'utf8')))).join('\n');
}

t.test('each message is in the sources', async (t) => {
  const page = await readFile('docs/operations.md', 'utf8');
  const [, table = ''] = page.split('\n## Troubleshooting\n');
  const messages = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message]) => String(message));
  t.ok(messages.length > 20);
  const code = await sources();
  // `…` stands for a value.
  for (const message of messages) for (const part of message.split('…')) t.ok(code.includes(part.trim()), message);
});
