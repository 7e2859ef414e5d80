/**
 * Removes code of the SDK that handler/s3/client.ts never uses from the function's bundle. esbuild removes unused imports itself; this
 * changes the four places where the SDK's code prevents that.
 *
 * Each change names the code it expects. When an SDK update has moved or changed that code, the build fails, so that nothing unused
 * returns unnoticed and no other code is replaced.
 */
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';

/** The endings of modules' paths, and how each is changed before it is bundled. */
const CHANGES = [
  // Every operation's schema is an array with keys such as [_hH], a constant. With the constant's text in its place, esbuild can
  // remove unused arrays.
  ['@aws-sdk/client-s3/dist-es/schemas/schemas_0.js', plainKeys],
  // Both read configuration files. The SDK has a variant of each for browsers, which have none.
  ['@smithy/core/dist-es/submodules/endpoints/middleware-endpoint/adaptors/getEndpointFromConfig.js', browserTwin],
  ['@aws-sdk/core/dist-es/submodules/httpAuthSchemes/aws_sdk/clock-skew-defaults.js', browserTwin],
  ['@aws-sdk/checksums/dist-es/submodules/flexible-checksums/getFlexibleChecksumsPlugin.js', requiredChecksumsOnly],
];

/** The paths of modules that the trimmed bundle must not contain. */
const UNWANTED =
  /node_modules\/.*(?:credential-provider|nested-clients|token-providers|shared-ini-file-loader|node-config-provider|imds|s3-express|signature-v4-multi-region|event-streams\/|dist-es\/S3Client\.js|dist-es\/S3\.js|\/dist-cjs\/)/;

/**
 * The esbuild plugin.
 *
 * @returns {import('esbuild').Plugin}
 */
export function trim() {
  return {
    name: 'trim',
    setup(build) {
      const done = new Set();

      for (const [path, change] of CHANGES) {
        const filter = new RegExp(`/node_modules/${path.replaceAll('.', '\\.')}$`);
        build.onLoad({ filter }, async (args) => {
          done.add(path);
          return { contents: change(await readFile(args.path, 'utf8'), await twinOf(args.path)) };
        });
      }

      // Modules loaded on demand: credential providers, event streams, a browser's name. The function never loads them.
      build.onResolve({ filter: /./ }, ({ kind, path }) =>
        kind === 'dynamic-import' && !isBuiltin(path) ? { path, namespace: 'left-out' } : undefined,
      );
      build.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is left out of this bundle`)});`,
      }));

      build.onEnd(({ metafile, errors }) => {
        if (errors.length > 0) return undefined;
        const missing = CHANGES.flatMap(([path]) =>
          done.has(path) ? [] : [`${path}, which is to be trimmed, is gone`],
        );
        const left = Object.values(metafile.outputs).flatMap(({ inputs }) =>
          Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0 && UNWANTED.test(input)),
        );
        const unwanted = left.map((input) => `${input} is in the bundle`);
        return { errors: [...missing, ...unwanted].map((text) => ({ text: `${text}: see .build/trim.mjs` })) };
      });
    },
  };
}

/** Replaces `[_hH]: …` by `"httpHeader": …`, for the file's own constants. */
function plainKeys(source) {
  const constants = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name, text]),
  );
  const changed = source.replace(/\[(\w+)\]: /g, (key, name) =>
    constants.has(name) ? `${constants.get(name)}: ` : key,
  );
  if (changed === source) throw new Error("no key to write out in the SDK's schemas: see .build/trim.mjs");
  return changed;
}

function browserTwin(source, twin) {
  const names = (text) => [...text.matchAll(/^export const (\w+)/gm)].map(([, name]) => name).join();
  if (names(source) === '' || names(source) !== names(twin)) throw new Error('twins that differ: see .build/trim.mjs');
  return twin;
}

const twinOf = (path) => readFile(path.replace(/\.js$/, '.browser.js'), 'utf8').catch(() => '');

/** Computes and checks no checksum except the signature's, as handler/s3/client.ts is configured; a call that requires one fails. */
function requiredChecksumsOnly(source) {
  if (!/^export const getFlexibleChecksumsPlugin = \(config, middlewareConfig\) => /m.test(source))
    throw new Error("the SDK's plugin for checksums has changed: see .build/trim.mjs");
  return `export const getFlexibleChecksumsPlugin = (config, { requestChecksumRequired }) => ({
    applyToStack() {
      if (requestChecksumRequired) throw new Error('checksums are left out of this bundle');
    },
  });`;
}
