/** `inbox list`, `wait` and `show`, through the command line. */
import { join } from 'node:path';
import t from 'tap';
import { agentToken } from '../../../src/commands/demo/operator-account.js';
import { safeLink, safeResult } from '../../../src/commands/inbox/print.js';
import { lines } from '../../../src/terminal/text.js';
import { type Agent, mail, signup, soon, startAgent, walletA, walletB } from '../../mailbox/support.js';

/** The account's clock: S3's times are to the second. */
async function agentAt(
  t: Parameters<typeof startAgent>[0],
  start: string,
): Promise<Agent & { tick(): void; now(): number }> {
  let time = Date.parse(start);
  const tick = () => {
    time += 1_000;
  };
  const now = () => time;
  return { ...(await startAgent(t, now)), tick, now };
}

const asWallet = ['--wallet', walletA];
const escaped = '=?utf-8?q?a=1B[2Jb=E2=80=AEc?=';

t.test('list: the newest first', async (t) => {
  const { run, routed, tick } = await agentAt(t, '2026-01-31T12:00:00Z');
  const none = await run(['inbox', 'list', ...asWallet]);
  t.strictSame([none.status, none.stdout, none.stderr], [0, '', `There is no mail for ${walletA}.\n`]);
  await routed('first', mail({ subject: escaped }));
  tick();
  await routed('second', mail({ subject: 'two', top: ['X-SES-Spam-Verdict: FAIL', 'X-SES-Virus-Verdict: PASS'] }));
  tick();
  await routed('third', Buffer.from(`X: ${'x'.repeat(300_000)}\r\n\r\n`));

  const all = await run(['inbox', 'list', ...asWallet]);
  t.equal(all.stderr, '');
  t.strictSame(all.stdout.split('\n'), [
    '2026-01-31T12:00:02Z  third',
    "  can't be read",
    '2026-01-31T12:00:01Z  second',
    '  Example <no-reply@example.com>: two  [spam]',
    '2026-01-31T12:00:00Z  first',
    '  Example <no-reply@example.com>: a [2Jb c',
    '',
  ]);
  const two = await run(['inbox', 'list', ...asWallet, '--limit', '2']);
  t.equal(two.stdout.split('\n').length, 5);
  t.equal(two.stderr, 'Not shown: 1 older messages. Use --limit to list more.\n');
  const json = JSON.parse((await run(['inbox', 'list', ...asWallet, '--json'])).stdout);
  t.match(json, {
    version: 1,
    wallet: walletA,
    total: 3,
    messages: [
      { id: 'third', arrived: '2026-01-31T12:00:02.000Z', readable: false },
      { id: 'second', readable: true, subject: 'two', verdicts: { spam: 'FAIL', virus: 'PASS' } },
      { id: 'first', readable: true, from: 'Example <no-reply@example.com>' },
    ],
  });
});

t.test('list: a message that is deleted meanwhile, calls that are refused', async (t) => {
  const { run, routed, sandbox, bucket, s3 } = await startAgent(t);
  await routed('a', mail({}));
  const off = sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'NoSuchKey', status: 404 } : undefined,
  );
  t.match((await run(['inbox', 'list', ...asWallet])).stdout, /can't be read/);
  off();
  const refuse = sandbox.intercept(({ operation }) =>
    operation === 'ListObjectsV2' ? { kind: 'refuse', code: 'ExpiredToken', status: 400 } : undefined,
  );
  const expired = await run(['inbox', 'list', ...asWallet]);
  t.equal(expired.status, 1);
  t.equal(expired.stderr, 'error: The AWS credentials have expired. Log in again, then repeat the command.\n');
  refuse();
  const stranger = await run(['inbox', 'list', '--wallet', walletB], { credentials: await s3.config.credentials() });
  t.match(
    stranger.stderr,
    new RegExp(`^error: AWS does not let these credentials read bots/${walletB}/inbound/ in the bucket ${bucket}`),
  );
});

t.test('Ctrl-C', async (t) => {
  const { run, routed, sandbox } = await startAgent(t);
  await routed('a', mail({}));
  for (const args of [['list'], ['show', 'a'], ['wait', '--subject', 'other']]) {
    const interrupt = new AbortController();
    const operation = args[0] === 'show' ? 'GetObject' : 'ListObjectsV2';
    const off = sandbox.intercept((call) => {
      if (call.operation !== operation) return undefined;
      setImmediate(() => interrupt.abort());
      return { kind: 'hang' };
    });
    const { status, stderr } = await run(['inbox', ...args, ...asWallet], { signal: interrupt.signal });
    off();
    t.equal(status, 130);
    t.match(stderr, /Interrupted/);
  }
});

t.test('show', async (t) => {
  const { run, routed, sandbox, bucket, s3 } = await agentAt(t, '2026-01-31T12:00:00Z');
  await routed('a', await signup('text-base64'));
  const { stdout, stderr } = await run(['inbox', 'show', 'a', ...asWallet]);
  t.equal(stderr, '');
  t.strictSame(stdout.split('\n'), [
    'From: Example Search API <accounts@search.example.net>',
    'To: or-0x1111111111111111111111111111111111111111-1790000194@bots.litentry.org',
    'Subject: Confirm your e-mail',
    'Arrived: 2026-01-31T12:00:00Z',
    '',
    'Welcome — glad you’re here ✓',
    '',
    'Confirm your e-mail address:',
    'https://api.search.example.net/auth/confirm?token=mFz2-made_up-Q0&next=%2Fapp%2Fkeys',
    '',
    'The Example Search team',
    '',
    'https://api.search.example.net/auth/confirm?token=mFz2-made_up-Q0&next=%2Fapp%2Fkeys',
    '',
  ]);
  const json = JSON.parse((await run(['inbox', 'show', 'a', ...asWallet, '--json'])).stdout);
  t.match(json, { version: 1, id: 'a', subject: 'Confirm your e-mail', truncated: false });

  await routed('long', mail({ top: ['X-SES-Spam-Verdict: GRAY'], body: `${'x'.repeat(70)}\r\n`.repeat(20_000) }));
  const long = await run(['inbox', 'show', 'long', ...asWallet]);
  t.match(long.stdout, /^SES on spam: GRAY$/m);
  t.equal(long.stderr, 'The message is longer: only its first part was read.\n');

  await routed('hostile', Buffer.from(`X: ${'x'.repeat(300_000)}\r\n\r\n`));
  const failures: Array<[id: string, message: string]> = [
    ['../x', 'error: Not a message id. `inbox list` prints the ids.\n'],
    ['none', `error: There is no message none for ${walletA}.\n`],
    ['hostile', "error: The message hostile can't be read: Maximum header size of 262144 bytes exceeded.\n"],
  ];
  for (const [id, message] of failures) {
    const { status, stderr } = await run(['inbox', 'show', id, ...asWallet], {
      credentials: await s3.config.credentials(),
    });
    t.strictSame([status, stderr], [1, message]);
  }
  sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  const denied = await run(['inbox', 'show', 'a', ...asWallet]);
  t.match(denied.stderr, `in the bucket ${bucket}`);
});

t.test('control characters in text from outside do not move the cursor', async (t) => {
  t.equal(lines('a\u001b[2J\tb\r\nc\u202ed\u2028e\r'), 'a[2J\tb\ncd\ne');
});

t.test('wait: prints the result alone on stdout', async (t) => {
  const { run, routed, tick } = await agentAt(t, '2026-01-31T12:00:00Z');
  await routed('a', await signup('html-only-7bit'));
  const cases: Array<[flags: string[], stdout: string]> = [
    [['--code', '\\b\\d{6}\\b'], '551203\n'],
    [['--code', '(\\d{3})203', '--from', 'Example cloud'], '551\n'],
    [
      ['--link', 'token=', '--subject', 'VERIFY'],
      'https://cloud.example.org/verify?user=77&token=made.up.7f&src=mail\n',
    ],
    [[], 'a\n'],
    [['--since', '2026-01-31T12:00:00Z'], 'a\n'],
  ];
  for (const [flags, stdout] of cases) {
    const found = await run(['inbox', 'wait', ...asWallet, ...flags]);
    t.strictSame([found.status, found.stdout], [0, stdout], flags.join(' '));
    t.match(found.stderr, /2026-01-31T12:00:00Z {2}Example Cloud <hello@cloud\.example\.org>: Verify your account\n$/);
  }
  const code = JSON.parse((await run(['inbox', 'wait', ...asWallet, '--code', '\\d{6}', '--json'])).stdout);
  t.match(code, { version: 1, outcome: 'found', id: 'a', subject: 'Verify your account', code: '551203' });
  const link = JSON.parse((await run(['inbox', 'wait', ...asWallet, '--link', 'verify', '--json'])).stdout);
  t.match(link, { link: /^https:/, links: [String] });
  t.equal((await run(['inbox', 'wait', ...asWallet, '--quiet'])).stderr, '');
  tick();
});

t.test('wait: a timeout lists the messages, and why each does not match', async (t) => {
  const { run, routed, sandbox, tick, now } = await agentAt(t, '2026-01-31T12:00:00Z');
  await routed('older', mail({}));
  tick();
  await routed('a', mail({ subject: escaped, body: 'secret' }));
  tick();
  await routed('b', Buffer.from(`X: ${'x'.repeat(300_000)}\r\n\r\n`));
  const args = ['inbox', 'wait', ...asWallet, '--code', '\\d{6}', '--since', '2026-01-31T12:00:01Z', '--timeout', '1'];
  const clock = { now, sleep: async () => undefined };
  const { status, stdout, stderr } = await run(args, { clock });
  t.strictSame([status, stdout], [1, '']);
  t.strictSame(stderr.split('\n'), [
    `  Wait for mail to ${walletA}: failed`,
    'error: Timed out after 1 s: no matching message.',
    "  2026-01-31T12:00:02Z  b  can't be read",
    '  2026-01-31T12:00:01Z  a  no --code in it',
    '    Example <no-reply@example.com>: a [2Jb c',
    '  and 1 routed before --since',
    '',
  ]);
  const json = await run([...args, '--json'], { clock });
  t.equal(json.status, 1);
  t.match(JSON.parse(json.stdout), {
    version: 1,
    outcome: 'timed-out',
    elapsedMs: Number,
    older: 1,
    seen: [
      { id: 'b', why: 'unreadable' },
      { id: 'a', why: 'no-code', from: 'Example <no-reply@example.com>' },
    ],
  });
  sandbox.intercept(({ operation }) =>
    operation === 'ListObjectsV2' ? { kind: 'refuse', code: 'SlowDown', status: 503 } : undefined,
  );
  const throttled = await run(['inbox', 'wait', ...asWallet, '--timeout', '1']);
  t.match(
    throttled.stderr,
    /error: Timed out after 1 s: no matching message\. No message was found\.\nS3's last answer was SlowDown\.\n$/,
  );
});

t.test('with a token', async (t) => {
  const { run, routed, roleArn, sandbox } = await startAgent(t);
  await routed('a', mail({ subject: 'x' }));
  const token = join(t.testdir({ token: agentToken(walletA, soon()) }), 'token');
  const found = await run(['inbox', 'wait', '--token-file', token, '--role-arn', roleArn]);
  t.equal(found.stdout, 'a\n', found.stderr);
  t.strictSame(
    found.calls.map(({ operation }) => operation),
    ['AssumeRoleWithWebIdentity', 'GetCallerIdentity', 'ListObjectsV2', 'GetObject'],
  );
  const fromEnvironment = await run(['inbox', 'list', '--bucket', `agentkeys-mail-${sandbox.account}`], {
    env: { AGENTKEYS_SES_ROUTING_TOKEN_FILE: token, DATA_ROLE_ARN: roleArn, AGENTKEYS_USER_WALLET: walletA },
  });
  t.equal(fromEnvironment.status, 0, fromEnvironment.stderr);

  const as = ['--token-file', token, '--role-arn', roleArn];
  const owned = await run(['inbox', 'list', ...as, '--account', sandbox.account]);
  t.equal(owned.status, 0, owned.stderr);
  const bucket = ['--bucket', `agentkeys-mail-${sandbox.account}`];
  const strangers = await run(['inbox', 'list', ...as, ...bucket, '--account', '444455556666']);
  t.match(strangers.stderr, /AWS does not let these credentials read/, "the bucket has to be that account's");

  const without = await run(['inbox', 'list', '--token-file', token]);
  t.strictSame(
    [without.stderr, without.calls],
    ['error: A token needs a role to assume. Name it with --role-arn (DATA_ROLE_ARN).\n', []],
  );
  const nowhere = await run(['inbox', 'list', '--token-file', token, '--role-arn', roleArn], {
    env: { REGION: '', HOME: '/nonexistent' },
  });
  t.match(nowhere.stderr, /^error: /);
  const other = await run(['inbox', 'list', '--token-file', token, '--role-arn', `${roleArn}-2`]);
  t.match(other.stderr, /^error: The role .*-2 could not be assumed \(AccessDenied\)/);
});

const unsafe = '\u202e\u200f\u009b\u007f\u2028\u{e0041}';

t.test('a link keeps every character, percent-encoded', async (t) => {
  const link = `https://example.org/verify?token=a${unsafe}b`;
  for (const printed of [safeLink(link), safeResult(link)]) {
    t.match(printed, /^[!-~]+$/);
    t.equal(decodeURIComponent(printed), link);
    t.equal(new URL(printed).href, new URL(link).href);
  }
  t.equal(safeResult(`12${unsafe}34`), '12 34');
});

t.test('show and wait: bidi and control characters do not reach the terminal, and the link still works', async (t) => {
  const { run, routed } = await startAgent(t);
  const html = 'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit';
  const body = `<p>Hi \u202eevil <a href="https://example.org/verify?token=a\u202eb\u200fc">go</a>`;
  await routed('a', Buffer.from(`From: x@example.com\r\nSubject: s\r\n${html}\r\n\r\n${body}\r\n`));
  const safe = 'https://example.org/verify?token=a%E2%80%AEb%E2%80%8Fc';
  for (const args of [
    ['show', 'a'],
    ['wait', '--link', 'verify'],
    ['wait', '--code', 'https://[^"]*verify[^"]*'],
    ['show', 'a', '--json'],
    ['wait', '--link', 'verify', '--json'],
    ['list', '--json'],
  ]) {
    const { status, stdout, stderr } = await run(['inbox', ...args, ...asWallet]);
    t.equal(status, 0, stderr);
    t.notMatch(stdout + stderr, /[\p{Cf}\u007f-\u009f]/u, args.join(' '));
    if (!args.includes('--json')) t.ok(stdout.split('\n').includes(safe), stdout);
    else if (args[0] !== 'list') t.equal(safeLink(JSON.parse(stdout).links[0]), safe);
  }
});

t.test('wait: the mail of one sign-up', async (t) => {
  const { run, routed } = await startAgent(t);
  await routed('a', mail({ subject: 'code 123456' }));
  const wait = (...flags: string[]) => run(['inbox', 'wait', ...asWallet, '--code', '\\d{6}', ...flags]);
  t.equal((await wait('--to', 'x@bots.litentry.org')).stdout, '123456\n');
  const other = await wait('--to', 'y@bots.litentry.org', '--timeout', '1');
  t.match(other.stderr, / {2}a {2}not --to\n/);
  t.match((await wait('--to', 'nobody')).stderr, /It must be an address such as name@example\.org\./);
});

t.test("--token-file: AgentKeys' session.json and the broker's answer; a J1 token", async (t) => {
  const { run, routed, roleArn } = await startAgent(t);
  await routed('a', mail({}));
  const jwt = agentToken(walletA, soon());
  const omni = Buffer.from(JSON.stringify({ agentkeys_user_wallet: 'c3'.repeat(32) })).toString('base64url');
  const folder = t.testdir({
    'session.json': JSON.stringify({ token: jwt }),
    'mint.json': JSON.stringify({ jwt, expires_in: 300 }),
    j1: `e30.${omni}.x`,
  });
  for (const file of ['session.json', 'mint.json']) {
    const found = await run(['inbox', 'wait', '--token-file', join(folder, file), '--role-arn', roleArn]);
    t.equal(found.stdout, 'a\n', found.stderr);
    t.match((await run(['address', '--token-file', join(folder, file)])).stdout, `or-${walletA}-`);
  }
  const { status, stderr } = await run(['address', '--token-file', join(folder, 'j1')]);
  t.equal(status, 1);
  t.match(stderr, /No mail is routed for such actors/);
});
