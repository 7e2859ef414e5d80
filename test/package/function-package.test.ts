import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { FUNCTION_HANDLER, functionPackage } from '../../src/package/function-package.js';
import { PackageError, packageRoot, packageVersion } from '../../src/package/package-root.js';
import { codeSha256, zip } from '../../src/package/zip.js';

t.test('the built bundle, as index.js', async (t) => {
  const directory = t.testdir({ dist: { handler: { 'index.cjs': 'exports.handler = async () => {};\n' } } });
  const wanted = await zip({ 'index.js': Buffer.from('exports.handler = async () => {};\n') });
  const version = packageVersion();
  t.strictSame(await functionPackage(directory), { zip: wanted, codeSha256: codeSha256(wanted), version });
  t.equal(FUNCTION_HANDLER, 'index.handler');
});

t.test('no bundle', async (t) => {
  const directory = t.testdir({});
  await t.rejects(functionPackage(directory), {
    name: 'PackageError',
    message: `the function's bundle is missing (${directory}/dist/handler/index.cjs): run npm run build`,
    cause: { code: 'ENOENT' },
  });
});

t.test("this package's own directory is found", async (t) => {
  const { directory } = packageRoot();
  const manifest = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
  t.equal(manifest.name, 'agentkeys-ses-routing');
  t.equal(packageVersion(), manifest.version);
  t.ok(await functionPackage(), 'where npm run build has put the bundle');
});

t.test('from the bundle, past other manifests', async (t) => {
  const root = t.testdir({
    'package.json': JSON.stringify({ name: 'agentkeys-ses-routing', version: '1.2.3' }),
    dist: { 'package.json': '{"type":"commonjs"}' },
  });
  mkdirSync(`${root}/dist/chunks`);
  writeFileSync(`${root}/dist/chunks/package.json`, '{"name":"another"}');
  const chunk = pathToFileURL(`${root}/dist/chunks/chunk-ABC.js`).href;
  t.strictSame(packageRoot(chunk), { directory: root, version: '1.2.3' });
});

t.test('outside the package', async (t) => {
  t.throws(
    () => packageRoot('file:///nowhere/at/all.js'),
    new PackageError('no package.json of agentkeys-ses-routing above /nowhere/at/all.js: reinstall the package'),
  );
});
