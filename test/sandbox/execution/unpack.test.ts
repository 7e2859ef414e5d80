import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TaskRoots } from '../../../src/sandbox/execution/unpack.js';
import { zipped } from '../functions.js';

t.test('unpacks a zip once', async (t) => {
  const roots = new TaskRoots();
  const zip = await zipped({ 'index.mjs': 'one', 'lib/': '', 'lib/deep/two.mjs': 'two' }, true);
  const [a, b] = await Promise.all([
    roots.of({ name: 'a', zip, codeSha256: 'x' }),
    roots.of({ name: 'b', zip, codeSha256: 'x' }),
  ]);
  t.equal(a, b, 'for two functions');
  t.equal(readFileSync(join(a, 'index.mjs'), 'utf8'), 'one');
  t.equal(readFileSync(join(a, 'lib/deep/two.mjs'), 'utf8'), 'two');
  const other = await roots.of({ name: 'a', zip, codeSha256: 'y' });
  t.not(other, a, 'other code, another folder');
  await roots.remove();
  t.same([a, other].filter(existsSync), []);
});

t.test('a zip that leads out of its folder', async (t) => {
  const roots = new TaskRoots();
  t.teardown(() => roots.remove());
  const honest = await zipped({ 'aa/index.mjs': 'x' });
  const zip = Buffer.from(honest.toString('latin1').replaceAll('aa/index', '../index'), 'latin1');
  await t.rejects(roots.of({ name: 'a', zip, codeSha256: 'x' }), {
    name: 'InvalidZipFileException',
    message: 'Lambda could not unzip the code of a: Error: invalid relative path: ../index.mjs',
    status: 502,
  });
});
