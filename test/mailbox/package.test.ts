/**
 * The library as it is published: packed, unpacked, type-checked by a strict consumer, bundled by somebody else, and run.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { mail, startAgent, walletA } from './support.js';

const run = promisify(execFile);
const repository = process.cwd();

/** A folder in which the packed package is installed, beside the packages that node_modules has. */
async function consumer(t: Test, beside: string[]): Promise<string> {
  // Not below this repository, whose own node_modules would be found.
  const folder = await mkdtemp(join(tmpdir(), 'agentkeys-ses-routing-consumer-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'package.json'), '{"type":"module","private":true}');
  // What `npm pack` packs, without building anew: the tests run on what was built.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]);
  const installed = join(folder, 'node_modules', 'agentkeys-ses-routing');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', installed, '--strip-components', '1']);
  for (const name of beside) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true });
    await symlink(join(repository, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

const using = `
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import {
  assumeDataRole,
  EmailTimeoutError,
  fetchVerificationCode,
  MailboxError,
  type MailMessage,
  signupAddress,
  waitForMail,
  walletFromToken,
} from 'agentkeys-ses-routing/mailbox';

export async function use(token: string): Promise<string> {
  const wallet: string = walletFromToken(token);
  const address: string = signupAddress({ wallet, service: 'openrouter', domain: 'bots.litentry.org', now: new Date() });
  const credentials = assumeDataRole({ roleArn: 'arn:aws:iam::111122223333:role/x', token, sts: new STSClient({}) });
  const s3 = new S3Client({ credentials });
  try {
    const { message, extracted } = await waitForMail({ bucket: 'b', wallet, s3, extract: { code: /\\d/ }, timeoutMs: 1 });
    const code: string = extracted;
    const read: MailMessage = message;
    const other = await waitForMail({ bucket: 'b', wallet, timeoutMs: 1, signal: AbortSignal.timeout(1) });
    // @ts-expect-error nothing was to be extracted
    const none: string = other.extracted;
    // @ts-expect-error one or the other
    await waitForMail({ bucket: 'b', wallet, timeoutMs: 1, extract: { code: /a/, link: /b/ } });
    const planned: string = signupAddress({ wallet, service: 'brave-search' });
    // @ts-expect-error no such service
    signupAddress({ wallet, service: 'x' });
    return [address, planned, code, read.links.join(), none].join();
  } catch (error) {
    if (error instanceof EmailTimeoutError) return \`\${error.code satisfies 'EMAIL_TIMEOUT'} \${error.elapsed_ms.toFixed()}\`;
    if (error instanceof MailboxError) return error.code;
    return await fetchVerificationCode({ from: 'a', subject: /b/, codeRegex: /c/, timeoutMs: 1, pollIntervalMs: 250 });
  }
}
`;

t.test('a strict TypeScript consumer compiles, and so does the example of docs/mailbox.md', async (t) => {
  const folder = await consumer(t, ['@aws-sdk', '@smithy', '@types/node', 'undici-types', 'tslib', 'bowser']);
  const page = await readFile('docs/mailbox.md', 'utf8');
  const [, example = ''] = /<!-- mailbox-example -->\s*```ts\n([\s\S]*?)```/.exec(page) ?? [];
  t.match(example, /waitForMail/);
  await writeFile(join(folder, 'using.ts'), using);
  await writeFile(join(folder, 'vault.ts'), usingVault);
  await writeFile(join(folder, 'example.ts'), example);
  // The library's own declarations are checked too, without a package beside them.
  await writeFile(
    join(folder, 'alone.ts'),
    "export * from 'agentkeys-ses-routing/mailbox';\nexport { openVault } from 'agentkeys-ses-routing/vault';\n",
  );
  const compile = async (files: string[], skipLibCheck: boolean, moduleResolution: 'nodenext' | 'bundler') => {
    const module = moduleResolution === 'bundler' ? 'esnext' : 'nodenext';
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      target: 'es2022',
      module,
      moduleResolution,
      skipLibCheck,
      types: ['node'],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    return run(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', folder]).then(
      () => 'compiled',
      ({ stdout }: { stdout: string }) => stdout,
    );
  };
  t.equal(await compile(['using.ts', 'vault.ts', 'example.ts'], true, 'nodenext'), 'compiled');
  t.equal(await compile(['using.ts', 'vault.ts', 'example.ts'], true, 'bundler'), 'compiled');
  t.equal(await compile(['alone.ts'], false, 'nodenext'), 'compiled');
});

const usingVault = `
import { S3Client } from '@aws-sdk/client-s3';
import { httpSigner, localSigner, openVault, type Signer, type Vault, VaultError } from 'agentkeys-ses-routing/vault';

export async function use(wallet: string, token: string): Promise<string> {
  const signer: Signer = token === '' ? localSigner('1'.repeat(64)) : httpSigner({ url: 'https://x', omniAccount: 'a', token });
  const vault: Vault = openVault({ bucket: 'b', wallet, signer, layout: 'omni', s3: new S3Client({}) });
  try {
    await vault.put('jina', new Uint8Array(1), { overwrite: true, signal: AbortSignal.timeout(1) });
    const secret: Uint8Array = await vault.get('jina');
    const names: string[] = await vault.list();
    await vault.remove('jina');
    const count: number = await vault.removeAll();
    // @ts-expect-error secrets are bytes
    await vault.put('jina', 'text');
    // @ts-expect-error no such layout
    openVault({ bucket: 'b', wallet, signer: async () => secret, layout: 'other' });
    return [...names, count, secret.length].join();
  } catch (error) {
    return error instanceof VaultError ? \`\${error.code satisfies string} \${error.message}\` : '';
  }
}
`;

const waiting = `
import { readFileSync } from 'node:fs';
import { S3Client } from '@aws-sdk/client-s3';
import { waitForMail } from 'agentkeys-ses-routing/mailbox';
const { ENDPOINT: endpoint, BUCKET: bucket, WALLET: wallet, KEY: accessKeyId, SECRET: secretAccessKey } = process.env;
const s3 = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
const { message, extracted } = await waitForMail({ bucket, wallet, s3, extract: { code: /\\d{6}/ }, timeoutMs: 30_000 });
console.log(JSON.stringify({ extracted, truncated: message.truncated, peak: peak() }));
function peak() {
  // getrusage's own peak begins with that of the process which started this one.
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const [, kB] = /^VmHWM:\\s*(\\d+) kB/m.exec(status) ?? [];
  return kB === undefined ? process.memoryUsage().rss / 2 ** 20 : kB / 1024;
}
`;

t.test('runs unbundled and bundled; a message of 40 MB takes little more memory than one of 1 kB', async (t) => {
  const folder = await consumer(t, ['@aws-sdk', '@smithy', 'tslib', 'bowser']);
  const { sandbox, bucket, routed } = await startAgent(t);
  await writeFile(join(folder, 'waiting.mjs'), waiting);
  await build({
    entryPoints: [join(folder, 'waiting.mjs')],
    outfile: join(folder, 'bundled.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as consumerRequire } from 'node:module'; const require = consumerRequire(import.meta.url);",
    },
  });
  const env = {
    ENDPOINT: sandbox.endpoint,
    BUCKET: bucket,
    WALLET: walletA,
    KEY: sandbox.administrator.accessKeyId,
    SECRET: sandbox.administrator.secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const wait = async (file: string): Promise<{ extracted: string; truncated: boolean; peak: number }> => {
    const { stdout } = await run(process.execPath, [join(folder, file)], { env });
    return JSON.parse(stdout);
  };
  await routed('a', mail({ subject: 'code 123456' }));
  const small = await wait('waiting.mjs');
  t.match(small, { extracted: '123456', truncated: false });
  t.match(await wait('bundled.mjs'), { extracted: '123456' });

  const head =
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe code is 654321.\r\n';
  const attachment = `--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'QUJD'.repeat(19)}\r\n`.repeat(Math.ceil(40e6 / 78))}--b--\r\n`;
  const large = Buffer.from(`From: x@example.com\r\n${head}${attachment}`);
  t.ok(large.length > 40e6);
  await routed('a', large);
  const before = sandbox.calls.length;
  const big = await wait('waiting.mjs');
  t.match(big, { extracted: '654321', truncated: true });
  t.equal(sandbox.calls.slice(before).filter(({ operation }) => operation === 'GetObject').length, 1);
  t.ok(big.peak - small.peak < 32, `${small.peak.toFixed(1)} MiB, with 40 MB ${big.peak.toFixed(1)} MiB`);
  t.comment(`peak RSS ${small.peak.toFixed(1)} MiB with 1 kB, ${big.peak.toFixed(1)} MiB with 40 MB`);
});

t.test('no CLI code, and no SDK where none is needed', async (t) => {
  const folder = await consumer(t, []);
  const built = (library: string) =>
    readFile(join(folder, `node_modules/agentkeys-ses-routing/dist/${library}/index.js`), 'utf8');
  t.ok((await built('mailbox')).length < 420_000, 'unused parsers are left out, and tables are compact');
  for (const [library, others] of [
    ['mailbox', /node_modules\/(commander|ora|archiver|@aws-sdk|@smithy|@noble)\//],
    ['vault', /node_modules\/(?!@noble\/(curves|hashes)\/)/],
  ] as const) {
    t.notMatch(await built(library), others);
    t.notMatch(await built(library), /^\/\/ src\/(?!vault|mailbox|agentkeys)/m);
  }
  t.notMatch(await built('mailbox'), /^\/\/ src\/vault/m);
  await writeFile(
    join(folder, 'alone.mjs'),
    `import { signupAddress, waitForMail } from 'agentkeys-ses-routing/mailbox';
import { localSigner, openVault } from 'agentkeys-ses-routing/vault';
console.log(signupAddress({ wallet: '${walletA}', now: new Date(0) }));
await waitForMail({ bucket: 'b', wallet: '${walletA}', timeoutMs: 600_000 }).catch(({ code, message }) => console.log(code, message));
const vault = openVault({ bucket: 'b', wallet: '${walletA}', signer: localSigner('1'.repeat(64)) });
await vault.get('jina').catch(({ code, message }) => console.log(code, message));
`,
  );
  // Nothing of the wait that did not begin keeps the process alive.
  const { stdout } = await run(process.execPath, [join(folder, 'alone.mjs')], { timeout: 20_000 });
  t.strictSame(stdout.split('\n'), [
    `or-${walletA}-0@bots.litentry.org`,
    'MISSING_PACKAGE The mailbox needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3',
    'MISSING_PACKAGE The vault needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3',
    '',
  ]);
});
