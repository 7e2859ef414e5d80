/** The vault under concurrency and faults: no secret is lost, and put reports success only for a secret that was stored. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Fault } from '../../src/sandbox/index.js';
import { openVault, type Vault } from '../../src/vault/index.js';
import { notLoaded, withS3 } from '../../src/vault/sdk.js';
import { alice, bytesOf, errorOf, layouts, startVaults, textOf, type Vaults } from './support.js';

let vaults: Vaults;
t.before(async () => {
  vaults = await startVaults(t);
});

t.test('50 writers of one service', async (t) => {
  for (const layout of layouts) {
    const vault = vaults.vaultOf(alice, layout);
    const names = Array.from({ length: 50 }, (_, index) => `sk-${index}`);
    const write = (overwrite: boolean) =>
      Promise.all(
        names.map((name) =>
          vault.put('race', bytesOf(name), { overwrite }).then(
            () => ({ name, code: 'stored' }),
            ({ code }) => ({ name, code: String(code) }),
          ),
        ),
      );
    const created = await write(false);
    const [winner, ...others] = created.filter(({ code }) => code === 'stored');
    t.strictSame(others, []);
    t.equal(created.filter(({ code }) => code === 'EXISTS').length, 49);
    t.equal(textOf(await vault.get('race')), winner?.name);

    const replaced = await write(true);
    const winners = replaced.filter(({ code }) => code === 'stored');
    t.ok(winners.length >= 1);
    t.equal(replaced.filter(({ code }) => code === 'CONFLICT').length, 50 - winners.length);
    const last = textOf(await vault.get('race'));
    t.ok(winners.some(({ name }) => name === last));
    t.comment(`layout ${layout}: 1 of 50 created it, ${winners.length} of 50 replaced it`);
    await vault.removeAll();
  }
});

/** Faults after which the work is not continued. */
const killing: Fault[] = [
  { kind: 'reset' },
  { kind: 'lose-answer' },
  { kind: 'refuse', code: 'InternalError', status: 500 },
];

t.test('killed at each call of put: the old or the new secret is readable', async (t) => {
  const { sandbox, vaultOf, called } = vaults;
  let count = 0;
  for (const layout of layouts)
    for (const overwrite of [false, true]) {
      const vault = vaultOf(alice, layout);
      const put = () => vault.put('kill', bytesOf('new'), { overwrite });
      if (overwrite) await vault.put('kill', bytesOf('old'));
      const calls = await called(put);
      for (const at of calls.keys())
        for (const fault of killing) {
          await vault.removeAll();
          if (overwrite) await vault.put('kill', bytesOf('old'));
          let call = 0;
          const off = sandbox.intercept(({ service }) => (service === 's3' && call++ === at ? fault : undefined));
          t.equal((await errorOf(put())).code, 'AWS_FAILED');
          off();
          const left = await vault.get('kill').then(textOf, ({ code }) => code);
          const happened = fault.kind === 'lose-answer' && at === calls.length - 1;
          t.equal(left, happened ? 'new' : overwrite ? 'old' : 'MISSING_OR_DENIED');
          await vault.put('kill', bytesOf('new'), { overwrite: true });
          t.equal(textOf(await vault.get('kill')), 'new');
          count += 1;
        }
      await vault.removeAll();
    }
  t.comment(`${count} kills`);
});

t.test('a repeated call whose first answer was lost is a success; a faster writer is not', async (t) => {
  const { sandbox, clientOf, places, store, written } = vaults;
  const vault: Vault = openVault({ ...alice, ...places.omni, layout: 'omni', s3: clientOf(alice, 'omni', 3) });
  const key = `bots/${alice.omni}/credentials/lost.enc`;
  const faster = await written(2, alice, 'lost', 'theirs');
  const losing = (operation: string, meanwhile = () => {}) => {
    let lost = false;
    return sandbox.intercept((call) => {
      if (call.operation !== operation || lost) return undefined;
      lost = true;
      // The effect comes first, then somebody else's.
      setImmediate(meanwhile);
      return { kind: 'lose-answer' };
    });
  };
  for (const overwrite of [false, true]) {
    const off = losing('PutObject');
    await vault.put('lost', bytesOf(`ours ${overwrite}`), { overwrite });
    off();
    t.equal(textOf(await vault.get('lost')), `ours ${overwrite}`);
  }
  const off = losing('DeleteObject');
  await vault.remove('lost');
  off();
  t.strictSame(await vault.list(), []);

  // The first attempt has no effect, and somebody else writes before the second.
  let count = 0;
  const race = sandbox.intercept((call) => {
    if (call.operation !== 'PutObject' || count++ > 0) return undefined;
    store('omni', key, faster);
    return { kind: 'reset' };
  });
  t.equal((await errorOf(vault.put('lost', bytesOf('ours')))).code, 'EXISTS');
  race();
  t.equal(textOf(await vault.get('lost')), 'theirs');

  // Replaced between the look and the deletion.
  const replaced = sandbox.intercept((call) => {
    if (call.operation === 'DeleteObject') store('omni', key, Buffer.concat([faster, Buffer.of(0)]));
    return undefined;
  });
  await sleep(2);
  t.equal((await errorOf(vault.remove('lost'))).code, 'CONFLICT');
  replaced();
  for (const operation of ['PutObject', 'DeleteObject']) {
    const off = sandbox.intercept((call) =>
      call.operation === operation ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
    );
    const work = operation === 'PutObject' ? vault.put('denied', bytesOf('sk')) : vault.remove('lost');
    t.match(await errorOf(work), { code: 'ACCESS_DENIED', message: /Nothing was changed/ });
    off();
  }
  const off2 = sandbox.intercept((call) =>
    call.operation === 'DeleteObject' ? { kind: 'refuse', code: 'ExpiredToken', status: 400 } : undefined,
  );
  t.equal((await errorOf(vault.remove('lost'))).code, 'AWS_FAILED');
  off2();
  for (const [code, expected] of [
    ['NoSuchBucket', 'AWS_FAILED'],
    ['NoSuchKey', 'removed'],
  ] as const) {
    const off = sandbox.intercept((call) =>
      call.operation === 'DeleteObject' ? { kind: 'refuse', code, status: 404 } : undefined,
    );
    t.equal(
      await vault.remove('lost').then(
        () => 'removed',
        (error) => error.code,
      ),
      expected,
    );
    off();
  }
  await vault.removeAll();
});

t.test('more secrets than a page of the listing', async (t) => {
  const { vaultOf, store, called } = vaults;
  const vault = vaultOf(alice, 'omni');
  for (let index = 0; index < 1_005; index++)
    store('omni', `bots/${alice.omni}/credentials/s${index}.enc`, bytesOf('x'));
  const calls = await called(async () => t.equal((await vault.list()).length, 1_005));
  t.strictSame(calls, ['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2']);
  vaults.objects('omni').clear();
});

t.test("without a client, one with the SDK's own defaults", async (t) => {
  const { sandbox, places } = vaults;
  const { accessKeyId, secretAccessKey } = sandbox.administrator;
  const environment = {
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_REGION: sandbox.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const before = { ...process.env };
  Object.assign(process.env, environment);
  t.teardown(() => {
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  });
  const used = await withS3(undefined, async (s3) => s3);
  t.type(used.send, 'function');
  const vault = openVault({ ...alice, bucket: places.omni.bucket });
  t.equal((await errorOf(vault.get('name'))).code, 'NOT_FOUND');
});

t.test('a package that is missing', async (t) => {
  t.throws(() => notLoaded(new Error("Cannot find package '@aws-sdk/client-s3'")), {
    name: 'VaultError',
    code: 'MISSING_PACKAGE',
    message: 'The vault needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3',
  });
  t.throws(() => notLoaded(new Error('other')), { message: 'other' });
});
