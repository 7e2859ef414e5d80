/** The format: test vectors, a second implementation in both directions, and whatever was changed. */
import assert from 'node:assert';
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { actorOmni } from '../../src/agentkeys/actor.js';
import {
  decrypt,
  deriveKey,
  encrypt,
  keyMessage,
  LARGEST_OBJECT,
  OVERHEAD,
  type Owners,
  objectKey,
  type Version,
} from '../../src/vault/format.js';
import { property } from '../handler/mail/generated/run.js';
import { keyFrom, omniOf, read, write } from './second-implementation.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const ownersOf = (wallet: string): Owners => ({ 1: wallet, 2: actorOmni(wallet) });

t.test('test vectors', async (t) => {
  const omni = '4aeb3e29bc495a904e4a487b1a3216e181f40f3a95ce5478018b78b149df756c';
  t.equal(actorOmni(`0x${'0'.repeat(40)}`), 'c3f7249ad2f03d898a95fdbe95113041282dd1f5a115d14a65d7e7ede4afee5f');
  t.equal(actorOmni('0xabc'), omni);

  t.equal(objectKey('0xabc', 'openrouter'), 'bots/0xabc/credentials/openrouter.enc');
  t.equal(objectKey(omni, 'openrouter'), `bots/${omni}/credentials/openrouter.enc`);

  const message = keyMessage('0xabc', 'openrouter');
  t.equal(text(message), 'agentkeys.kek.v1:0xabc:openrouter');
  const d = createHash('sha256')
    .update(`${'deadbeef'.repeat(8)}|`)
    .update(message)
    .digest();
  t.equal(
    Buffer.from(deriveKey(Buffer.concat([d, d, Buffer.of(0)]))).toString('hex'),
    'd22dbf730ff293eecb2cf5acdf4fd1cc77bda770d2930b07ded5a77cdc77502e',
  );

  const key = Buffer.alloc(32, 7);
  const nonce = Buffer.alloc(12);
  const vectors: Array<[Version, secret: string, object: string]> = [
    [1, 'sk-or-v1-secret', '0100000000000000000000000012b389dd89bf7dd9cc74ea07b61e3fca10fe915a370a8040e5c4d918c1ff29'],
    [2, 'sk-or-v2-secret', '0200000000000000000000000012b389dd89bf7ddacc74ea07b61e3f81f2c334eb2ee6f34fefcec76b292a9e'],
  ];
  for (const [version, secret, object] of vectors) {
    const options = { version, key, owners: ownersOf('0xabc'), service: 'openrouter', secret: Buffer.from(secret) };
    t.equal(Buffer.from(encrypt({ ...options, nonce })).toString('hex'), object);
    const opened = decrypt(Buffer.from(object, 'hex'), key, ownersOf('0xabc'), 'openrouter');
    t.strictSame([opened.version, text(opened.secret)], [version, secret]);
    // A nonce of its own each time.
    t.notSame(encrypt(options), encrypt(options));
  }
});

t.test('what is refused', async (t) => {
  const wallet = `0x${'1'.repeat(40)}`;
  const key = randomBytes(32);
  const owners = ownersOf(wallet);
  const failures: Array<[bytes: Uint8Array, code: string, message: RegExp]> = [
    [Buffer.alloc(0), 'UNREADABLE', /has 0 bytes/],
    [Buffer.alloc(OVERHEAD - 1, 1), 'UNREADABLE', /has 28 bytes; an encrypted secret has 29 or more/],
    [Buffer.alloc(OVERHEAD), 'UNREADABLE', /version is 0/],
    [Buffer.alloc(OVERHEAD, 3), 'UNREADABLE', /version is 3/],
    [Buffer.alloc(LARGEST_OBJECT + 1, 1), 'TOO_LARGE', /more than 65536 bytes/],
    [Buffer.alloc(OVERHEAD, 1), 'AUTHENTICATION_FAILED', /can't be decrypted/],
  ];
  for (const [bytes, code, message] of failures)
    t.throws(() => decrypt(bytes, key, owners, 's'), { name: 'VaultError', code, message });

  const largest = Buffer.alloc(LARGEST_OBJECT - OVERHEAD, 1);
  const options = { version: 1, key, owners, service: 's' } as const;
  const object = encrypt({ ...options, secret: largest });
  t.equal(object.length, LARGEST_OBJECT);
  t.strictSame(Buffer.from(decrypt(object, key, owners, 's').secret), largest);
  t.throws(() => encrypt({ ...options, secret: Buffer.concat([largest, Buffer.of(1)]) }), {
    code: 'INVALID_ARGUMENT',
    message: /at most 65507 bytes/,
  });
});

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hexDigits = (length: number) => bytesOf(length / 2).map((bytes) => Buffer.from(bytes).toString('hex'));

/** Any service that S3 can store, also one that this vault would not put. */
const service = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter((name) => !name.includes('/'));

const stored = fc.record({
  version: fc.constantFrom<Version>(1, 2),
  wallet: hexDigits(40).map((digits) => `0x${digits}`),
  service,
  signature: bytesOf(65),
  secret: fc.uint8Array({ maxLength: 300 }),
});

property(t, 'both implementations read what the other wrote', 400, stored, (one) => {
  const { version, wallet, service, signature, secret } = one;
  const owners = ownersOf(wallet);
  assert.equal(owners[2], omniOf(wallet));
  const key = deriveKey(signature);
  assert.deepEqual(Buffer.from(key), keyFrom(signature));

  const ours = encrypt({ version, key, owners, service, secret });
  assert.deepEqual(read(ours, key, wallet, service), Buffer.from(secret));
  const theirs = decrypt(write(version, key, wallet, service, secret), key, owners, service);
  assert.equal(theirs.version, version);
  assert.deepEqual(Buffer.from(theirs.secret), Buffer.from(secret));
});

/** Fails unless the object is refused. */
function assertRefused(bytes: Uint8Array, key: Uint8Array, owners: Owners, service: string): void {
  assert.throws(() => decrypt(bytes, key, owners, service), { name: 'VaultError' });
}

property(t, 'an object is refused with any byte changed, or cut off at any length', 60, stored, (one) => {
  const { version, wallet, service, signature, secret } = one;
  const owners = ownersOf(wallet);
  const key = deriveKey(signature);
  const object = encrypt({ version, key, owners, service, secret });
  for (let index = 0; index < object.length; index++) {
    const changed = Uint8Array.from(object);
    changed[index] = Number(object[index]) ^ (1 + (index % 255));
    assertRefused(changed, key, owners, service);
    assertRefused(object.subarray(0, index), key, owners, service);
  }
  assertRefused(Buffer.concat([object, Buffer.of(0)]), key, owners, service);
  const asOther = Uint8Array.from(object);
  asOther[0] = 3 - version;
  assertRefused(asOther, key, owners, service);
});

property(
  t,
  'an object is refused in the place of another, and with another key',
  300,
  fc.tuple(stored, stored),
  ([one, other]) => {
    const { version, wallet, service, signature, secret } = one;
    const owners = ownersOf(wallet);
    const key = deriveKey(signature);
    const object = encrypt({ version, key, owners, service, secret });
    assertRefused(object, key, ownersOf(other.wallet), service);
    if (other.service !== service) assertRefused(object, key, owners, other.service);
    assertRefused(object, deriveKey(other.signature), owners, service);
    // v is hashed: the same signature as another tool may write it gives another key.
    assertRefused(
      object,
      deriveKey(Uint8Array.from(signature, (byte, index) => (index === 64 ? byte ^ 27 : byte))),
      owners,
      service,
    );
  },
);
