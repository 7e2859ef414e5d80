/**
 * docs/migrating-the-provisioner.md: both ways do what the page says, on the embedded AWS with its policies enforced and the deployed function.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { INBOUND_PREFIX } from '../../handler/mail/address.js';
import { agentToken, operatorNames } from '../../src/commands/demo/operator-account.js';
import { signupAddress } from '../../src/mailbox/address.js';
import { assumeDataRole } from '../../src/mailbox/role.js';
import { cases, type FetchOpts } from '../mailbox/provisioner-cases.js';
import { soon, walletB } from '../mailbox/support.js';
import { deployed } from '../support/mail.js';
import { type Operator, startOperator } from '../support/operator.js';
import { readBlocks } from './markdown.js';

/** A function of the page's. */
type Call = (...given: unknown[]) => Promise<string>;

/** The files of both ways as JavaScript in one folder; they import the package that was built here. */
async function afterFiles(t: Test): Promise<(file: string, name: string) => Promise<Call>> {
  const folder = t.testdir({ sources: {} });
  const blocks = await readBlocks('docs/migrating-the-provisioner.md', 'ts');
  const entryPoints: string[] = [];
  const add = async (name: string, text: string) => {
    entryPoints.push(join(folder, 'sources', name));
    await writeFile(join(folder, 'sources', name), text);
  };
  for (const { words, text } of blocks) {
    const [, time, name = ''] = /^(before|after)\/(.+)$/.exec(words[0] ?? '') ?? [];
    if (time === 'after') await add(name, text);
    // The re-export leaves these as they are.
    if (time === 'before' && name === 'email.ts') await add(name, text);
    if (time === 'before' && name === 'openrouter-cdp.ts') await add('unchanged-openrouter-cdp.ts', text);
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
  return async (file, name) => (await import(pathToFileURL(join(folder, `${file}.mjs`)).href))[name];
}

/** An operator with the function deployed, and the variables that the SDK and the page's code read. */
async function startDeployed(t: Test) {
  // EventBridge is on before the oldest message arrives.
  const clock = { age: 7_200 };
  const operator = await startOperator(t, { now: () => Date.now() - clock.age * 1_000 });
  await deployed(operator, '--remove-broad-grants', '--yes');
  clock.age = 0;
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS)/.test(name)) delete process.env[name];
  const { sandbox, bucket } = operator;
  const roleArn = `arn:aws:iam::${sandbox.account}:role/${operatorNames.dataRole}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sandbox.endpoint,
    REGION: sandbox.region,
    AGENTKEYS_SES_BUCKET: bucket,
    AGENTKEYS_MAIL_DOMAIN: 'bots.litentry.org',
    DATA_ROLE_ARN: roleArn,
  });
  return { operator, clock, roleArn };
}

/** The variables of a process that has the wallet's session. */
async function useSession({ aws }: Operator, roleArn: string, wallet: string): Promise<void> {
  const session = await assumeDataRole({ roleArn, token: agentToken(wallet, soon()), sts: aws.sts })();
  Object.assign(process.env, {
    AGENTKEYS_USER_WALLET: wallet,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
  });
}

/** Stores a message as SES does, for the address. */
async function deliver({ aws, bucket }: Operator, id: string, address: string, raw: string): Promise<void> {
  const trace = `Received: from out.example (out.example [192.0.2.1])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id ${id}\r\n for ${address};\r\n Sat, 31 Jan 2026 12:00:00 +0000 (UTC)\r\n`;
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: INBOUND_PREFIX + id, Body: trace + raw }));
}

t.test("AgentKeys' cases through the re-export, from signupAddress to the link", async (t) => {
  const { operator, clock, roleArn } = await startDeployed(t);
  const fetchVerificationCode = await (await afterFiles(t))('email', 'fetchVerificationCode');
  // By a name that the compiler doesn't resolve: the types are checked before the first build, too.
  const packageName: string = 'agentkeys-ses-routing/mailbox';
  const { EmailTimeoutError } = (await import(packageName)) as typeof import('../../src/mailbox/index.ts');
  for (const [index, { name, messages, options, found, reasons }] of cases.entries())
    await t.test(name, async (t) => {
      const wallet = `0x${(index + 10).toString(16).padStart(40, 'a')}`;
      await useSession(operator, roleArn, wallet);
      for (const [at, { raw, age = 0 }] of messages.entries()) {
        clock.age = age;
        await deliver(operator, `case${index}message${at}`, signupAddress({ wallet }), raw);
        await operator.sandbox.settled();
        clock.age = 0;
      }
      const opts: FetchOpts = { ...options, walletPrefix: wallet, timeoutMs: found === undefined ? 1_500 : 60_000 };
      if (found !== undefined) t.equal(await fetchVerificationCode(opts), found);
      else {
        const error = await t.rejects(fetchVerificationCode(opts), { code: 'EMAIL_TIMEOUT' });
        t.ok(error instanceof EmailTimeoutError);
        t.match(error, { elapsed_ms: Number, scanned: messages.length, reasons });
      }
    });
});

const [, , , , , html] = cases;

/** A service's page, as a browser has it: submitting sends mail to the address, and SES stores it. */
function signUpPage(operator: Operator) {
  const fields = new Map<string, string>();
  return {
    fields,
    async fill(selector: string, text: string) {
      fields.set(selector, text);
    },
    async click() {
      const address = String(fields.get('input[name=email]'));
      await deliver(operator, `mail${address.replace(/\D/g, '')}`, address, html?.messages[0]?.raw ?? '');
    },
    async goto(url: string) {
      fields.set('url', url);
    },
  };
}

t.test('a sign-up gets its link, each way; another wallet does not', async (t) => {
  const { operator, roleArn } = await startDeployed(t);
  const file = await afterFiles(t);
  const wallets = ['a1', 'a2', 'a3'].map((end) => `0x${end.padStart(40, '0')}`);
  for (const [index, name] of ['unchanged-openrouter-cdp', 'with-variables', 'openrouter-cdp'].entries()) {
    const wallet = String(wallets[index]);
    const page = signUpPage(operator);
    const token = JSON.stringify({ jwt: agentToken(wallet, soon()), expires_in: 300 });
    await useSession(operator, roleArn, name === 'openrouter-cdp' ? walletB : wallet);
    if (name === 'openrouter-cdp') process.env.AWS_REGION = operator.sandbox.region;
    await (await file(name, 'signUp'))(page, token);
    t.match(page.fields.get('input[name=email]'), new RegExp(`^or-${wallet}-\\d{10}@bots\\.litentry\\.org$`), name);
    t.equal(page.fields.get('url'), html?.found, name);
  }
  const asked = operator.sandbox.calls.filter(({ caller }) => caller?.includes(`/${operatorNames.dataRole}/`));
  t.strictSame([...new Set(asked.map(({ operation }) => operation))].sort(), ['GetObject', 'ListObjectsV2']);
  t.ok(
    asked.every(({ error }) => error === undefined),
    'with the rights of its session',
  );

  const fetchViaSesS3 = await file('ses-s3', 'fetchViaSesS3');
  const opts: FetchOpts = { ...(html?.options as FetchOpts), timeoutMs: 400 };
  await useSession(operator, roleArn, walletB);
  await t.rejects(fetchViaSesS3({ ...opts, walletPrefix: walletB }), { code: 'EMAIL_TIMEOUT' });
  const denied = { code: 'ACCESS_DENIED' };
  await t.rejects(fetchViaSesS3({ ...opts, walletPrefix: String(wallets[0]) }), denied);
  await t.rejects(fetchViaSesS3(opts), denied, 'inbound/ is the operator’s alone');
});
