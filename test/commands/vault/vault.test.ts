/** `vault put`, `get`, `list`, `remove` and `run`, through the command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { agentToken } from '../../../src/commands/demo/operator-account.js';
import { passedOn } from '../../../src/commands/vault/run.js';
import type { Run, RunOptions } from '../../support/operator.js';
import { alice, bob, bytesOf, startVaults, type Vaults } from '../../vault/support.js';

const secret = 'sk-canary-8d1f0c';

let vaults: Vaults;
/** The flags and variables of a person, who has a token and a key in files. */
let as: (person: typeof alice) => string[];
let env: NodeJS.ProcessEnv;
let folder: string;

t.before(async () => {
  vaults = await startVaults(t);
  folder = t.testdir({});
  for (const { wallet, privateKey } of [alice, bob]) {
    await writeFile(join(folder, `${wallet}.jwt`), agentToken(wallet, Date.now() / 1_000 + 3_600));
    await writeFile(join(folder, `${wallet}.key`), `0x${privateKey}\n`);
  }
  as = ({ wallet }) => [
    ...['--token-file', join(folder, `${wallet}.jwt`)],
    ...['--key-file', join(folder, `${wallet}.key`)],
  ];
  const { wallet, omni } = vaults.places;
  env = { DATA_ROLE_ARN: wallet.roleArn, VAULT_ROLE_ARN: omni.roleArn, ACCOUNT_ID: vaults.sandbox.account };
});

/** Starts the built command as Alice, as a process of its own. */
function start(args: string[], stdin: 'ignore' | 'pipe') {
  const { sandbox } = vaults;
  return spawn(process.execPath, ['dist/bin/agentkeys-ses-routing.js', 'vault', ...args], {
    env: {
      PATH: process.env.PATH,
      REGION: sandbox.region,
      AWS_ENDPOINT_URL: sandbox.endpoint,
      ...env,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
    stdio: [stdin, 'pipe', 'pipe'],
  });
}

/** What `ps` shows of a process, and of those that it started: arguments and environment. On Linux. */
function shownByPs(pid: number | undefined): { own: string; started: string[] } {
  const of = (id: string) => ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${id}/${file}`, 'utf8')).join();
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return { own: of(String(pid)), started: children.map(of) };
}

/** Runs a command as Alice. Her secret is in nothing that it prints, unless it is `get`. */
async function vault(args: string[], options: RunOptions = {}): Promise<Run> {
  const [command = '', ...rest] = args;
  const at = rest.indexOf('--');
  const own = at === -1 ? rest : rest.slice(0, at);
  const after = at === -1 ? [] : rest.slice(at);
  const given = own.includes('--key-file') || own.includes('--wallet') ? [] : as(alice);
  const run = await vaults.run(['vault', command, ...own, ...given, ...after], {
    ...options,
    env: { ...env, ...options.env },
  });
  if (command !== 'get' && run.status === 0) t.notMatch(`${run.stdout}${run.stderr}`, secret);
  if (run.status !== 0) t.notMatch(`${run.stdout}${run.stderr}`, secret);
  t.notMatch(`${run.stdout}${run.stderr}`, alice.privateKey);
  return run;
}

for (const layout of ['wallet', 'omni'] as const)
  t.test(`layout ${layout}: put, get, list, remove`, async (t) => {
    const { bucket } = vaults.places[layout];
    // The vault bucket's name makes the layout omni.
    const flags = layout === 'omni' ? ['--vault-bucket', bucket] : [];
    const none = await vault(['list', ...flags]);
    t.strictSame([none.status, none.stdout], [0, '']);
    t.equal(none.stderr, `There are no secrets of ${alice.wallet} in the bucket ${bucket}.\n`);

    const put = await vault(['put', 'openrouter', ...flags], { input: `${secret}\r\n` });
    t.strictSame([put.status, put.stderr], [0, '']);
    t.equal(put.stdout, `Stored openrouter for ${alice.wallet} in the bucket ${bucket}.\n`);
    const get = await vault(['get', 'openrouter', ...flags]);
    t.strictSame([get.status, get.stdout, get.stderr], [0, secret, ''], 'without a line break');

    const again = await vault(['put', 'openrouter', ...flags], { input: 'x' });
    t.match(
      [again.status, again.stderr],
      [1, /^error: bots\/\w+\/credentials\/openrouter.enc holds a secret .* already/],
    );
    const over = await vault(['put', 'openrouter', '--overwrite', '--exact', '--json', ...flags], {
      input: `${secret}\n`,
    });
    t.match(JSON.parse(over.stdout), {
      outcome: 'stored',
      service: 'openrouter',
      layout,
      bucket,
      wallet: alice.wallet,
    });
    t.equal((await vault(['get', 'openrouter', ...flags])).stdout, `${secret}\n`);
    const json = await vault(['get', 'openrouter', '--json', ...flags]);
    t.match(JSON.parse(json.stdout), { service: 'openrouter', bytes: secret.length + 1 });
    t.notMatch(json.stdout, secret);

    t.equal((await vault(['list', ...flags])).stdout, 'openrouter\n');
    const listed = JSON.parse((await vault(['list', '--json', ...flags])).stdout);
    t.match(listed, { layout, secrets: [{ service: 'openrouter', place: layout, size: secret.length + 30 }] });

    const unasked = await vault(['remove', 'openrouter', ...flags]);
    t.match(
      [unasked.status, unasked.stderr],
      [1, /Confirmation required, but stdin is not a terminal. Re-run with --yes. Nothing was deleted/],
    );
    const json2 = await vault(['remove', 'openrouter', '--json', ...flags]);
    t.match(JSON.parse(json2.stdout), { outcome: 'failed', error: /--json does not prompt/ });
    const no = await vault(['remove', 'openrouter', ...flags], { answers: ['n'] });
    t.match([no.status, no.stderr], [1, /Declined: nothing was deleted/]);
    const yes = await vault(['remove', 'openrouter', ...flags], { answers: ['y'] });
    t.strictSame([yes.status, yes.stdout], [0, `Deleted openrouter of ${alice.wallet} from the bucket ${bucket}.\n`]);
    const gone = await vault(['remove', 'openrouter', '--yes', '--json', ...flags]);
    t.match(JSON.parse(gone.stdout), { outcome: 'failed', error: /missing or denied/ });
    await vault(['put', 'jina', ...flags], { input: secret });
    t.match(JSON.parse((await vault(['remove', 'jina', '--yes', '--json', ...flags])).stdout), { outcome: 'removed' });
  });

t.test('remove --all: everything of the wallet, in both places, and nothing of others', async (t) => {
  const omni = ['--vault-bucket', vaults.places.omni.bucket];
  const bobs = vaults.vaultOf(bob, 'omni');
  await bobs.put('jina', bytesOf(secret));
  for (const service of ['openrouter', 'jina']) await vault(['put', service, ...omni], { input: secret });
  const stray = `bots/${alice.omni}/credentials/notes.txt`;
  vaults.store('omni', stray, bytesOf('x'));
  const unasked = await vault(['remove', '--all', ...omni]);
  t.match([unasked.status, unasked.stderr], [1, /Confirmation required.* Nothing was deleted/]);
  const no = await vault(['remove', '--all', ...omni], { answers: ['n'] });
  t.match(
    [no.status, no.stderr],
    [1, /Delete everything below credentials\/ of 0x2c75\w+ from the bucket [\w-]+ \(secrets: 2: jina, openrouter\)\?/],
  );
  t.ok(vaults.objects('omni').has(stray));
  const yes = await vault(['remove', '--all', '--yes', ...omni]);
  t.match(
    [yes.status, yes.stdout],
    [0, /^Deleted 3 objects of 0x2c75\w+ from the bucket [\w-]+: jina, openrouter\.\n$/],
  );
  t.equal((await vault(['list', ...omni])).stdout, '');
  t.strictSame(await bobs.list(), ['jina'], "another wallet's secret stays");
  const none = await vault(['remove', '--all', '--yes', '--json', ...omni]);
  t.match(JSON.parse(none.stdout), { outcome: 'removed', layout: 'omni', services: [], objects: 0 });
  await vault(['put', 'jina', ...omni], { input: secret });
  t.match((await vault(['remove', '--all', '--yes', ...omni])).stdout, /^Deleted 1 object of /);
  await bobs.removeAll();
});

t.test('a terminal: the secret is typed without echo, and shown only with --reveal', async (t) => {
  const typed = await vault(['put', 'typed'], { answers: [secret] });
  t.equal(typed.status, 0);
  t.match(typed.stderr, /^Secret for typed \(not shown\): \n/);
  t.notMatch(typed.stderr, secret);
  const refused = await vault(['get', 'typed'], { answers: [] });
  t.match([refused.status, refused.stderr], [1, /^error: stdout is a terminal.* Use --reveal/]);
  t.strictSame(refused.calls, []);
  t.equal((await vault(['get', 'typed', '--reveal'], { answers: [] })).stdout, `${secret}\n`);
  t.match(JSON.parse((await vault(['get', 'typed', '--json'], { answers: [] })).stdout), { bytes: secret.length });
  const interrupted = await vault(['put', 'typed2'], { answers: [(stdin) => stdin.write('abc\u0003')] });
  t.match([interrupted.status, interrupted.stderr], [130, /Interrupted. Nothing was written/]);
  t.strictSame(interrupted.calls, []);
  await vault(['remove', 'typed', '--yes']);
});

t.test(
  'put: no other process sees the secret',
  { skip: process.platform !== 'linux' && 'it reads /proc' },
  async (t) => {
    const child = start(['put', 'unseen', ...as(alice)], 'pipe');
    const seen: string[] = [];
    const off = vaults.sandbox.intercept(({ operation }) => {
      if (operation === 'PutObject') seen.push(shownByPs(child.pid).own);
      return undefined;
    });
    child.stdin?.end(secret);
    const [status] = await once(child, 'exit');
    off();
    t.equal(status, 0);
    t.match(seen, [/put\0unseen\0.*ACCOUNT_ID=/s], 'the process was looked at while the secret was in its memory');
    t.notMatch(seen.join(), secret);
    t.notMatch(seen.join(), alice.privateKey);
    await vault(['remove', 'unseen', '--yes']);
  },
);

t.test('what is refused, before anything is sent', async (t) => {
  const refusals: Array<[args: string[], options: RunOptions, RegExp]> = [
    [['put', 'OpenRouter'], { input: secret }, /lower-case letters/],
    [['put', 'a'], { input: '' }, /must have 1 to 65507 bytes/],
    [['put', 'a'], { input: '\n' }, /must have 1 to 65507 bytes/],
    [['put', 'a', '--exact'], { input: Buffer.alloc(70_000, 1) }, /must have 1 to 65507 bytes/],
    [['put', 'a', secret], { input: 'x' }, /too many arguments/],
    [['get', 'a', '--layout', 'both'], {}, /Allowed choices are wallet, omni/],
    [['run', '--', 'true'], {}, /required option '--env/],
    [['run', '--env', 'A=a'], {}, /missing required argument 'command'/],
    [['run', '--env', 'A', '--', 'true'], {}, /must be NAME=service/],
    [['run', '--env', '1A=a', '--', 'true'], {}, /must be NAME=service/],
    [['run', '--env', 'A=a', '--env', 'A=b', '--', 'true'], {}, /A is given twice/],
    [['get', 'a/b'], {}, /without a slash/],
    [['remove'], {}, /Give a service, or --all/],
    [['remove', 'a', '--all', '--yes'], {}, /Give a service or --all, not both/],
    [
      ['get', 'a', '--key-file', join(folder, 'none')],
      { env: { AGENTKEYS_USER_WALLET: alice.wallet } },
      /--key-file can't be read \(ENOENT\)/,
    ],
  ];
  for (const [args, options, message] of refusals) {
    const run = await vault(args, options);
    t.equal(run.status, 1);
    t.match(run.stderr, message, args.join(' ').replace(secret, '…'));
    t.strictSame(
      run.calls.filter(({ service }) => service === 's3'),
      [],
    );
  }
  const noRole = await vault(['list', '--layout', 'omni'], { env: { VAULT_ROLE_ARN: undefined } });
  t.match(noRole.stderr, /A token needs a role to assume. Name it with --vault-role \(VAULT_ROLE_ARN\)/);
  const noSigner = await vaults.run(['vault', 'put', 'a', '--token-file', join(folder, `${alice.wallet}.jwt`)], {
    env,
    input: secret,
  });
  t.match([noSigner.status, noSigner.stderr], [1, /name a signer with --signer-url/]);
  t.strictSame(
    noSigner.writes.filter((write) => write.startsWith('s3:')),
    [],
  );
});

t.test('errors, also with --debug and --json, have no secret, key or token in them', async (t) => {
  const { sandbox } = vaults;
  await vault(['put', 'private'], { input: secret });
  const token = await readFile(join(folder, `${alice.wallet}.jwt`), 'utf8');
  const checked = async (args: string[], message: RegExp, options: RunOptions = {}) => {
    for (const more of [['--debug'], ['--json', '--debug']]) {
      const run = await vault([...args, ...more], options);
      t.equal(run.status, 1);
      t.match(more.length === 1 ? run.stderr : JSON.parse(run.stdout).error, message);
      t.notOk(`${run.stdout}${run.stderr}`.includes(token));
    }
  };
  await checked(['put', 'private'], /holds a secret of this service already/, { input: secret });
  await checked(
    [
      'get',
      'private',
      '--token-file',
      join(folder, `${bob.wallet}.jwt`),
      '--key-file',
      join(folder, `${alice.wallet}.key`),
    ],
    /missing or denied/,
  );
  await checked(
    [
      'get',
      'private',
      '--token-file',
      join(folder, `${alice.wallet}.jwt`),
      '--key-file',
      join(folder, `${bob.wallet}.key`),
    ],
    /The key is at fault/,
  );
  await checked(
    [
      'put',
      'other',
      '--token-file',
      join(folder, `${alice.wallet}.jwt`),
      '--key-file',
      join(folder, `${bob.wallet}.key`),
    ],
    /signs for the wallet .* Nothing was written/,
    { input: secret },
  );
  const failing: Array<[string[], string, RegExp]> = [
    [['put', 'new'], 'PutObject', /credentials have expired.* unknown whether the call had an effect/s],
    [['get', 'private'], 'GetObject', /credentials have expired/],
    [['list'], 'ListObjectsV2', /credentials have expired/],
  ];
  for (const [args, operation, message] of failing) {
    const off = sandbox.intercept((call) =>
      call.operation === operation ? { kind: 'refuse', code: 'ExpiredToken', status: 400 } : undefined,
    );
    await checked(args, message, { input: secret });
    off();
  }
  const { objects } = vaults;
  const object = objects('wallet').get(`bots/${alice.wallet}/credentials/private.enc`);
  object?.body.writeUInt8(object.body.readUInt8(20) ^ 1, 20);
  await checked(['get', 'private'], /the place or the bytes are at fault/);
  await vault(['remove', 'private', '--yes']);
});

t.test("AgentKeys' signer: its URL, account and session file", async (t) => {
  const asked: Array<{ account: string; authorization: string | undefined }> = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { omni_account: account, message_hex } = JSON.parse(Buffer.concat(chunks).toString());
    asked.push({ account, authorization: request.headers.authorization });
    const signature = Buffer.from(await alice.signer(Buffer.from(message_hex, 'hex'))).toString('hex');
    response.end(JSON.stringify({ signature: `0x${signature}` }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const AGENTKEYS_SIGNER_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = join(folder, 'session.json');
  await writeFile(session, JSON.stringify({ token: 'canary-session' }));
  const flags = ['--token-file', join(folder, `${alice.wallet}.jwt`)];
  const run = (args: string[], options: RunOptions = {}) =>
    vaults.run(['vault', ...args, ...flags], { ...options, env: { ...env, AGENTKEYS_SIGNER_URL } });
  t.equal((await run(['put', 'jina'], { input: secret })).status, 0);
  const other = 'cd'.repeat(32);
  const got = await run(['get', 'jina', '--signer-account', other, '--signer-token-file', session]);
  t.equal(got.stdout, secret);
  t.strictSame(asked, [
    { account: alice.omni, authorization: undefined },
    { account: alice.omni, authorization: undefined },
    { account: other, authorization: 'Bearer canary-session' },
  ]);
  const wrong = await run(['get', 'jina', '--signer-account', 'me']);
  t.match([wrong.status, wrong.stderr], [1, /omniAccount must be 64 hexadecimal digits/]);
  t.equal((await run(['remove', 'jina', '--yes'])).status, 0);
});

const showing = (file: string, code: string) => [
  '--',
  process.execPath,
  '-e',
  `require('fs').writeFileSync(${JSON.stringify(file)}, ${code})`,
];

t.test('run: the command gets the variables, and its exit status is passed on', async (t) => {
  await vault(['put', 'openrouter'], { input: secret });
  await vault(['put', 'jina'], { input: 'sk-jina' });
  const out = join(folder, 'out');
  const pairs = ['--env', 'API_KEY=openrouter', '--env', 'JINA=jina'];
  const run = await vault(
    ['run', ...pairs, ...showing(out, 'process.env.API_KEY + process.env.JINA + process.env.KEPT')],
    { env: { KEPT: 'kept' } },
  );
  t.strictSame([run.status, run.stdout, run.stderr], [0, '', '']);
  t.equal(await readFile(out, 'utf8'), `${secret}sk-jinakept`);
  t.notOk(Object.values(process.env).some((value) => value?.includes(secret)));

  const before = process.listeners('SIGTERM').length;
  const statuses: Array<[string[], number, string]> = [
    [[process.execPath, '-e', 'process.exit(7)'], 7, ''],
    [[process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'], 137, ''],
    [[join(folder, 'no-such-program')], 127, 'error: The command could not be started (ENOENT).\n'],
    [[join(folder, 'out')], 126, 'error: The command could not be started (EACCES).\n'],
  ];
  for (const [command, status, stderr] of statuses) {
    const ended = await vault(['run', '--env', 'A=jina', '--', ...command]);
    t.strictSame([ended.status, ended.stderr], [status, stderr]);
  }
  t.equal(process.listeners('SIGTERM').length, before);

  // Nothing is started unless every secret was read.
  const started = join(folder, 'started');
  for (const [name, content] of [
    ['missing', undefined],
    ['binary', Buffer.of(0xff, 0xfe)],
    ['nul', Buffer.of(65, 0, 65)],
  ] as const) {
    if (content !== undefined) await vault(['put', name], { input: content });
    const refused = await vault(['run', '--env', 'A=jina', '--env', `B=${name}`, ...showing(started, '"x"')]);
    t.equal(refused.status, 1);
    t.match(
      refused.stderr,
      content === undefined ? /missing or denied/ : /not UTF-8 text without NUL. The command was not started/,
    );
  }
  await t.rejects(readFile(started), { code: 'ENOENT' });
});

t.test('run: signals are passed on', async (t) => {
  t.strictSame(passedOn(true), ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']);
  t.strictSame(passedOn(false), ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']);
  const ready = join(folder, 'ready');
  const code = `process.on('SIGTERM', () => process.exit(42)); process.on('SIGINT', () => process.exit(43));
    require('fs').writeFileSync(${JSON.stringify(ready)}, ''); setInterval(() => {}, 1000)`;
  const child = start(['run', '--env', 'A=jina', ...as(alice), '--', process.execPath, '-e', code], 'ignore');
  const deadline = Date.now() + 60_000;
  const isReady = () =>
    readFile(ready).then(
      () => true,
      () => false,
    );
  while (child.exitCode === null && !(await isReady()) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  if (process.platform === 'linux') {
    const { own, started } = shownByPs(child.pid);
    t.notOk(own.includes('sk-jina'), 'the secret is in the environment of the command alone');
    t.strictSame([own.includes('A=jina'), started.map((shown) => shown.includes('A=sk-jina'))], [true, [true]]);
  }
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.kill('SIGTERM');
  const [status] = await once(child, 'exit');
  t.strictSame([status, stderr], [42, '']);

  // The same in this process; a second file shows that the command is ready.
  const second = join(folder, 'ready2');
  const run = vault(['run', '--env', 'A=jina', '--', process.execPath, '-e', code.replace(ready, second)]);
  const there = () =>
    readFile(second).then(
      () => true,
      () => false,
    );
  while (!(await there()) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  process.emit('SIGTERM', 'SIGTERM');
  t.equal((await run).status, 42);
  await vaults.vaultOf(alice, 'wallet').removeAll();
});

t.test('reencrypt: from the mail bucket to the vault bucket', async (t) => {
  const { bucket } = vaults.places.omni;
  t.match((await vault(['reencrypt'])).stderr, /There are no secrets of/);
  await vault(['put', 'jina'], { input: secret });
  const copied = await vault(['reencrypt']);
  t.strictSame([copied.status, copied.stdout], [0, 'jina: copied; the old object is still there\n']);
  t.equal((await vault(['get', 'jina', '--vault-bucket', bucket])).stdout, secret);
  const unasked = await vault(['reencrypt', '--delete-old']);
  t.match([unasked.status, unasked.stderr], [1, /Re-run with --yes. Nothing was deleted/]);
  const moved = await vault(['reencrypt', '--delete-old', '--yes', '--json']);
  t.match(JSON.parse(moved.stdout), {
    from: { wallet: alice.wallet, bucket: vaults.places.wallet.bucket },
    to: { wallet: alice.wallet, bucket },
    secrets: [{ service: 'jina', outcome: 'moved' }],
  });
  t.equal((await vault(['list'])).stdout, '');

  // To another wallet, with its token and key.
  await vault(['put', 'groq'], { input: secret });
  const [token, key] = ['jwt', 'key'].map((kind) => join(folder, `${bob.wallet}.${kind}`));
  const toBob = ['--to-token-file', String(token), '--to-key-file', String(key)];
  t.equal((await vault(['reencrypt', ...toBob])).stdout, 'groq: copied; the old object is still there\n');
  t.equal(Buffer.from(await vaults.vaultOf(bob, 'omni').get('groq')).toString(), secret);
  const noSigner = await vault([
    'reencrypt',
    '--to-token-file',
    String(token),
    '--to-signer-account',
    'a',
    '--to-signer-token-file',
    'b',
  ]);
  t.match([noSigner.status, noSigner.stderr], [1, /name a signer/]);
  vaults.store('omni', `bots/${alice.omni}/credentials/groq.enc`, bytesOf('short'));
  const unreadable = await vault(['reencrypt']);
  t.match([unreadable.status, unreadable.stdout], [1, /^groq: .* has 5 bytes.* nothing was changed\n$/]);
  await vaults.vaultOf(alice, 'wallet').removeAll();
  await vaults.vaultOf(alice, 'omni').removeAll();
  await vaults.vaultOf(bob, 'omni').removeAll();
});

t.test('a name that somebody else stored is printed without its control characters', async (t) => {
  vaults.store('wallet', `bots/${alice.wallet}/credentials/a\u001b[2Jb.enc`, bytesOf('x'));
  t.equal((await vault(['list'])).stdout, 'a\\u001b[2Jb\n');
  vaults.objects('wallet').delete(`bots/${alice.wallet}/credentials/a\u001b[2Jb.enc`);
});
