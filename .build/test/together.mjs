/** Runs test files one after the other in one process, each as a subtest that is the file's root test. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { root } from './paths.mjs';
import { roots } from './roots.mjs';

/** @param {string[]} files Test files below `test`. */
export async function together(files) {
  for (const file of files) {
    const { href } = pathToFileURL(join(root, 'test', file));
    await t.test(`test/${file}`, async (t) => {
      roots.set(href, t);
      await import(href);
    });
  }
}
