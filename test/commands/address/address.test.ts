/** `address`: through the command line. */
import { join } from 'node:path';
import t from 'tap';
import { agentToken } from '../../../src/commands/demo/operator-account.js';
import { soon, walletA, walletB } from '../../mailbox/support.js';
import { startOperator } from '../../support/operator.js';

t.test('an address, from each source of the wallet', async (t) => {
  const { run } = await startOperator(t);
  const token = join(t.testdir({ token: `${agentToken(walletA, soon())}\n` }), 'token');
  const cases: Array<[args: string[], env: NodeJS.ProcessEnv, domain: string]> = [
    [[`0x${walletA.slice(2).toUpperCase()}`], {}, 'bots.litentry.org'],
    [['--wallet', walletA, '--mail-domain', 'bots.example.org'], {}, 'bots.example.org'],
    [['--token-file', token], { MAIL_DOMAIN: 'bots.example.net' }, 'bots.example.net'],
    [[], { AGENTKEYS_USER_WALLET: walletA }, 'bots.litentry.org'],
    [[walletA, '--token-file', token], {}, 'bots.litentry.org'],
  ];
  for (const [args, env, domain] of cases) {
    const { status, stdout, stderr, calls } = await run(['address', ...args], { env });
    t.equal(status, 0, stderr);
    t.match(stdout, new RegExp(`^or-${walletA}-\\d{10}@${domain.replaceAll('.', '\\.')}\n$`));
    t.equal(stderr, '');
    t.strictSame(calls, []);
  }
  const planned = await run(['address', walletA, '--service', 'brave-search']);
  t.match(planned.stdout, /^brave-0x1{40}-\d{10}@bots\.litentry\.org\n$/);
  const { stdout } = await run(['address', walletA, '--json']);
  t.match(JSON.parse(stdout), { version: 1, address: /^or-0x1{40}-\d+@bots\.litentry\.org$/ });
});

t.test('errors name the problem and never repeat the token', async (t) => {
  const { run } = await startOperator(t);
  const jwt = agentToken(walletA, soon());
  const folder = t.testdir({ token: jwt, old: agentToken(walletA, 1_000_000_000), none: 'x' });
  const file = (name: string) => ['--token-file', join(folder, name)];
  const cases: Array<[args: string[], message: RegExp]> = [
    [[], /^error: No wallet given: use --wallet \(AGENTKEYS_USER_WALLET\), or --token-file with its token\.\n$/],
    [['0x12'], /^error: The wallet must be 0x and 40 hexadecimal digits\. To pass a token, use --token-file\.\n$/],
    [[jwt], /^error: The wallet must be 0x/],
    [[walletA, '--service', 'nothing'], /^error: The service must be one of openrouter, brave-search, .*gemini\.\n$/],
    [[walletA, '--service', 'instagram'], /^error: The service can't be instagram, which is not supported: its Terms/],
    [
      [walletA, '--wallet', `0x${'2'.repeat(40)}`],
      /^error: The wallet is given twice, as an operand and with --wallet, with different values\.\n$/,
    ],
    [['--wallet', jwt], /^error: --wallet must be a wallet: 0x and 40 hexadecimal digits \(from the command line\)/],
    [['--token-file', jwt], /^error: The file given with --token-file can't be read \((ENOENT|ENAMETOOLONG)\)\.\n$/],
    [
      [walletB, ...file('token')],
      /^error: The token is for the wallet 0x1{40}, not for 0x2{40} \(--wallet, AGENTKEYS_USER_WALLET\)\.\n$/,
    ],
    [file('old'), /^error: The token expired at 2001-09-09T01:46:40\.000Z\. Ask the broker for another\.\n$/],
    [file('none'), /^error: The token can't be used: it is not a JWT/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr, calls } = await run(['address', ...args]);
    t.equal(status, 1);
    t.equal(stdout, '');
    t.match(stderr, message);
    t.notMatch(stderr, jwt.slice(0, 30));
    t.strictSame(calls, []);
  }
});
