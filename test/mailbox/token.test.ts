import { inspect } from 'node:util';
import t from 'tap';
import { agentToken } from '../../src/commands/demo/operator-account.js';
import { tokenIn, walletFromToken } from '../../src/mailbox/token.js';
import { soon, walletA, walletB } from './support.js';

const now = new Date('2026-01-31T12:00:00Z');
const seconds = now.getTime() / 1_000;

function token(payload: unknown): string {
  const part = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256' })}.${part(payload)}.c2lnbmF0dXJl`;
}

const tags = (value: unknown) => ({
  'https://aws.amazon.com/tags': { principal_tags: { agentkeys_user_wallet: value } },
});
const mixed = '0xABCDEF0123456789abcdef0123456789ABCDEF01';

t.test('the wallet is read from each claim that may have it', async (t) => {
  const claims: Array<[what: string, claims: object]> = [
    ['a session token', { agentkeys: { wallet_address: mixed } }],
    ['a session token, in one dotted claim', { 'agentkeys.wallet_address': mixed }],
    ['an OIDC token', { agentkeys_user_wallet: mixed }],
    ['a principal tag', tags([mixed])],
    ['a principal tag that is no list', tags(mixed)],
    [
      'several that agree but for the case',
      { agentkeys_user_wallet: mixed.toLowerCase(), ...tags([mixed]), agentkeys: { wallet_address: mixed } },
    ],
  ];
  for (const [what, payload] of claims) {
    t.equal(walletFromToken(token(payload)), mixed.toLowerCase(), what);
    t.equal(
      walletFromToken(` ${token({ ...payload, exp: seconds + 1 })}\n`, { now }),
      mixed.toLowerCase(),
      `${what}, not expired`,
    );
  }
  t.equal(walletFromToken(agentToken(walletA, soon())), walletA, "the broker's own");
});

t.test('the error for an expired token has the time', async (t) => {
  for (const exp of [seconds, seconds - 0.5, 0])
    t.throws(() => walletFromToken(token({ agentkeys_user_wallet: walletA, exp }), { now }), {
      code: 'TOKEN_EXPIRED',
      message: `The token expired at ${new Date(exp * 1_000).toISOString()}. Ask the broker for another.`,
    });
});

t.test('invalid tokens', async (t) => {
  const cases: Array<[jwt: string, message: RegExp]> = [
    ['', /it is not a JWT/],
    ['a.b', /it is not a JWT/],
    ['a.b.c.d', /it is not a JWT/],
    [`${walletA}.e30=.x`, /it is not a JWT/],
    [token('{"a":'), /its payload is not a JSON object/],
    [token('[]'), /its payload is not a JSON object/],
    [token('null'), /its payload is not a JSON object/],
    [token({ exp: 'tomorrow', agentkeys_user_wallet: walletA }), /its claim exp is not a time/],
    [token({ exp: 1e300, agentkeys_user_wallet: walletA }), /its claim exp is not a time/],
    [
      token({ sub: walletA, agentkeys: 'x', ...tags([]) }),
      /it names no wallet\. Claims searched: agentkeys wallet_address; agentkeys\.wallet_address; agentkeys_user_wallet; https:\/\/aws\.amazon\.com\/tags principal_tags agentkeys_user_wallet/,
    ],
    [token({ agentkeys_user_wallet: '0x12' }), /its claim agentkeys_user_wallet is not a wallet/],
    [token({ agentkeys_user_wallet: 7 }), /its claim agentkeys_user_wallet is not a wallet/],
    [token({ agentkeys_user_wallet: null }), /its claim agentkeys_user_wallet is not a wallet/],
    [
      token({ agentkeys_user_wallet: walletA, ...tags([walletB]) }),
      /it names two wallets, in agentkeys_user_wallet and in https:\/\/aws\.amazon\.com\/tags principal_tags agentkeys_user_wallet/,
    ],
    [token(tags([walletA, walletB])), /it names two wallets/],
  ];
  for (const [jwt, message] of cases) {
    const error = t.throws(() => walletFromToken(jwt, { now }), { code: 'INVALID_TOKEN', message });
    const printed = inspect(error, { depth: 9, showHidden: true });
    if (jwt.length > 20) t.notMatch(printed, jwt.split('.')[1] || jwt, 'the error does not contain the token');
  }
});

t.test("AgentKeys' session.json and its broker's answer are accepted unchanged", async (t) => {
  const jwt = token({ agentkeys: { wallet_address: mixed } });
  const texts: Array<[what: string, text: string]> = [
    ['session.json', JSON.stringify({ token: jwt, wallet: 'x', expires_at: 1 }, null, 2)],
    ['the answer of mint-oidc-jwt', ` ${JSON.stringify({ jwt, expires_in: 300 })}\n`],
    ['both: the OIDC token', JSON.stringify({ token: 'other', jwt: ` ${jwt} ` })],
  ];
  for (const [what, text] of texts) {
    t.equal(walletFromToken(text), mixed.toLowerCase(), what);
    t.equal(tokenIn(text), jwt, what);
  }
  for (const text of ['{}', '{"token":7}', '{"jwt":', `{"session":"${jwt}"}`]) {
    const error = t.throws(() => walletFromToken(text), { code: 'INVALID_TOKEN', message: /`jwt` or `token`/ });
    t.notMatch(inspect(error), jwt);
  }
});

t.test("an agent's own token (J1) has no wallet, and no mail", async (t) => {
  const omni = 'c3f7249ad2f03d898a95fdbe95113041282dd1f5a115d14a65d7e7ede4afee5f';
  for (const payload of [{ agentkeys_user_wallet: omni }, tags([omni.toUpperCase()])])
    t.throws(() => walletFromToken(token(payload)), {
      code: 'INVALID_TOKEN',
      message: /is an actor's id \(64 hexadecimal digits\), not a wallet\. No mail is routed for such actors/,
    });
  const both = token({ agentkeys_user_wallet: walletA, agentkeys_actor_omni: omni });
  t.equal(walletFromToken(both), walletA, 'beside a wallet it does not matter');
});
