import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { fromBufferPromise } from 'yauzl';
import { functionPackage } from '../../src/package/function-package.js';
import { type Account, startAccount } from './account.js';
import { bytesOf } from './messages.js';

const wallet = `0x${'1'.repeat(40)}`;

/** Loads a module in a process of its own, as Lambda does, and hands its handler one event. */
async function invoke(module: string, account: Account, environment: Record<string, string>, execArgv: string[] = []) {
  const event = {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: account.settings.bucket }, object: { key: 'inbound/abc' } },
  };
  const script = `
    const { handler } = await import(process.argv[1]);
    await handler(${JSON.stringify(event)}, { functionName: 'f', awsRequestId: 'r' });`;
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials;
  return promisify(execFile)(process.execPath, [...execArgv, '--input-type=module', '--eval', script, module], {
    env: {
      ...process.env,
      AWS_REGION: account.sandbox.region,
      AWS_ENDPOINT_URL: account.sandbox.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      ...environment,
    },
  });
}

const source = new URL('../../handler/index.ts', import.meta.url).href;
const environment = ({ settings }: Account) => ({ BUCKET: settings.bucket, ACCOUNT_ID: settings.accountId });

t.test('the handler works by its environment alone', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', bytesOf('routed-signup.eml'));
  const { stdout } = await invoke(source, account, environment(account), process.execArgv);
  t.strictSame(account.keys(), [`bots/${wallet}/inbound/abc`, 'inbound/abc']);
  t.match(JSON.parse(stdout), { outcome: 'routed', key: 'inbound/abc', FunctionName: 'f', requestId: 'r' });
});

t.test('with a wrong one it does not start', async (t) => {
  const account = await startAccount(t);
  await t.rejects(invoke(source, account, { BUCKET: '', ACCOUNT_ID: '' }, process.execArgv), {
    message: /SettingsError: the function's environment is wrong: BUCKET must be the name of a bucket; ACCOUNT_ID/,
  });
});

t.test('the deployment package needs nothing beside itself', async (t) => {
  // Outside this package, whose package.json and node_modules it must do without.
  const directory = await mkdtemp(join(tmpdir(), 'agentkeys-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const archive = await fromBufferPromise((await functionPackage()).zip);
  for await (const entry of archive.eachEntry()) {
    await writeFile(join(directory, entry.fileName), await archive.openReadStreamPromise(entry));
  }
  t.strictSame(await readdir(directory), ['index.js']);

  const account = await startAccount(t);
  await account.put('inbound/abc', bytesOf('routed-signup.eml'));
  await invoke(`${directory}/index.js`, account, environment(account));
  t.strictSame(account.keys(), [`bots/${wallet}/inbound/abc`, 'inbound/abc']);
});
