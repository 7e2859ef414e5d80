/**
 * Every relative link in the documents leads to an existing file and heading.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import t from 'tap';
import { blocksOf, documentNames } from './markdown.js';

const repositoryPages = ['CHANGELOG.md', '.github/CONTRIBUTING.md', '.github/SECURITY.md'];

/** The anchors that GitHub gives a page's headings. */
async function anchorsOf(page: string): Promise<string[]> {
  const headings = (await readFile(page, 'utf8')).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

for (const page of [...(await documentNames()), ...repositoryPages])
  t.test(page, async (t) => {
    const markdown = await readFile(page, 'utf8');
    const prose = blocksOf(page, markdown).reduce((text, block) => text.replace(block.text, ''), markdown);
    for (const [, target = ''] of prose.matchAll(/\]\(((?!https?:)[^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : relative('.', join(dirname(page), path));
      t.ok(existsSync(file), `${target} is a file`);
      if (anchor !== undefined) t.ok((await anchorsOf(file)).includes(anchor), `${target} is a heading`);
    }
  });
