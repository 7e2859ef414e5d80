import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import t from 'tap';

/** The build's own code is JavaScript without types. */
const { trim }: { trim(): Plugin } = await import(new URL('../../.build/trim.mjs', import.meta.url).href);

const schemas = '@aws-sdk/client-s3/dist-es/schemas/schemas_0.js';
const endpoint = '@smithy/core/dist-es/submodules/endpoints/middleware-endpoint/adaptors/getEndpointFromConfig';
const clock = '@aws-sdk/core/dist-es/submodules/httpAuthSchemes/aws_sdk/clock-skew-defaults';
const checksums = '@aws-sdk/checksums/dist-es/submodules/flexible-checksums/getFlexibleChecksumsPlugin.js';

/** Minimal versions of the modules that are trimmed. */
const sdk: Record<string, string> = {
  [schemas]: `const _hH = "httpHeader";
    const computed = "http".concat("Label");
    export const Unused$ = [3, { [_hH]: 1 }];
    export const Used$ = [3, { [_hH]: 2, [computed]: 1 }];`,
  [`${endpoint}.js`]: "import { loadConfig } from 'config';\nexport const getEndpointFromConfig = () => loadConfig();",
  [`${endpoint}.browser.js`]: 'export const getEndpointFromConfig = () => undefined;',
  [`${clock}.js`]: "import { loadConfig } from 'config';\nexport const SKEW = loadConfig();",
  [`${clock}.browser.js`]: 'export const SKEW = false;',
  [checksums]:
    'export const getFlexibleChecksumsPlugin = (config, middlewareConfig) => ({ config, middlewareConfig });',
  'config/index.js': 'export const loadConfig = () => process.env.AWS_PROFILE;',
};

const entry = `
  import { Used$ } from '${schemas}';
  import { getEndpointFromConfig } from '${endpoint}.js';
  import { SKEW } from '${clock}.js';
  import { getFlexibleChecksumsPlugin } from '${checksums}';
  export { Used$, SKEW, getEndpointFromConfig, getFlexibleChecksumsPlugin };
  export const onDemand = () => import('@aws-sdk/credential-provider-ini');
  export const builtIn = () => import('node:http');
`;

t.test('leaves out what the function does not use', async (t) => {
  const text = await bundle(t.testdir(), sdk, entry);
  for (const left of ['Unused$', 'AWS_PROFILE', '[_hH]']) t.notOk(text.includes(left), left);
  const bundled = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  t.strictSame(bundled.Used$, [3, { httpHeader: 2, httpLabel: 1 }]);
  t.equal(bundled.SKEW, false);
  t.equal(bundled.getEndpointFromConfig(), undefined);
  t.equal((await bundled.builtIn()).default, (await import('node:http')).default);
  await t.rejects(bundled.onDemand(), { message: '@aws-sdk/credential-provider-ini is left out of this bundle' });
  const plugin = (requestChecksumRequired: boolean) =>
    bundled.getFlexibleChecksumsPlugin({}, { requestChecksumRequired }).applyToStack();
  t.doesNotThrow(() => plugin(false), 'no checksum is made');
  t.throws(() => plugin(true), { message: 'checksums are left out of this bundle' });
});

t.test('a changed SDK fails the build', async (t) => {
  const cases: Record<string, [changed: Record<string, string>, entry: string, error: RegExp]> = {
    'a module is not among what is bundled': [
      {},
      `import '${schemas}';`,
      /clock-skew-defaults\.js, which is to be trimmed, is gone/,
    ],
    'the schemas are of another form': [{ [schemas]: 'export const Used$ = [3];' }, entry, /no key to write out/],
    'a twin is gone': [{ [`${endpoint}.browser.js`]: '' }, entry, /twins that differ/],
    'twins have different exports': [
      { [`${clock}.browser.js`]: 'export const OTHER = 1;' },
      entry,
      /twins that differ/,
    ],
    'the checksums are of another form': [
      { [checksums]: 'export const getPlugin = () => 1;' },
      entry,
      /checksums has changed/,
    ],
    'a credential provider is bundled': [
      { '@aws-sdk/credential-provider-ini/index.js': 'export const fromIni = console.log(1);' },
      `${entry} import '@aws-sdk/credential-provider-ini/index.js';`,
      /credential-provider-ini\/index\.js is in the bundle/,
    ],
  };
  for (const [name, [changed, of, error]] of Object.entries(cases)) {
    await t.rejects(bundle(t.testdir(), { ...sdk, ...changed }, of), { message: error }, name);
  }
});

/** Bundles an entry file as the function is bundled, with packages in its node_modules. */
async function bundle(absWorkingDir: string, packages: Record<string, string>, source: string): Promise<string> {
  const files = Object.entries(packages).map(([path, text]): [string, string] => [join('node_modules', path), text]);
  for (const [path, text] of [...files, ['entry.js', source]] satisfies Array<[string, string]>) {
    await mkdir(dirname(join(absWorkingDir, path)), { recursive: true });
    await writeFile(join(absWorkingDir, path), text);
  }
  const { outputFiles } = await build({
    absWorkingDir,
    entryPoints: ['entry.js'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [trim()],
  });
  return String(outputFiles[0]?.text);
}
