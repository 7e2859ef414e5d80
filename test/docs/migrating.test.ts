/**
 * docs/migrating-the-provisioner.md: what each file becomes does what the page says, on the embedded AWS with its policies enforced.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { agentToken, operatorNames } from '../../src/commands/demo/operator-account.js';
import { soon, walletA, walletB } from '../mailbox/support.js';
import { deployed, messages } from '../support/mail.js';
import { type Operator, startOperator } from '../support/operator.js';
import { addressedTo } from '../support/signup-mail.js';
import { readBlocks } from './markdown.js';

/** The modules of the page, as JavaScript beside each other; their package is the one that was built here. */
async function afterFiles(t: Test): Promise<string> {
  const folder = t.testdir({ sources: {} });
  const blocks = await readBlocks('docs/migrating-the-provisioner.md', 'ts');
  const entryPoints: string[] = [];
  for (const { words, text } of blocks) {
    const [, name] = /^after\/(.+)$/.exec(words[0] ?? '') ?? [];
    if (name === undefined) continue;
    entryPoints.push(join(folder, 'sources', name));
    await writeFile(join(folder, 'sources', name), text);
  }
  await build({
    entryPoints,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    bundle: true,
    packages: 'external',
    logLevel: 'error',
  });
  return folder;
}

/** The variables that the SDK and the page's code read. */
function setVariables(t: Test, { sandbox, bucket }: Operator, more: NodeJS.ProcessEnv = {}): void {
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS)/.test(name)) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_REGION: sandbox.region,
    BUCKET: bucket,
    DATA_ROLE_ARN: `arn:aws:iam::${sandbox.account}:role/${operatorNames.dataRole}`,
    ...more,
  });
}

const raw = messages.find(({ file }) => file === 'routed-signup.eml')?.raw.toString('latin1') ?? '';

/** A service's page, as a browser has it: submitting sends mail to the address, and SES stores it. */
function signUpPage({ aws, bucket }: Operator) {
  const fields = new Map<string, string>();
  return {
    fields,
    async fill(selector: string, text: string) {
      fields.set(selector, text);
    },
    async click() {
      const address = fields.get('input[name=email]');
      const Body = Buffer.from(addressedTo(String(address), raw), 'latin1');
      await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'inbound/sign-up', Body }));
    },
  };
}

t.test('a sign-up gets its code; another wallet does not', async (t) => {
  const operator = await startOperator(t);
  await deployed(operator, '--remove-broad-grants', '--yes');
  setVariables(t, operator);
  const folder = await afterFiles(t);
  const module = (name: string) => import(pathToFileURL(join(folder, name)).href);
  const { provision } = await module('provision.mjs');
  const { openMailbox, fetchVerificationCode } = await module('ses-s3.mjs');

  const page = signUpPage(operator);
  await provision(page, agentToken(walletA, soon()));
  t.match(page.fields.get('input[name=email]'), /^or-0x1{40}-\d{10}@bots\.litentry\.org$/);
  t.equal(page.fields.get('input[name=code]'), '123456');
  const asked = operator.sandbox.calls.filter(({ caller }) => caller?.includes(`/${operatorNames.dataRole}/`));
  t.strictSame([...new Set(asked.map(({ operation }) => operation))].sort(), ['GetObject', 'ListObjectsV2']);
  t.ok(
    asked.every(({ error }) => error === undefined),
    'with the rights of its session',
  );

  const { BUCKET = '', DATA_ROLE_ARN = '' } = process.env;
  const wanted = { from: 'openrouter', subject: 'Verify', codeRegex: /\d{6}/, timeoutMs: 300, since: new Date(0) };
  const other = openMailbox(BUCKET, DATA_ROLE_ARN, agentToken(walletB, soon()));
  await t.rejects(fetchVerificationCode(other, wanted), { code: 'EMAIL_TIMEOUT', elapsed_ms: Number });
  await t.rejects(fetchVerificationCode({ ...other, wallet: walletA }, wanted), { code: 'ACCESS_DENIED' });

  // The file of one line, in a process that has the session's credentials.
  const { accessKeyId, secretAccessKey, sessionToken } = await openMailbox(
    BUCKET,
    DATA_ROLE_ARN,
    agentToken(walletA, soon()),
  ).s3.config.credentials();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AGENTKEYS_SES_BUCKET: BUCKET,
    AGENTKEYS_USER_WALLET: walletA,
  });
  const drop = await module('ses-s3-with-variables.mjs');
  t.equal(await drop.fetchVerificationCode({ ...wanted, timeoutMs: 30_000 }), '123456');
});
