import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t from 'tap';
import { type Entry, fromBufferPromise } from 'yauzl';
import { codeSha256, zip } from '../../src/package/zip.js';

const files = { 'index.js': Buffer.from('exports.handler = async () => {};\n'), 'a/empty.txt': Buffer.alloc(0) };

t.test('the entries are stored, in order, with a fixed date and mode', async (t) => {
  const archive = await fromBufferPromise(await zip(files));
  const entries: Array<[entry: Entry, content: string]> = [];
  for await (const entry of archive.eachEntry()) {
    entries.push([entry, (await buffer(await archive.openReadStreamPromise(entry))).toString()]);
  }
  t.strictSame(
    entries.map(([entry, content]) => ({
      name: entry.fileName,
      method: entry.compressionMethod,
      date: entry.getLastModDate({ timezone: 'UTC' }).toISOString(),
      mode: (entry.externalFileAttributes >>> 16).toString(8),
      content,
    })),
    [
      { name: 'a/empty.txt', method: 0, date: '1980-01-01T00:00:00.000Z', mode: '100644', content: '' },
      {
        name: 'index.js',
        method: 0,
        date: '1980-01-01T00:00:00.000Z',
        mode: '100644',
        content: 'exports.handler = async () => {};\n',
      },
    ],
  );
});

t.test('the order the files are given in does not matter', async (t) => {
  const reversed = Object.fromEntries(Object.entries(files).reverse());
  t.ok((await zip(reversed)).equals(await zip(files)));
});

t.test('other contents, another hash', async (t) => {
  const other = { ...files, 'index.js': Buffer.from('exports.handler = async () => 1;\n') };
  t.not(codeSha256(await zip(other)), codeSha256(await zip(files)));
});

t.test('the hash is the base64 of the SHA-256', async (t) => {
  t.equal(codeSha256(Buffer.from('')), '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  t.equal(codeSha256(Buffer.from('abc')), createHash('sha256').update('abc').digest('base64'));
});

t.test('the same bytes in any time zone, under any umask, at any time', async (t) => {
  const bundle = `${t.testdir()}/zip.mjs`;
  await build({
    stdin: {
      contents: `
        import { codeSha256, zip } from './src/package/zip.ts';
        process.umask(Number(process.argv[2]));
        const files = ${JSON.stringify(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.toString()])))};
        const buffers = Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]);
        process.stdout.write(codeSha256(await zip(Object.fromEntries(buffers))));`,
      resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
    },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const expected = codeSha256(await zip(files));
  for (const [zone, umask] of [
    ['UTC', 0o022],
    ['America/Los_Angeles', 0o077],
    ['Pacific/Kiritimati', 0o000],
    ['Asia/Kolkata', 0o027],
  ] as const) {
    const hash = execFileSync(process.execPath, [bundle, String(umask)], { env: { TZ: zone }, encoding: 'utf8' });
    t.equal(hash, expected, `TZ=${zone}, umask ${umask.toString(8)}`);
  }
});
