import t from 'tap';
import { eventFor, startAccount } from './account.js';
import { environmentOf, invoke } from './bundle.js';
import { bytesOf } from './messages.js';

const wallet = `0x${'1'.repeat(40)}`;
const source = new URL('../../handler/index.ts', import.meta.url).href;
/** This process's own environment, so that the child loads TypeScript as this process does, and its coverage is measured. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, String(value)])),
  TAP_TYPE_STRIP_ONLY: '1',
};

t.test('the handler works by its environment alone', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', bytesOf('routed-signup.eml'));
  const { outcome, lines, stderr } = await invoke(
    source,
    eventFor('inbound/abc'),
    { ...env, ...environmentOf(account) },
    process.execArgv,
  );
  t.match(outcome, { outcome: 'routed', wallets: [wallet] });
  t.match(lines, [{ outcome: 'routed', key: 'inbound/abc', FunctionName: 'f', requestId: 'r' }]);
  t.equal(stderr, '');
  t.strictSame(account.keys(), [`bots/${wallet}/inbound/abc`, 'inbound/abc']);
});

t.test('with a wrong one it does not start', async (t) => {
  const account = await startAccount(t);
  const wrong = { ...env, ...environmentOf(account), BUCKET: '', ACCOUNT_ID: '' };
  await t.rejects(invoke(source, eventFor('inbound/abc'), wrong, process.execArgv), {
    message: /SettingsError: the function's environment is wrong: BUCKET must be the name of a bucket; ACCOUNT_ID/,
  });
});
