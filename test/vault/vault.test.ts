/** The vault on the embedded AWS, with agents' own sessions, in both layouts. */
import t from 'tap';
import { type Layout, openVault, type Signer, type VaultErrorCode } from '../../src/vault/index.js';
import { read } from './second-implementation.js';
import { alice, bob, bytesOf, errorOf, layouts, startVaults, textOf, type Vaults } from './support.js';

let vaults: Vaults;
t.before(async () => {
  vaults = await startVaults(t);
});

/** The key of an object. */
const keyOf = (layout: Layout, service: string, { wallet, omni } = alice) =>
  `bots/${layout === 'wallet' ? wallet : omni}/credentials/${service}.enc`;

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return (await errorOf(work)).code;
}

for (const layout of layouts)
  t.test(`layout ${layout}: put, get, overwrite, list, remove`, async (t) => {
    const { vaultOf, objects, called } = vaults;
    const vault = vaultOf(alice, layout);
    const key = keyOf(layout, 'openrouter');
    await t.rejects(vault.get('openrouter'), {
      name: 'VaultError',
      code: 'MISSING_OR_DENIED',
      message: /missing or denied/,
    });

    const put = await called(() => vault.put('openrouter', bytesOf('sk-one')));
    t.strictSame(put, ['HeadObject', 'PutObject']);
    const object = objects(layout).get(key);
    t.equal(object?.contentType, 'application/octet-stream');
    t.equal(object?.body[0], layout === 'wallet' ? 1 : 2);
    const derived = await import('./second-implementation.js').then(async ({ keyFrom }) =>
      keyFrom(await alice.signer(bytesOf(`agentkeys.kek.v1:${alice.wallet}:openrouter`))),
    );
    t.equal(textOf(read(object?.body ?? Buffer.of(), derived, alice.wallet, 'openrouter')), 'sk-one');

    const get = await called(async () => t.equal(textOf(await vault.get('openrouter')), 'sk-one'));
    t.strictSame(get, layout === 'wallet' ? ['GetObject', 'GetObject'] : ['GetObject']);

    const exists = await errorOf(vault.put('openrouter', bytesOf('sk-two')));
    t.match(exists, { code: 'EXISTS', message: `${key} holds a secret of this service already` });
    t.equal(textOf(await vault.get('openrouter')), 'sk-one');
    const overwritten = await called(() => vault.put('openrouter', bytesOf('sk-two'), { overwrite: true }));
    t.strictSame(
      overwritten,
      layout === 'wallet' ? ['HeadObject', 'HeadObject', 'PutObject'] : ['HeadObject', 'PutObject'],
    );
    t.equal(textOf(await vault.get('openrouter')), 'sk-two');
    await vault.put('jina', bytesOf('new'), { overwrite: true });

    t.strictSame(await vault.list(), ['jina', 'openrouter']);
    await vault.remove('jina');
    t.equal(await codeOf(vault.remove('jina')), 'MISSING_OR_DENIED');
    t.strictSame(await vault.list(), ['openrouter']);
    t.equal(await vault.removeAll(), 1);
    t.strictSame(await vault.list(), []);
    t.equal(await vault.removeAll(), 0);
  });

t.test('another agent can neither read, list, replace nor remove it', async (t) => {
  const { vaultOf, clientOf, places, objects } = vaults;
  for (const layout of layouts) {
    await vaultOf(alice, layout).put('private', bytesOf('sk'));
    // Bob's session, and everything that Alice has besides.
    const { bucket } = places[layout];
    const { wallet, signer } = alice;
    const thief = openVault({ bucket, wallet, signer, layout, s3: clientOf(bob, layout) });
    const codes: VaultErrorCode[] = [
      'MISSING_OR_DENIED',
      'ACCESS_DENIED',
      'ACCESS_DENIED',
      'MISSING_OR_DENIED',
      'ACCESS_DENIED',
    ];
    const attempts = [
      () => thief.get('private'),
      () => thief.list(),
      () => thief.put('other', bytesOf('sk'), { overwrite: true }),
      () => thief.remove('private'),
      () => thief.removeAll(),
    ];
    for (const [index, attempt] of attempts.entries()) t.equal(await codeOf(attempt()), codes[index]);
    t.ok(objects(layout).has(keyOf(layout, 'private')));
    t.strictSame(await vaultOf(bob, layout).list(), []);
    await vaultOf(alice, layout).removeAll();
  }
});

t.test('either version is read at either place, version 2 first; and removed from both', async (t) => {
  const { aws, store, written, places, objects } = vaults;
  const { bucket } = places.wallet;
  const { wallet, signer } = alice;
  // An administrator, who reaches both places in one bucket.
  const vault = openVault({ bucket, wallet, signer, s3: aws.s3 });
  for (const place of layouts)
    for (const version of [1, 2]) {
      store('wallet', keyOf(place, 'jina'), await written(version, alice, 'jina', `version ${version}`));
      t.equal(textOf(await vault.get('jina')), `version ${version}`);
      await vault.remove('jina');
    }
  store('wallet', keyOf('wallet', 'both'), await written(1, alice, 'both', 'old'));
  store('wallet', keyOf('omni', 'both'), await written(2, alice, 'both', 'new'));
  store('wallet', keyOf('wallet', 'alpha'), await written(1, alice, 'alpha', 'a'));
  for (const other of ['deeper/name.enc', '.enc', 'note.txt'])
    store('wallet', `bots/${wallet}/credentials/${other}`, bytesOf('x'));
  t.equal(textOf(await vault.get('both')), 'new');
  t.strictSame(await vault.list(), ['both', 'alpha']);
  t.equal(await codeOf(vault.get('neither')), 'NOT_FOUND');
  t.equal(await codeOf(vault.remove('neither')), 'NOT_FOUND');

  // What hides the layout's own place would hide what is written there.
  const hidden = await errorOf(vault.put('both', bytesOf('newer'), { overwrite: true }));
  t.match(hidden, { code: 'EXISTS', message: /readers prefer it to the layout 'wallet'. Use the layout 'omni'/ });
  const omni = openVault({ bucket, wallet, signer, layout: 'omni', s3: aws.s3 });
  t.equal(await codeOf(omni.put('alpha', bytesOf('newer'))), 'EXISTS');
  await omni.put('alpha', bytesOf('newer'), { overwrite: true });
  t.equal(textOf(await vault.get('alpha')), 'newer');

  // Killed between the two deletions: the secret is still the newer one.
  await t.rejects(
    openVault({
      bucket,
      wallet,
      signer,
      s3: {
        send(command: object) {
          const second =
            /DeleteObject/.test(command.constructor.name) && !objects('wallet').has(keyOf('wallet', 'alpha'));
          return second ? Promise.reject(new Error('killed')) : aws.s3.send(command as never);
        },
      },
    }).remove('alpha'),
  );
  t.equal(textOf(await vault.get('alpha')), 'newer');
  await vault.remove('alpha');
  t.equal(await codeOf(vault.get('alpha')), 'NOT_FOUND');
  t.equal(await vault.removeAll(), 5);
  t.strictSame(
    [...objects('wallet').keys()].filter((key) => key.includes('/credentials/')),
    [],
  );
});

t.test('arguments and names', async (t) => {
  const { places, clientOf, store, written, sandbox } = vaults;
  const { bucket } = places.wallet;
  const { wallet, signer } = alice;
  const faults: Array<[object, RegExp]> = [
    [{ wallet: '0xabc' }, /wallet must be 0x and 40/],
    [{ wallet: undefined }, /wallet must be/],
    [{ bucket: '' }, /bucket must be/],
    [{ signer: 'key' }, /signer must be a function/],
    [{ layout: 'both' }, /layout must be/],
  ];
  for (const [fault, message] of faults)
    t.throws(() => openVault({ bucket, wallet, signer, ...fault } as never), { code: 'INVALID_ARGUMENT', message });
  const mixed = `0x${wallet.slice(2).toUpperCase()}`;
  const vault = openVault({ bucket, wallet: mixed, signer, s3: clientOf(alice, 'wallet') });
  const before = sandbox.calls.length;
  const long = 'a'.repeat(65);
  for (const name of ['', 'A', '-a', '.a', '_a', 'a/b', 'a b', 'a|b', 'ä', long, undefined as never])
    t.equal(await codeOf(vault.put(name, bytesOf('sk'))), 'INVALID_ARGUMENT', String(name));
  for (const secret of [bytesOf(''), Buffer.alloc(65_508), 'text' as never])
    t.equal(await codeOf(vault.put('name', secret)), 'INVALID_ARGUMENT');
  for (const name of ['', 'a/b', '\ud800', 'ä'.repeat(500), undefined as never])
    for (const work of [() => vault.get(name), () => vault.remove(name)])
      t.equal(await codeOf(work()), 'INVALID_ARGUMENT');
  t.equal(sandbox.calls.length, before, 'nothing was sent');
  await vault.put('a'.repeat(64), Buffer.alloc(65_507, 1));
  t.equal((await vault.get('a'.repeat(64))).length, 65_507);

  // Others may have stored names that this vault does not put.
  for (const name of ['OpenRouter', 'a|b c', 'ä', '..', '\u001b[2J']) {
    store('wallet', keyOf('wallet', name), await written(1, alice, name, name));
    t.equal(textOf(await vault.get(name)), name);
    t.ok((await vault.list()).includes(name));
    await vault.remove(name);
  }
  await vault.removeAll();
});

t.test('a signer that could not decrypt again what it encrypts: nothing is written', async (t) => {
  const { vaultOf, sandbox } = vaults;
  const sign = async (message: Uint8Array) => Buffer.from(await alice.signer(message));
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  let count = 0;
  const signers: Array<[Signer, code: VaultErrorCode, message: RegExp]> = [
    [
      bob.signer,
      'WRONG_SIGNER',
      new RegExp(`signs for the wallet ${bob.wallet}, not for ${alice.wallet}. Nothing was`),
    ],
    [() => Buffer.alloc(65), 'WRONG_SIGNER', /is not the signature of any key/],
    [() => Buffer.alloc(64), 'INVALID_SIGNATURE', /must be 65 bytes/],
    [
      // Also a signature of Alice's, but not the one that others make.
      async (message) => {
        const signature = await sign(message);
        const s = order - BigInt(`0x${signature.subarray(32, 64).toString('hex')}`);
        signature.write(s.toString(16).padStart(64, '0'), 32, 'hex');
        signature[64] = 1 - signature.readUInt8(64);
        return signature;
      },
      'INVALID_SIGNATURE',
      /higher of the two values of s/,
    ],
    [
      async (message) => (count++ % 2 === 0 ? sign(message) : bob.signer(message)),
      'INVALID_SIGNATURE',
      /signs the same message differently each time/,
    ],
  ];
  const before = sandbox.calls.length;
  for (const layout of layouts)
    for (const [signer, code, message] of signers)
      await t.rejects(vaultOf(alice, layout, signer).put('name', bytesOf('sk')), { name: 'VaultError', code, message });
  t.strictSame(
    sandbox.calls.slice(before).filter(({ service }) => service === 's3'),
    [],
  );

  const ethereum = vaultOf(alice, 'wallet', async (message) => {
    const signature = await sign(message);
    signature[64] = signature.readUInt8(64) + 27;
    return signature;
  });
  await ethereum.put('name', bytesOf('sk'));
  t.equal(textOf(await vaultOf(alice, 'wallet').get('name')), 'sk', 'v as 27 or 28 is the same key');
  await ethereum.remove('name');
});

t.test('what can not be decrypted: the error names the cause', async (t) => {
  const { vaultOf, store, written, objects, places } = vaults;
  const vault = vaultOf(alice, 'omni');
  const key = keyOf('omni', 'name');
  const good = await written(2, alice, 'name', 'sk');
  const failing = async (body: Uint8Array, code: VaultErrorCode, message: string | RegExp, opened = vault) => {
    store('omni', key, body);
    t.match(await errorOf(opened.get('name')), { name: 'VaultError', code, message });
  };
  const placeOrBytes = /key is the right one .* the place or the bytes are at fault/;
  await failing(
    Uint8Array.from(good, (byte, index) => (index === 20 ? byte ^ 1 : byte)),
    'AUTHENTICATION_FAILED',
    placeOrBytes,
  );
  await failing(await written(2, alice, 'other', 'sk'), 'AUTHENTICATION_FAILED', placeOrBytes);
  await failing(await written(2, bob, 'name', 'sk'), 'AUTHENTICATION_FAILED', placeOrBytes);
  await failing(
    good,
    'AUTHENTICATION_FAILED',
    `The key is at fault: The signer signs for the wallet ${bob.wallet}`,
    vaultOf(alice, 'omni', bob.signer),
  );
  await failing(
    good,
    'AUTHENTICATION_FAILED',
    /not the signature of any key/,
    vaultOf(alice, 'omni', () => Buffer.alloc(65)),
  );
  await failing(good.subarray(0, 28), 'UNREADABLE', `${key}: The object has 28 bytes`);
  await failing(bytesOf(''), 'UNREADABLE', /has 0 bytes/);
  await failing(Buffer.alloc(100, 3), 'UNREADABLE', /version is 3/);
  await failing(Buffer.alloc(65_537, 1), 'TOO_LARGE', /more than 65536 bytes/);
  await failing(Buffer.alloc(5_000_000, 1), 'TOO_LARGE', /more than 65536 bytes/);

  // It fails closed: the older secret in the other place is not taken instead.
  const { bucket } = places.omni;
  store('omni', keyOf('wallet', 'name'), await written(1, alice, 'name', 'old'));
  const both = openVault({ bucket, wallet: alice.wallet, signer: alice.signer, s3: vaults.aws.s3 });
  t.equal(await codeOf(both.get('name')), 'TOO_LARGE');
  objects('omni').clear();
});

t.test('what AWS answers', async (t) => {
  const { sandbox, vaultOf, clientOf, places, aws } = vaults;
  const vault = vaultOf(alice, 'omni');
  const attempts: Array<[operation: string, work: () => Promise<unknown>]> = [
    ['GetObject', () => vault.get('name')],
    ['HeadObject', () => vault.remove('name')],
    ['PutObject', () => vault.put('name', bytesOf('sk'))],
    ['ListObjectsV2', () => vault.list()],
  ];
  for (const [operation, work] of attempts)
    for (const [code, status] of [
      ['ExpiredToken', 400],
      ['InvalidAccessKeyId', 403],
      ['InternalError', 500],
    ] as const) {
      const off = sandbox.intercept((call) =>
        call.operation === operation ? { kind: 'refuse', code, status } : undefined,
      );
      const error = await errorOf(work());
      off();
      // The answer to HeadObject has no body, and so no code: 403 may mean missing.
      if (operation === 'HeadObject' && status === 403) continue;
      t.equal(error.code, 'AWS_FAILED');
      t.match(error.message, operation === 'HeadObject' ? `HTTP status ${status}` : code);
      t.ok(error.cause instanceof Error);
      if (operation === 'PutObject') t.match(error.message, /unknown whether the call had an effect/);
    }
  const gone = openVault({ ...alice, bucket: 'no-such-bucket', s3: aws.s3 });
  t.match(await errorOf(gone.get('name')), { code: 'AWS_FAILED', message: /NoSuchBucket/ });
  t.match(await errorOf(gone.put('name', bytesOf('sk'))), { code: 'AWS_FAILED', message: /NoSuchBucket/ });
  const owner = openVault({
    ...alice,
    ...places.omni,
    layout: 'omni',
    s3: clientOf(alice, 'omni'),
    account: '999988887777',
  });
  t.equal(await codeOf(owner.get('name')), 'MISSING_OR_DENIED');

  {
    const signal = AbortSignal.abort();
    const before = sandbox.calls.length;
    const works = [
      () => vault.get('name', { signal }),
      () => vault.put('name', bytesOf('sk'), { signal }),
      () => vault.list({ signal }),
      () => vault.remove('name', { signal }),
      () => vault.removeAll({ signal }),
    ];
    for (const work of works) t.equal((await errorOf(work())).name, 'AbortError');
    t.equal(sandbox.calls.length, before);
  }
  for (const operation of ['PutObject', 'GetObject', 'DeleteObject', 'ListObjectsV2']) {
    await vault.put('there', bytesOf('sk'), { overwrite: true });
    const interrupt = new AbortController();
    const off = sandbox.intercept((call) => {
      if (call.operation !== operation) return undefined;
      setImmediate(() => interrupt.abort());
      return { kind: 'hang' };
    });
    const { signal } = interrupt;
    const work: Record<string, () => Promise<unknown>> = {
      PutObject: () => vault.put('there', bytesOf('sk'), { overwrite: true, signal }),
      GetObject: () => vault.get('there', { signal }),
      DeleteObject: () => vault.remove('there', { signal }),
      ListObjectsV2: () => vault.list({ signal }),
    };
    t.equal((await errorOf(work[operation]?.() ?? Promise.resolve())).name, 'AbortError');
    off();
  }
  await vault.removeAll();
});
