/**
 * The schema of the settings file agrees with what the command line accepts.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { schemas } from '../../src/commands/schemas.js';
import { configFileKeys } from '../../src/settings/config-file.js';
import { loadSettings } from '../../src/settings/index.js';
import { faultsOf } from '../support/documents.js';

type Cases = Record<string, { fit: unknown[]; wrong: unknown[] }>;

const name = { fit: ['a', 'my-name_1', 'x'.repeat(64)], wrong: ['', 'a b', 'x'.repeat(65), null] };
const truth = { fit: [true, false], wrong: ['yes', 1, null] };
const arn = 'arn:aws:iam::111122223333:policy/boundary';

const cases: Cases = {
  bucket: { fit: ['abc', 'my.bucket-1'], wrong: ['ab', 'a..b', '127.0.0.1', 'xn--abc', 'a-s3alias', 'ABC', {}, null] },
  region: { fit: ['us-east-1', 'us-gov-west-1'], wrong: ['us', 'us_east_1', ''] },
  account: { fit: ['111122223333'], wrong: ['11112222333', 'me'] },
  mailDomain: { fit: ['bots.example.org', 'Bots.Example.Org'], wrong: ['localhost', 'a..b', `${'a.'.repeat(130)}org`] },
  prefixes: { fit: [['or'], ['or', 'br2']], wrong: [[], ['OR'], ['or', 'or'], ['2a'], [7], { or: true }] },
  services: { fit: [[], ['groq', 'jina']], wrong: [['x'], ['groq', 'groq'], ['toString']] },
  tosReviewed: { fit: [{}, { groq: '2026-01-31' }], wrong: [{ groq: 'then' }, { x: '2026-01-31' }, ['groq']] },
  brokerRole: name,
  brokerInstanceProfile: { fit: ['a', 'x'.repeat(128)], wrong: ['', 'x'.repeat(129)] },
  broker: truth,
  brokerReadsInbound: truth,
  accessAnalyzer: truth,
  trustedPrincipals: {
    fit: [[], ['arn:aws:iam::111122223333:role/admin', 'arn:aws-cn:iam::111122223333:root']],
    wrong: [['admin'], ['arn:aws:iam::111122223333:user/'], ['*']],
  },
  functionName: name,
  roleName: name,
  ruleName: name,
  permissionsBoundary: { fit: [arn], wrong: ['boundary', arn.replace('iam', 's3')] },
  tags: {
    fit: [{}, { team: 'mail', 'a key': '', é: 'x=y' }],
    wrong: [{ '': 'x' }, { 'AWS:x': 'y' }, { 'managed-by': 'me' }, { 'a=b': 'c' }, { a: 'b*' }, { a: 'x'.repeat(257) }],
  },
  runtime: { fit: ['nodejs24.x', 'nodejs22.x', '24', 22], wrong: ['nodejs20.x', 20, 'python3.13', ''] },
  architecture: { fit: ['arm64', 'x86_64'], wrong: ['arm', 'x86'] },
  memory: { fit: [128, 10_240], wrong: [127, 10_241, 128.5, 'much', null] },
  timeout: { fit: [1, 900], wrong: [0, 901, -1] },
  reservedConcurrency: { fit: [1, 1_000], wrong: [0, -1] },
  logRetentionDays: { fit: [1, 3653], wrong: [2, 0, 'forever'] },
  logRetention: truth,
  logLevel: { fit: ['info', 'error'], wrong: ['debug', 'INFO'] },
  deleteSource: truth,
  retryQueue: truth,
  alarmTopic: {
    fit: ['arn:aws:sns:us-east-1:111122223333:operators'],
    wrong: ['operators', 'arn:aws:sqs:us-east-1:111122223333:operators', null],
  },
  keepLegacy: truth,
  vault: truth,
};

t.test('it accepts and refuses the values that the command line accepts and refuses', async (t) => {
  t.strictSame(Object.keys(cases).sort(), configFileKeys.toSorted(), 'there are cases for each setting');
  const cwd = t.testdir({});
  const load = async (content: object) => {
    await writeFile(join(cwd, 'agentkeys-ses-routing.json'), JSON.stringify(content));
    return loadSettings({}, {}, cwd);
  };
  for (const [key, { fit, wrong }] of Object.entries(cases)) {
    for (const value of fit) {
      const own = { [key]: value };
      const file = { $schema: './settings.schema.json', ...own, stacks: { test: own } };
      t.strictSame(faultsOf('settings', file), [], `${key}: ${JSON.stringify(value)}`);
      await t.resolves(load(file), `${key}: ${JSON.stringify(value)}`);
    }
    for (const value of wrong) {
      for (const file of [{ [key]: value }, { stacks: { test: { [key]: value } } }]) {
        t.not(faultsOf('settings', file).length, 0, `not ${JSON.stringify(file)}`);
        await t.rejects(load(file), { name: 'InvalidSettingsError' }, `not ${JSON.stringify(file)}`);
      }
    }
  }
  const both = { brokerRole: 'a', brokerInstanceProfile: 'b' };
  const wrongStacks = [
    [],
    7,
    { Test: {} },
    { test: [] },
    { test: { memroy: 1 } },
    { test: { stacks: {} } },
    { test: both },
  ];
  const files = [
    { memroy: 1 },
    { yes: true },
    { stack: 'test' },
    both,
    [],
    ...wrongStacks.map((stacks) => ({ stacks })),
  ];
  for (const file of files) {
    t.not(faultsOf('settings', file).length, 0, JSON.stringify(file));
    await t.rejects(load(file), { name: 'InvalidSettingsError' }, JSON.stringify(file));
  }
});

t.test('it is stricter only in asking for the types of JSON', async (t) => {
  const cwd = t.testdir({});
  for (const [key, value] of Object.entries({
    account: 111122223333,
    functionName: 7,
    roleName: ['a'],
    memory: '256',
    broker: 'False',
    prefixes: 'or,br',
    tags: ['team=mail'],
  })) {
    await writeFile(join(cwd, 'agentkeys-ses-routing.json'), JSON.stringify({ [key]: value }));
    await t.resolves(loadSettings({}, {}, cwd), key);
    t.not(faultsOf('settings', { [key]: value }).length, 0, key);
  }
});

t.test('it has the defaults, and says what false means where the flag is negative', async (t) => {
  t.match(schemas.get('settings'), {
    properties: {
      prefixes: { description: 'A prefix of local parts to route.', default: ['or'] },
      memory: { type: 'integer', minimum: 128, maximum: 10_240, default: 256 },
      logLevel: { enum: ['info', 'error'] },
      broker: { description: "If false: do not manage the broker's policy.", default: true },
    },
  });
  t.notHas(schemas.get('settings'), { properties: { bucket: { default: '' } } });
});
