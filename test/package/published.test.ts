/**
 * The package as it would be published: its fields, what the tarball contains, and the workflow.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import t from 'tap';
// Builds `dist` where a source has changed.
import '../support/process.js';

const run = promisify(execFile);
const text = await readFile('package.json', 'utf8');
const manifest = JSON.parse(text);

/** The paths in a value of `exports` or `bin`. */
function pathsIn(value: unknown): string[] {
  return typeof value === 'string' ? [value.replace(/^\.\//, '')] : Object.values(Object(value)).flatMap(pathsIn);
}

t.test('package.json has what npm needs, and nothing that npm would correct', async (t) => {
  t.match(manifest, {
    name: 'agentkeys-ses-routing',
    version: /^\d+\.\d+\.\d+$/,
    license: 'MIT',
    repository: { type: 'git', url: /^git\+https:\/\/github\.com\// },
    publishConfig: { access: 'public', provenance: true, registry: 'https://registry.npmjs.org/' },
  });
  t.notOk(manifest.private);
  t.notOk(manifest.dependencies, 'everything is bundled');
  const folder = t.testdir({ 'package.json': text, dist: { bin: { 'agentkeys-ses-routing.js': '' } } });
  await run('npm', ['pkg', 'fix'], { cwd: folder });
  t.equal(await readFile(`${folder}/package.json`, 'utf8'), text);
});

t.test('the tarball has what the package names, and nothing else of the repository', async (t) => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
  const [{ files }]: [{ files: Array<{ path: string; mode: number }> }] = JSON.parse(stdout);
  const paths = files.map(({ path }) => path);
  for (const path of [...pathsIn(manifest.exports), ...pathsIn(manifest.bin)])
    t.ok(
      path.includes('*') ? paths.some((each) => each.startsWith(path.replace('*', ''))) : paths.includes(path),
      path,
    );
  for (const path of ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/THIRD-PARTY-NOTICES.txt', 'dist/handler/index.cjs'])
    t.ok(paths.includes(path), path);
  const others = paths.filter(
    (path) => !/^(dist\/|fixtures\/messages\/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)/.test(path),
  );
  t.strictSame(others, []);
  t.strictSame(
    paths.filter((path) => /\.(map|tsx?|env|pem|tgz)$|\.inputs\.json$/.test(path) && !path.endsWith('.d.ts')),
    [],
  );
  t.equal(files.find(({ path }) => path === pathsIn(manifest.bin)[0])?.mode, 0o755, 'the executable is executable');
});

t.test('the notices name every bundled package once, also the one that writes completion scripts', async (t) => {
  const notices = await readFile('dist/THIRD-PARTY-NOTICES.txt', 'utf8');
  for (const name of ['commander', '@bomb.sh/tab', 'ora', '@aws-sdk/client-s3'])
    t.match(notices, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|Apache-2\\.0)\\)$`, 'm'), name);
});

t.test('the workflow publishes a tag after .ci/run, with an identity instead of a token', async (t) => {
  const workflow = await readFile('.github/workflows/publish.yml', 'utf8');
  const [head = '', check = '', publish = ''] = workflow.split(/^ {2}(?:check|publish):$/m);
  t.match(head, /tags: \['v\*'\]/);
  t.match(head, /^permissions: \{\}$/m);
  t.match(check, '- run: .ci/run');
  t.notMatch(check, 'id-token');
  t.match(publish, 'needs: check');
  t.match(publish, /permissions:\n {6}contents: read\n {6}id-token: write\n/);
  t.match(publish, '- run: npm publish');
  t.notMatch(workflow, /secrets\.|TOKEN/);
  const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => String(action));
  t.strictSame(
    actions.filter((action) => !/^actions\/[a-z-]+@[0-9a-f]{40}$/.test(action)),
    [],
    'pinned by commit',
  );
});
