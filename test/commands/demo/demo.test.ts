/** The demo, from its first line to its last, and that it notices unexpected results. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { createAws } from '../../../src/aws/clients.js';
import { main } from '../../../src/cli/main.js';
import { demo } from '../../../src/commands/demo/demo.js';
import { terminal } from '../../../src/terminal/terminal.js';

const fixtures = fileURLToPath(new URL('../../../fixtures/messages', import.meta.url));

/** Runs the demo. @param sees is called with everything written to stdout so far */
async function runDemo(args: string[], sees: (stdout: string, stop: () => void) => void = () => {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const interrupt = new AbortController();
  let [out, err] = ['', ''];
  stdout.on('data', (chunk: Buffer) => {
    out += chunk;
    sees(out, () => interrupt.abort());
  });
  stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  const { signal } = interrupt;
  const status = await main(['demo', ...args], {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    cwd: fixtures,
    version: '',
    signal,
  });
  return { status, out, err };
}

t.test('the output from beginning to end', async (t) => {
  const { status, out, err } = await runDemo([]);
  t.equal(status, 0, err);
  t.match(out, /\n== 2\. Deploy again\n(.*\n)+\d+ calls, 0 of them writes\.\n/);
  const { messages } = JSON.parse(await readFile(join(fixtures, 'index.json'), 'utf8'));
  for (const { file, routed, stays } of messages) {
    const line = out.split('\n').find((one) => one.startsWith(`${file} `)) ?? '';
    t.match(line, routed === undefined ? `stays in inbound/ (${stays})` : '-> bots/0x', file);
  }
  const access = out.slice(out.indexOf('== 4.'), out.indexOf('== 5.')).trim().split('\n').slice(2);
  t.strictSame(access, [
    '                              broker   agent A  agent B',
    'read login mail in inbound/   allowed  denied   denied',
    'list inbound/                 allowed  denied   denied',
    "read wallet A's mail          denied   allowed  denied",
    "list wallet A's mail          denied   allowed  denied",
    "read wallet B's mail          denied   denied   allowed",
    "list wallet B's mail          denied   denied   allowed",
  ]);
  const kept = out.slice(out.indexOf('== 5.'), out.indexOf('== 6.')).trim().split('\n');
  t.strictSame(kept, [
    '== 5. An agent keeps its API key',
    '',
    'agent A reads its link        https://accounts.example.com/verify?token=made-up-token-5f1d&user=42',
    'it stores its API key         done',
    'it reads it back              sk-or-v1-made-up',
    'agent B reads it              MISSING_OR_DENIED',
    'the broker reads it           AccessDenied',
    'a bit is flipped in S3        AUTHENTICATION_FAILED',
  ]);
  t.match(out, `\nLeft in the bucket: ${messages.length} messages in inbound/, `);
});

t.test('--keep: the embedded AWS stays reachable with the lines it prints, until Ctrl-C', async (t) => {
  let asked: Promise<unknown> | undefined;
  const { status, out, err } = await runDemo(['--keep', '--quiet'], (stdout, stop) => {
    if (asked !== undefined || !stdout.includes('export MAIL_DOMAIN=')) return;
    asked = reach(stdout).finally(stop);
  });
  t.equal(status, 0, err);
  t.equal(err, '');
  t.ok(await asked);
  const exported = [...out.matchAll(/^export (\w+)=\S+$/gm)].map(([, name]) => name);
  t.strictSame(exported, [
    'AWS_ENDPOINT_URL',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_REGION',
    'ACCOUNT_ID',
    'BUCKET',
    'MAIL_DOMAIN',
  ]);
  await t.rejects(reach(out), 'after that, the port is closed');
});

/** Requests the bucket with the exported variables only. */
async function reach(out: string): Promise<unknown> {
  const variables = Object.fromEntries(
    [...out.matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]),
  );
  const aws = createAws({
    region: variables.AWS_REGION,
    endpointUrl: variables.AWS_ENDPOINT_URL,
    credentials: { accessKeyId: variables.AWS_ACCESS_KEY_ID, secretAccessKey: variables.AWS_SECRET_ACCESS_KEY },
  });
  try {
    return await aws.s3.send(new HeadBucketCommand({ Bucket: variables.BUCKET }));
  } finally {
    aws.close();
  }
}

t.test('--keep, and Ctrl-C before it waits', async (t) => {
  const { status, out, err } = await runDemo(['--keep'], (stdout, stop) => {
    if (stdout.includes('== 4.')) stop();
  });
  t.equal(status, 0, err);
  t.match(out, 'export MAIL_DOMAIN=');
});

t.test('Ctrl-C while it deploys', async (t) => {
  const { status, err } = await runDemo([], (stdout, stop) => {
    if (stdout.includes('== 2.')) stop();
  });
  t.equal(status, 130);
  t.match(err, /\nInterrupted\. The embedded AWS and everything in it are gone\.\n$/);
});

t.test('without its messages it fails and stops the embedded AWS', async (t) => {
  const { signal } = new AbortController();
  const streams = { stdin: new PassThrough(), stdout: new PassThrough().resume(), stderr: new PassThrough().resume() };
  const host = terminal({ ...streams, env: {} }, { quiet: true, json: false, signal });
  await t.rejects(demo(host, { keep: false, messages: join(t.testdirName, 'nowhere') }), { code: 'ENOENT' });
});

/** The messages, with another expectation for one of them. */
async function misled(t: Test): Promise<string> {
  const directory = t.testdir({});
  await cp(fixtures, directory, { recursive: true });
  const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8'));
  delete index.messages[0].routed;
  await writeFile(join(directory, 'index.json'), JSON.stringify(index));
  return directory;
}

t.test('a message in an unexpected place is reported, with exit status 1', async (t) => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  stdout.resume();
  const { signal } = new AbortController();
  const host = terminal({ stdin: new PassThrough(), stdout, stderr, env: {} }, { quiet: true, json: false, signal });
  t.equal(await demo(host, { keep: false, messages: await misled(t) }), 1);
  t.equal(String(stderr.read()), 'error: some mail or access was not as expected (see 3, 4 and 5).\n');
});

t.test("it does not read the operator's settings: a broken settings file doesn't stop it", async (t) => {
  const cwd = t.testdir({ 'agentkeys-ses-routing.json': 'not JSON' });
  const [stdout, stderr] = [new PassThrough().resume(), new PassThrough().resume()];
  const { signal } = new AbortController();
  const rest = { env: { ACCOUNT_ID: 'broken' }, cwd, version: '', signal };
  t.equal(await main(['demo', '--quiet'], { stdin: new PassThrough(), stdout, stderr, ...rest }), 0);
});
