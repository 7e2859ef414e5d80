/** `inbox list`, `wait` and `show`, through the command line. */
import { join } from 'node:path';
import t from 'tap';
import { agentToken } from '../../../src/commands/demo/operator-account.js';
import { lines } from '../../../src/terminal/text.js';
import { type Agent, mail, signup, soon, startAgent, walletA, walletB } from '../../mailbox/support.js';

/** The clock of the account: S3 tells times to the second. */
async function agentAt(t: Parameters<typeof startAgent>[0], start: string): Promise<Agent & { tick(): void }> {
  let time = Date.parse(start);
  const tick = () => {
    time += 1_000;
  };
  return { ...(await startAgent(t, () => time)), tick };
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
  t.equal(two.stderr, '1 older ones are there too: --limit.\n');
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

t.test('list: what goes meanwhile, what is refused', async (t) => {
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
  t.equal(long.stderr, 'It is longer than this: only its first part was read.\n');

  await routed('hostile', Buffer.from(`X: ${'x'.repeat(300_000)}\r\n\r\n`));
  const failures: Array<[id: string, told: string]> = [
    ['../x', 'error: That is no message id. `inbox list` has the ids of what is there.\n'],
    ['none', `error: There is no message none for ${walletA}.\n`],
    ['hostile', "error: The message hostile can't be read: Maximum header size of 262144 bytes exceeded.\n"],
  ];
  for (const [id, told] of failures) {
    const { status, stderr } = await run(['inbox', 'show', id, ...asWallet], {
      credentials: await s3.config.credentials(),
    });
    t.strictSame([status, stderr], [1, told]);
  }
  sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  const denied = await run(['inbox', 'show', 'a', ...asWallet]);
  t.match(denied.stderr, `in the bucket ${bucket}`);
});

t.test('nothing of a stranger’s moves the cursor', async (t) => {
  t.equal(lines('a\u001b[2J\tb\r\nc\u202ed\u2028e\r'), 'a[2J\tb\ncd\ne');
});

t.test('wait: what was found is alone on stdout', async (t) => {
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

t.test('wait: a time-out says what was there, and why each is not the one', async (t) => {
  const { run, routed, sandbox, tick } = await agentAt(t, '2026-01-31T12:00:00Z');
  await routed('older', mail({}));
  tick();
  await routed('a', mail({ subject: escaped, body: 'secret' }));
  tick();
  await routed('b', Buffer.from(`X: ${'x'.repeat(300_000)}\r\n\r\n`));
  const args = ['inbox', 'wait', ...asWallet, '--code', '\\d{6}', '--since', '2026-01-31T12:00:01Z', '--timeout', '1'];
  const { status, stdout, stderr } = await run(args);
  t.strictSame([status, stdout], [1, '']);
  t.strictSame(stderr.split('\n'), [
    `  Wait for mail to ${walletA}: failed`,
    'error: After 1 s none of the mail that is there is the one.',
    "  2026-01-31T12:00:02Z  b  can't be read",
    '  2026-01-31T12:00:01Z  a  no --code in it',
    '    Example <no-reply@example.com>: a [2Jb c',
    '  and 1 routed before --since',
    '',
  ]);
  const json = await run([...args, '--json']);
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
  t.match(throttled.stderr, /error: After 1 s no mail was there\.\nS3 could not be asked at the last: SlowDown\.\n$/);
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
    ['error: A token opens a role: name it with --role-arn (DATA_ROLE_ARN).\n', []],
  );
  const nowhere = await run(['inbox', 'list', '--token-file', token, '--role-arn', roleArn], {
    env: { REGION: '', HOME: '/nonexistent' },
  });
  t.match(nowhere.stderr, /^error: /);
  const other = await run(['inbox', 'list', '--token-file', token, '--role-arn', `${roleArn}-2`]);
  t.match(other.stderr, /^error: The role .*-2 could not be assumed \(AccessDenied\)/);
});
