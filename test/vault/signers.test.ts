/** Signers, by a private key and over HTTP, and signatures: EIP-191, the address that signed, and v. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import t from 'tap';
import { deriveKey } from '../../src/vault/format.js';
import { httpSigner } from '../../src/vault/http-signer.js';
import { normalized, recover } from '../../src/vault/signature.js';
import { fromHex, localSigner } from '../../src/vault/signers.js';

/** The example of web3.js: https://web3js.readthedocs.io/en/v1.10.0/web3-eth-accounts.html#sign */
const example = {
  privateKey: '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318',
  address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23',
  message: Buffer.from('Some data'),
  signature:
    '0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c',
};

const signatureOf = (text: string) => fromHex(text, 65) ?? Buffer.alloc(0);

t.test('a local signer signs as web3.js does, each time the same, with v as 0 or 1', async (t) => {
  const { privateKey, address, message, signature } = example;
  const signer = localSigner(privateKey);
  const signed = await signer(message);
  t.equal(`0x${Buffer.from(signed.subarray(0, 64)).toString('hex')}`, signature.slice(0, -2));
  t.equal(signed.at(-1), 1);
  t.strictSame(signed, await signer(message));
  t.strictSame(signed, await localSigner(signatureOf(`${privateKey}${'0'.repeat(66)}`).subarray(0, 32))(message));
  t.strictSame(recover(message, signed), { address, canonical: true });
});

t.test('v as 27 or 28 becomes 0 or 1: it is hashed, and another v is another key', async (t) => {
  const theirs = signatureOf(example.signature);
  t.equal(theirs.at(-1), 28);
  const ours = await localSigner(example.privateKey)(example.message);
  t.notSame(deriveKey(theirs), deriveKey(ours), 'AgentKeys would not find the key');
  t.strictSame(deriveKey(normalized(theirs)), deriveKey(ours));
  t.equal(theirs.at(-1), 28, 'the given bytes are not changed');
  for (const [given, normal] of [
    [0, 0],
    [1, 1],
    [27, 0],
    [28, 1],
  ])
    t.equal(normalized(Uint8Array.from(theirs, (byte, index) => (index === 64 ? Number(given) : byte))).at(-1), normal);
});

t.test('what is no signature', async (t) => {
  const theirs = signatureOf(example.signature);
  const withV = (v: number) => Uint8Array.from(theirs, (byte, index) => (index === 64 ? v : byte));
  const lengths = /must be 65 bytes/;
  const failures: Array<[unknown, RegExp]> = [
    [undefined, lengths],
    [example.signature, lengths],
    [theirs.subarray(1), lengths],
    [Buffer.concat([theirs, Buffer.of(0)]), lengths],
    [withV(2), /v, is 2\. It must be 0, 1, 27 or 28/],
    [withV(26), /v, is 26/],
    [withV(29), /v, is 29/],
    [withV(37), /v, is 37/],
  ];
  for (const [signature, message] of failures)
    t.throws(() => normalized(signature), { name: 'VaultError', code: 'INVALID_SIGNATURE', message });
});

t.test('the address that signed', async (t) => {
  const { address, message, signature } = example;
  const signed = normalized(signatureOf(signature));
  t.strictSame(recover(message, signed), { address, canonical: true });
  t.not(recover(Buffer.from('Some other data'), signed).address, address);
  const other = Uint8Array.from(signed, (byte, index) => (index === 64 ? 1 - byte : byte));
  t.not(recover(message, other).address, address);
  t.strictSame(recover(message, Buffer.alloc(65)), { canonical: false });

  // n - s with the other v is a signature of the same key as well, and gives another encryption key.
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = BigInt(`0x${Buffer.from(signed.subarray(32, 64)).toString('hex')}`);
  const high = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
  const twin = Buffer.concat([signed.subarray(0, 32), high, Buffer.of(0)]);
  t.strictSame(recover(message, twin), { address, canonical: false });
  t.notSame(deriveKey(twin), deriveKey(signed));
});

t.test('what is no private key', async (t) => {
  for (const key of [
    '',
    '0x',
    'x'.repeat(64),
    '0'.repeat(64),
    'f'.repeat(64),
    '1'.repeat(63),
    randomBytes(31),
    Buffer.alloc(32),
  ])
    t.throws(() => localSigner(key), {
      name: 'VaultError',
      code: 'INVALID_ARGUMENT',
      message: /private key must be 32 bytes/,
    });
});

const omniAccount = 'AB'.repeat(32);
const canary = 'canary-token';

type Answer = 'hang' | 'close' | { status?: number; body?: string; headers?: Record<string, string> };

t.test("over HTTP: AgentKeys' signer", async (t) => {
  const { privateKey, message } = example;
  const requests: Array<{ request: IncomingMessage; body: string }> = [];
  let answer: Answer = {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ request, body: Buffer.concat(chunks).toString() });
    if (answer === 'hang') return;
    if (answer === 'close') return void request.socket.destroy();
    const signature = Buffer.from(await localSigner(privateKey)(message)).toString('hex');
    const { status = 200, body = JSON.stringify({ signature: `0x${signature}`, address: 'x', key_version: 1 }) } =
      answer;
    response.writeHead(status, { 'content-type': 'application/json', ...answer.headers }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signer = httpSigner({ url: `${url}/base/`, omniAccount: `0x${omniAccount}`, token: async () => canary });
  t.strictSame(await signer(message), await localSigner(privateKey)(message));
  const [first] = requests;
  t.match(first?.request, {
    method: 'POST',
    url: '/base/dev/sign-message',
    headers: { authorization: `Bearer ${canary}`, 'content-type': 'application/json' },
  });
  t.equal(
    first?.body,
    `{"omni_account":"${omniAccount.toLowerCase()}","message_hex":"${Buffer.from(message).toString('hex')}"}`,
  );
  await httpSigner({ url, omniAccount })(message);
  t.equal(requests[1]?.request.headers.authorization, undefined);

  const failures: Array<[Answer, code: string, message: string]> = [
    [
      { status: 400, body: '{"error":"invalid_omni_account"}' },
      'SIGNER_FAILED',
      '(HTTP status 400): it does not accept the account (omniAccount).',
    ],
    [{ status: 400, body: '{"error":"invalid_message_hex"}' }, 'SIGNER_FAILED', 'it does not accept the message'],
    [{ status: 503, body: '{"code":"signer_disabled"}' }, 'SIGNER_FAILED', '(HTTP status 503): it is disabled'],
    [{ status: 500, body: '{"error":"internal"}' }, 'SIGNER_FAILED', 'it had an internal error; try again later'],
    [
      { status: 401, body: `{"error":"${canary}"}` },
      'SIGNER_FAILED',
      '(HTTP status 401): it does not accept the token; log in again.',
    ],
    [{ status: 403, body: '' }, 'SIGNER_FAILED', 'it does not accept the token'],
    [{ status: 404, body: `<html>${canary}` }, 'SIGNER_FAILED', '(HTTP status 404): it gave no reason.'],
    [{ status: 302, headers: { location: 'http://127.0.0.1:9/' } }, 'SIGNER_FAILED', 'could not be reached'],
    ['hang', 'SIGNER_FAILED', 'could not be reached (TimeoutError)'],
    ['close', 'SIGNER_FAILED', 'could not be reached ('],
    [{ body: `null` }, 'INVALID_SIGNATURE', 'no signature of 65 bytes'],
    [{ body: `{"signature":["${canary}"]}` }, 'INVALID_SIGNATURE', 'no signature of 65 bytes'],
    [{ body: `{"signature":"0x${'ab'.repeat(64)}"}` }, 'INVALID_SIGNATURE', 'no signature of 65 bytes'],
    [{ body: `{"signature":"0x${'zz'.repeat(65)}"}` }, 'INVALID_SIGNATURE', 'no signature of 65 bytes'],
    [{ body: `{"signature":"${'x'.repeat(70_000)}"}` }, 'INVALID_SIGNATURE', 'no signature of 65 bytes'],
  ];
  for (const [given, code, text] of failures) {
    answer = given;
    const failing = httpSigner({ url, omniAccount, token: canary, timeoutMs: given === 'hang' ? 50 : 10_000 });
    const error = await Promise.resolve(failing(message)).then(
      () => undefined,
      (raised: Error) => raised,
    );
    t.match(error, { name: 'VaultError', code });
    t.match(error?.message, text);
    t.notMatch(inspect(error, { showHidden: true, depth: 9 }), canary);
  }
  t.notMatch(inspect(signer, { showHidden: true, depth: 9 }), canary);
});

t.test('over HTTP: what is refused', async (t) => {
  const url = 'https://signer.example.org';
  const secure = /must be an https URL without a user name, or an http URL of this machine/;
  const failures: Array<[options: object, RegExp]> = [
    [{ url, omniAccount: 'abc' }, /omniAccount must be 64/],
    [{ url, omniAccount: undefined }, /omniAccount must be 64/],
    [{ url: undefined, omniAccount }, secure],
    [{ url: 'signer', omniAccount }, secure],
    [{ url: 'http://signer.example.org', omniAccount }, secure],
    [{ url: 'http://localhost.example.org', omniAccount }, secure],
    [{ url: 'https://user@signer.example.org', omniAccount }, secure],
    [{ url: 'https://:pass@signer.example.org', omniAccount }, secure],
    [{ url: 'file:///x', omniAccount }, secure],
  ];
  for (const [options, message] of failures)
    t.throws(() => httpSigner(options as never), { name: 'VaultError', code: 'INVALID_ARGUMENT', message });
  for (const local of ['http://localhost:1', 'http://[::1]:1', 'http://127.1.2.3', url])
    t.type(httpSigner({ url: local, omniAccount }), 'function');
});
