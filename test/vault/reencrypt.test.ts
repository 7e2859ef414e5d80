/** Moving secrets from the mail bucket's layout to the vault bucket's, and to another wallet. */
import t from 'tap';
import type { Fault } from '../../src/sandbox/index.js';
import { openVault, reencrypt } from '../../src/vault/index.js';
import { keyFrom, read } from './second-implementation.js';
import { alice, bob, bytesOf, errorOf, startVaults, textOf, type Vaults } from './support.js';

let vaults: Vaults;
t.before(async () => {
  vaults = await startVaults(t);
});

const oldKey = (service: string) => `bots/${alice.wallet}/credentials/${service}.enc`;
const newKey = (service: string, { omni } = alice) => `bots/${omni}/credentials/${service}.enc`;
const outcomes = (results: Awaited<ReturnType<typeof reencrypt>>) =>
  Object.fromEntries(results.map(({ service, outcome }) => [service, outcome]));

t.test('version 1 becomes version 2 in the other place; the old object is deleted only with consent', async (t) => {
  const { vaultOf, objects, store, written, called } = vaults;
  const [from, to] = [vaultOf(alice, 'wallet'), vaultOf(alice, 'omni')];
  t.strictSame(await reencrypt({ from, to }), []);
  // Also names that only other programs have stored.
  const names = ['jina', 'OpenRouter', 'a|b'];
  for (const name of names) store('wallet', oldKey(name), await written(1, alice, name, `sk of ${name}`));
  const calls = await called(async () =>
    t.strictSame(outcomes(await reencrypt({ from, to })), { OpenRouter: 'copied', 'a|b': 'copied', jina: 'copied' }),
  );
  t.strictSame(calls.slice(0, 5), ['ListObjectsV2', 'GetObject', 'GetObject', 'PutObject', 'GetObject']);
  for (const name of names) {
    const object = objects('omni').get(newKey(name))?.body ?? Buffer.of();
    t.equal(object[0], 2);
    const key = keyFrom(await alice.signer(bytesOf(`agentkeys.kek.v1:${alice.wallet}:${name}`)));
    t.equal(textOf(read(object, key, alice.wallet, name)), `sk of ${name}`);
    t.ok(objects('wallet').has(oldKey(name)));
  }
  // The second run has nothing to write, and deletes what the first one left.
  const writes = (operations: string[]) => operations.filter((operation) => /Put|Delete/.test(operation));
  t.strictSame(writes(await called(() => reencrypt({ from, to }))), []);
  const again = await called(async () =>
    t.strictSame(outcomes(await reencrypt({ from, to, deleteOld: true })), {
      OpenRouter: 'moved',
      'a|b': 'moved',
      jina: 'moved',
    }),
  );
  t.strictSame(writes(again), ['DeleteObject', 'DeleteObject', 'DeleteObject']);
  t.strictSame(await from.list(), []);
  t.equal(await to.removeAll(), 3);
});

t.test('what is different or unreadable is kept, and the rest is moved', async (t) => {
  const { vaultOf, objects, store, written } = vaults;
  const [from, to] = [vaultOf(alice, 'wallet'), vaultOf(alice, 'omni')];
  for (const name of ['broken', 'damaged', 'fine', 'other'])
    store('wallet', oldKey(name), await written(1, alice, name, 'sk'));
  store('wallet', `bots/${alice.wallet}/credentials/note.txt`, bytesOf('no secret'));
  const { body } = objects('wallet').get(oldKey('broken')) ?? { body: Buffer.alloc(21) };
  body.writeUInt8(body.readUInt8(20) ^ 1, 20);
  store('omni', newKey('damaged'), bytesOf('short'));
  store('omni', newKey('other'), await written(2, alice, 'other', 'another'));
  const results = await reencrypt({ from, to, deleteOld: true });
  t.match(results, [
    { service: 'broken', outcome: 'unreadable', reason: `${oldKey('broken')} can't be decrypted` },
    { service: 'damaged', outcome: 'unreadable', reason: `${newKey('damaged')}: The object has 5 bytes` },
    { service: 'fine', outcome: 'moved' },
    { service: 'other', outcome: 'different' },
  ]);
  t.strictSame(await from.list(), ['broken', 'damaged', 'other']);
  t.equal(textOf(await to.get('other')), 'another');
  await from.removeAll();
  await to.removeAll();
});

t.test('to another wallet: with its own session and signer', async (t) => {
  const { vaultOf, sandbox, aws } = vaults;
  const from = vaultOf(alice, 'wallet');
  await from.put('jina', bytesOf('sk'));
  const to = vaultOf(bob, 'omni');
  t.strictSame(outcomes(await reencrypt({ from, to, deleteOld: true })), { jina: 'moved' });
  t.equal(textOf(await to.get('jina')), 'sk');
  await to.removeAll();

  await from.put('jina', bytesOf('sk'));
  const before = sandbox.calls.length;
  const wrong = vaultOf(bob, 'omni', alice.signer);
  t.equal((await errorOf(reencrypt({ from, to: wrong, deleteOld: true }))).code, 'WRONG_SIGNER');
  t.strictSame(
    sandbox.calls.slice(before).filter(({ service, mutates }) => service === 's3' && mutates),
    [],
  );
  const denied = openVault({ ...alice, bucket: vaults.places.wallet.bucket, s3: vaults.clientOf(bob, 'wallet') });
  t.match(await errorOf(reencrypt({ from: denied, to })), { code: 'ACCESS_DENIED', message: /Nothing was changed/ });
  const same = openVault({ ...alice, bucket: vaults.places.wallet.bucket, s3: aws.s3 });
  t.equal((await errorOf(reencrypt({ from, to: same }))).code, 'INVALID_ARGUMENT');
  t.equal((await errorOf(reencrypt({ from, to: { ...from } }))).code, 'INVALID_ARGUMENT');

  // Somebody stores another secret between the look and the write.
  const race = sandbox.intercept((call) => {
    if (call.operation === 'PutObject') vaults.store('omni', newKey('jina'), theirs);
    return undefined;
  });
  const theirs = await vaults.written(2, alice, 'jina', 'theirs');
  t.strictSame(outcomes(await reencrypt({ from, to: vaultOf(alice, 'omni'), deleteOld: true })), { jina: 'different' });
  race();
  t.strictSame(await from.list(), ['jina']);
  await from.removeAll();
  await vaultOf(alice, 'omni').removeAll();
});

const killing: Fault[] = [
  { kind: 'reset' },
  { kind: 'lose-answer' },
  { kind: 'refuse', code: 'InternalError', status: 500 },
];

t.test('killed at each call: the secret is readable in one place or both, and the next run completes it', async (t) => {
  const { sandbox, vaultOf, called } = vaults;
  const [from, to] = [vaultOf(alice, 'wallet'), vaultOf(alice, 'omni')];
  const start = () => Promise.all(['one', 'two'].map((name) => from.put(name, bytesOf(`sk ${name}`))));
  const move = () => reencrypt({ from, to, deleteOld: true });
  await start();
  const calls = await called(move);
  await to.removeAll();
  let count = 0;
  for (const at of calls.keys())
    for (const fault of killing) {
      await start();
      let call = 0;
      const off = sandbox.intercept(({ service }) => (service === 's3' && call++ === at ? fault : undefined));
      t.equal((await errorOf(move())).code, 'AWS_FAILED');
      off();
      for (const name of ['one', 'two']) {
        const places = await Promise.all([from, to].map((vault) => vault.get(name).then(textOf, () => undefined)));
        t.ok(places.includes(`sk ${name}`), `${name} after ${fault.kind} at call ${at}`);
      }
      await move();
      t.strictSame(await from.list(), []);
      t.strictSame(await to.list(), ['one', 'two']);
      t.equal(textOf(await to.get('two')), 'sk two');
      await to.removeAll();
      count += 1;
    }
  t.comment(`${count} kills of ${calls.length} calls`);
});
