import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import t from 'tap';
import type { SettingDefinition } from '../../src/settings/definition.js';
import { fileFlags, settingKeys, settingsTable } from '../../src/settings/table.js';

const all: Array<[key: string, setting: SettingDefinition]> = settingKeys.map((key) => [key, settingsTable[key]]);

t.test('every setting has a flag; those that define the state have a variable too', async (t) => {
  for (const [key, setting] of all) {
    t.match(setting.flag, /^--[a-z]+(-[a-z]+)*$/, key);
    t.match(setting.description, /^\S.*[^.\s]$/, key);
    t.equal(
      setting.valueName === undefined,
      setting.takes === 'switch',
      `${key}: a value has a name, a switch has none`,
    );
    if (setting.definesState) t.not(setting.environment.length, 0, key);
  }
});

t.test('variables', async (t) => {
  const named: Record<string, string[]> = {
    webIdentityTokenFile: ['AWS_WEB_IDENTITY_TOKEN_FILE'],
    stack: ['AGENTKEYS_SES_ROUTING_STACK'],
    bucket: ['BUCKET'],
    region: ['REGION', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
    profile: ['AWS_PROFILE'],
    account: ['ACCOUNT_ID'],
    mailDomain: ['MAIL_DOMAIN'],
    brokerRole: ['BROKER_ROLE'],
    dataRole: ['DATA_ROLE_ARN'],
    oidcProvider: ['OIDC_PROVIDER_ARN'],
    endpointUrl: ['AWS_ENDPOINT_URL'],
    wallet: ['AGENTKEYS_USER_WALLET'],
    tokenFile: ['AGENTKEYS_SES_ROUTING_TOKEN_FILE'],
    vaultBucket: ['VAULT_BUCKET'],
    vaultRole: ['VAULT_ROLE_ARN'],
    signerUrl: ['AGENTKEYS_SIGNER_URL'],
  };
  for (const [key, setting] of all) {
    const flag = setting.flag
      .replace(/^--(no-)?/, '')
      .replaceAll('-', '_')
      .toUpperCase();
    const own = setting.definesState ? [`AGENTKEYS_SES_ROUTING_${flag}`] : [];
    t.strictSame(setting.environment, named[key] ?? own, key);
  }
});

t.test('settings that do not define the state', async (t) => {
  t.strictSame(
    all.filter(([, setting]) => !setting.definesState).map(([, setting]) => setting.flag),
    [
      '--stack',
      '--move-from-bucket',
      '--profile',
      '--data-role',
      '--oidc-provider',
      '--remove-broad-grants',
      '--take-retry-slots',
      '--endpoint-url',
      '--web-identity-token-file',
      '--wallet',
      '--token-file',
      '--vault-bucket',
      '--vault-role',
      '--signer-url',
      '--adopt',
      '--yes',
      '--no-color',
      '--json',
      '--quiet',
      '--debug',
      '--detailed-exitcode',
      '--delete-logs',
      '--broker',
    ],
  );
});

t.test('each default is valid', async (t) => {
  for (const [key, setting] of all) {
    if (setting.default === undefined) continue;
    const isRecord = typeof setting.default === 'object' && !Array.isArray(setting.default);
    const texts = isRecord
      ? Object.entries(setting.default ?? {}).map((pair) => pair.join('='))
      : [setting.default].flat();
    t.strictSame(setting.parse(texts.map(String)), { value: setting.default }, key);
  }
});

t.test("AWS's ranges", async (t) => {
  const cases: Array<[setting: SettingDefinition, text: string, fits: boolean]> = [
    [settingsTable.memory, '127', false],
    [settingsTable.memory, '128', true],
    [settingsTable.memory, '10240', true],
    [settingsTable.memory, '10241', false],
    [settingsTable.timeout, '0', false],
    [settingsTable.timeout, '1', true],
    [settingsTable.timeout, '900', true],
    [settingsTable.timeout, '901', false],
    [settingsTable.reservedConcurrency, '0', false],
    [settingsTable.reservedConcurrency, '1', true],
    [settingsTable.logRetentionDays, '30', true],
    [settingsTable.logRetentionDays, '31', false],
    [settingsTable.logRetentionDays, '3653', true],
  ];
  for (const [setting, text, fits] of cases) {
    t.equal('value' in setting.parse([text]), fits, `${setting.flag} ${text}`);
  }
  t.match(settingsTable.reservedConcurrency.parse(['0']), { fault: /0 would stop routing/ });
});

t.test('the two files', async (t) => {
  t.equal(fileFlags.config.flag, '--config');
  t.equal(fileFlags.envFile.flag, '--envfile');
});

t.test('importing it loads only a few files', async (t) => {
  const { metafile } = buildSync({
    entryPoints: [fileURLToPath(new URL('../../src/settings/table.ts', import.meta.url))],
    bundle: true,
    packages: 'external',
    platform: 'node',
    metafile: true,
    write: false,
  });
  t.strictSame(
    Object.keys(metafile.inputs).map((input) => basename(input)),
    ['names.ts', 'services.ts', 'terms-of-service.ts', 'address.ts', 'wallet.ts', 'validators.ts', 'table.ts'],
  );
  t.strictSame(
    Object.values(metafile.outputs).flatMap(({ imports }) => imports),
    [],
  );
});
