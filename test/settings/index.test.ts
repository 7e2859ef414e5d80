import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  describeSource,
  InvalidSettingsError,
  loadSettings,
  type Settings,
  settingKeys,
} from '../../src/settings/index.js';

const P = 'AGENTKEYS_SES_ROUTING_';

interface Given {
  flags?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  /** The files in the working directory. */
  files?: Record<string, string | Record<string, string>>;
}

function load(t: Test, { flags = {}, env = {}, files = {} }: Given) {
  return loadSettings(flags, env, t.testdir(files));
}

async function settingsOf(t: Test, given: Given): Promise<Settings> {
  return (await load(t, given)).settings;
}

async function faultsOf(t: Test, given: Given): Promise<string[]> {
  try {
    await load(t, given);
    return [];
  } catch (error) {
    if (error instanceof InvalidSettingsError) return error.faults;
    throw error;
  }
}

t.test('defaults', async (t) => {
  const { settings } = await load(t, {});
  const { sources, ...values } = settings;
  t.strictSame(JSON.parse(JSON.stringify(values)), {
    prefixes: ['or'],
    brokerRole: 'agentkeys-broker-host',
    broker: true,
    accessAnalyzer: true,
    trustedPrincipals: [],
    removeBroadGrants: false,
    functionName: 'agentkeys-ses-routing',
    roleName: 'agentkeys-ses-routing-role',
    ruleName: 'agentkeys-ses-routing-inbound',
    tosReviewed: {},
    tags: {},
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    memory: 256,
    timeout: 30,
    logRetention: true,
    logLevel: 'info',
    deleteSource: false,
    retryQueue: true,
    takeRetrySlots: false,
    keepLegacy: false,
    vault: false,
    adopt: false,
    yes: false,
    color: true,
    json: false,
    quiet: false,
    debug: false,
    detailedExitcode: false,
    deleteLogs: false,
    teardownBroker: false,
  });
  t.strictSame(Object.keys(sources), [...settingKeys]);
  t.ok(Object.values(sources).every(({ kind }) => kind === 'default'));
});

t.test('one value from each source', async (t) => {
  const cases: Array<[what: string, given: Given, expected: Partial<Settings>]> = [
    ['flag', { flags: { bucket: 'b-1' } }, { bucket: 'b-1' }],
    ['flag that was not given', { flags: { bucket: undefined } }, { bucket: undefined }],
    [
      'switch',
      { flags: { yes: true, json: false, teardownBroker: true } },
      { yes: true, json: false, teardownBroker: true },
    ],
    ['--no-broker', { flags: { broker: false } }, { broker: false }],
    ['number', { flags: { memory: '512', timeout: 60 } }, { memory: 512, timeout: 60 }],
    ['repeated flag', { flags: { prefixes: ['or', 'pr'] } }, { prefixes: ['or', 'pr'] }],
    ['list with commas', { flags: { prefixes: ['or, pr', 'x'] } }, { prefixes: ['or', 'pr', 'x'] }],
    ['tags', { flags: { tags: ['team=mail', 'cost=1'] } }, { tags: { team: 'mail', cost: '1' } }],
    ['tags in a variable', { env: { [`${P}TAG`]: 'team=mail,cost=1' } }, { tags: { team: 'mail', cost: '1' } }],
    ['variable', { env: { ACCOUNT_ID: '"111122223333"' } }, { account: '111122223333' }],
    ['empty variable', { env: { BUCKET: '', MAIL_DOMAIN: '  ' } }, { bucket: undefined, mailDomain: undefined }],
    ['REGION', { env: { REGION: 'us-east-1', AWS_REGION: 'us-west-2' } }, { region: 'us-east-1' }],
    [
      'AWS_REGION',
      { env: { REGION: '', AWS_REGION: 'us-west-2', AWS_DEFAULT_REGION: 'eu-west-1' } },
      { region: 'us-west-2' },
    ],
    ['AWS_DEFAULT_REGION', { env: { AWS_DEFAULT_REGION: 'eu-west-1' } }, { region: 'eu-west-1' }],
    ['false in a variable', { env: { [`${P}BROKER`]: 'false' } }, { broker: false }],
    ['a host name in capitals', { env: { MAIL_DOMAIN: 'Bots.Example.org' } }, { mailDomain: 'bots.example.org' }],
    [
      'env file',
      { flags: { envFile: 'op.env' }, files: { 'op.env': `ACCOUNT_ID=111122223333\nBUCKET=mail-\${ACCOUNT_ID}\n` } },
      { account: '111122223333', bucket: 'mail-111122223333' },
    ],
    [
      'settings file',
      {
        files: {
          'agentkeys-ses-routing.json': JSON.stringify({
            memory: 512,
            prefixes: ['or', 'pr'],
            tags: { team: 'mail', cost: 1 },
            deleteSource: true,
            bucket: 'b-1',
          }),
        },
      },
      { memory: 512, prefixes: ['or', 'pr'], tags: { team: 'mail', cost: '1' }, deleteSource: true, bucket: 'b-1' },
    ],
    ['a log level', { env: { [`${P}LOG_LEVEL`]: 'error' } }, { logLevel: 'error' }],
    [
      'another settings file',
      {
        flags: { config: 'sub/mine.json' },
        files: { sub: { 'mine.json': '{"memory":512}' }, 'agentkeys-ses-routing.json': '{"memory":1024}' },
      },
      { memory: 512 },
    ],
    ['an empty list of tags', { files: { 'agentkeys-ses-routing.json': '{"tags":[]}' } }, { tags: {} }],
  ];
  for (const [what, given, expected] of cases) {
    await t.test(what, async (t) => {
      t.match(await settingsOf(t, given), expected);
    });
  }
});

t.test('the source with precedence wins, and is reported', async (t) => {
  const all = {
    flags: { envFile: 'op.env', memory: '1001' },
    env: { [`${P}MEMORY`]: '1002', [`${P}TIMEOUT`]: '102' },
    files: {
      'op.env': `${P}MEMORY=1003\n${P}TIMEOUT=103\nAWS_DEFAULT_REGION=us-east-1\nBROKER_ROLE=host`,
      'agentkeys-ses-routing.json': '{"memory":1004,"timeout":104,"brokerRole":"other","functionName":"f"}',
    },
  };
  const settings = await settingsOf(t, all);
  const cases: Array<
    [key: 'memory' | 'timeout' | 'region' | 'brokerRole' | 'functionName' | 'ruleName', value: unknown, from: string]
  > = [
    ['memory', 1001, 'the command line'],
    ['timeout', 102, `${P}TIMEOUT`],
    ['region', 'us-east-1', 'AWS_DEFAULT_REGION in op.env'],
    ['brokerRole', 'host', 'BROKER_ROLE in op.env'],
    ['functionName', 'f', 'functionName in agentkeys-ses-routing.json'],
    ['ruleName', 'agentkeys-ses-routing-inbound', 'the default'],
  ];
  for (const [key, value, from] of cases) {
    t.equal(settings[key], value, key);
    t.equal(describeSource(settings.sources[key]), from, key);
  }
  t.strictSame(settings.sources.memory, { kind: 'flag', name: '--memory' });
  t.strictSame(settings.sources.timeout, { kind: 'environment', name: `${P}TIMEOUT` });
  t.strictSame(settings.sources.brokerRole, { kind: 'env-file', name: 'BROKER_ROLE', file: 'op.env' });
  t.strictSame(settings.sources.functionName, {
    kind: 'config-file',
    name: 'functionName',
    file: 'agentkeys-ses-routing.json',
  });
});

t.test('a setting with a flag only has no other source', async (t) => {
  const settings = await settingsOf(t, { env: { [`${P}YES`]: 'true', [`${P}ADOPT`]: 'true' } });
  t.match(settings, { yes: false, adopt: false });
});

t.test('--envfile: lines that matter must be understood', async (t) => {
  const operator = (text: string) => ({ flags: { envFile: 'op.env' }, files: { 'op.env': text } });
  const shell = 'its value requires shell expansion';
  const cases: Array<[text: string, faults: string[]]> = [
    [
      'BUCKET="a',
      [
        "op.env line 1: BUCKET can't be used: its closing quote is missing on the same line; write the value there, or specify --bucket",
      ],
    ],
    [
      'X=1\nexport MAIL_DOMAIN="${X#*.}"',
      [`op.env line 2: MAIL_DOMAIN can't be used: ${shell}; write the value there, or specify --mail-domain`],
    ],
    [
      'REGION = us-east-1',
      ["op.env line 1: REGION can't be used: the line is not NAME=value; write the value there, or specify --region"],
    ],
    ['ACCOUNT_ID=\nBUCKET=mail', ['op.env: ACCOUNT_ID is empty; write the value there, or specify --account']],
    ['ACCOUNT_ID=" " # later', ['op.env: ACCOUNT_ID is empty; write the value there, or specify --account']],
    ['BUCKET=mail', []],
    ['MAIL_DOMAIN=\nBUCKET=mail', []],
    ['OTHER=$(cat token)\nset -a\nfi\nBUCKET=mail', []],
    ['# nothing set', []],
    ['', ['op.env is empty']],
    ['\uFEFF \n', ['op.env is empty']],
  ];
  for (const [text, faults] of cases) t.strictSame(await faultsOf(t, operator(text)), faults, text);

  // A source that takes precedence makes the line irrelevant.
  const { flags, files } = operator('BUCKET=$(x)\nREGION=$(y)\nACCOUNT_ID=');
  const given = {
    flags: { ...flags, bucket: 'mail', account: '111122223333' },
    env: { AWS_REGION: 'us-east-1' },
    files,
  };
  t.match(await settingsOf(t, given), { bucket: 'mail', region: 'us-east-1', account: '111122223333' });
});

t.test('files that are not UTF-8 text', async (t) => {
  const utf16 = Buffer.from('\uFEFFBUCKET=mail', 'utf16le');
  const cases: Array<[bytes: Buffer, fault: string]> = [
    [utf16, 'is UTF-16 text: save it as UTF-8'],
    [Buffer.from(utf16).swap16(), 'is UTF-16 text: save it as UTF-8'],
    [utf16.subarray(2), 'is not a text file: it contains NUL bytes'],
    [Buffer.from('BUCKET=ma\xefl', 'latin1'), 'is not UTF-8 text'],
    [Buffer.from(''), 'is empty'],
  ];
  const dir = t.testdir({ 'op.env': '', 'op.json': '' });
  for (const [bytes, fault] of cases)
    for (const [flag, file] of [
      ['envFile', 'op.env'],
      ['config', 'op.json'],
    ] as const) {
      await writeFile(join(dir, file), bytes);
      await t.rejects(loadSettings({ [flag]: file }, {}, dir), { message: `${file} ${fault}` }, `${file} ${fault}`);
    }
  await writeFile(join(dir, 'op.json'), '\uFEFF{"memory":512}');
  t.match((await loadSettings({ config: 'op.json' }, {}, dir)).settings, { memory: 512 });
});

t.test('--envfile with an absolute path, referring to the environment', async (t) => {
  const dir = t.testdir({ 'op.env': 'BUCKET=mail-$SUFFIX' });
  const { settings } = await loadSettings({ envFile: join(dir, 'op.env') }, { SUFFIX: 'x' }, t.testdirName);
  t.equal(settings.bucket, 'mail-x');
});

t.test('faults', async (t) => {
  const config = (content: unknown) => ({ 'agentkeys-ses-routing.json': JSON.stringify(content) });
  const shape = 'must be a string, a number, a boolean, or a list of these';
  const cases: Array<[what: string, given: Given, faults: string[]]> = [
    [
      'a flag',
      { flags: { memory: '12' } },
      ['--memory must be a whole number of MiB from 128 to 10240, not "12" (from the command line)'],
    ],
    [
      'a variable',
      { env: { [`${P}MEMORY`]: '12' } },
      [`--memory must be a whole number of MiB from 128 to 10240, not "12" (from ${P}MEMORY)`],
    ],
    [
      'a variable in the env file',
      { flags: { envFile: 'operator.env' }, files: { 'operator.env': `${P}MEMORY=12` } },
      [`--memory must be a whole number of MiB from 128 to 10240, not "12" (from ${P}MEMORY in operator.env)`],
    ],
    [
      'a key in the settings file',
      { files: config({ memory: 12 }) },
      [
        '--memory must be a whole number of MiB from 128 to 10240, not "12" (from memory in agentkeys-ses-routing.json)',
      ],
    ],
    [
      'all of them at once, in the order of the table',
      {
        flags: { timeout: '0', config: 'mine.json' },
        env: { ACCOUNT_ID: '1' },
        files: { 'mine.json': '{"memroy":1,"region":"here"}' },
      },
      [
        'mine.json: unknown setting "memroy"; did you mean "memory"?',
        '--region must be an AWS region such as us-east-1, not "here" (from region in mine.json)',
        '--account must be an AWS account ID of 12 digits, not "1" (from ACCOUNT_ID)',
        '--timeout must be a whole number of seconds from 1 to 900, not "0" (from the command line)',
      ],
    ],
    [
      'a faulty value is not passed over for a farther one',
      { flags: { bucket: 'B' }, env: { BUCKET: 'bucket' } },
      [
        '--bucket must be the name of an S3 general purpose bucket (3 to 63 lower case letters, digits, dots and hyphens), not "B" (from the command line)',
      ],
    ],
    [
      'reserved concurrency of nothing',
      { flags: { reservedConcurrency: '0' } },
      [
        '--reserved-concurrency must be a whole number of 1 or more (0 would stop routing), not "0" (from the command line)',
      ],
    ],
    [
      'a log level that there is not',
      { files: config({ logLevel: 'debug' }) },
      ['--log-level must be info or error, not "debug" (from logLevel in agentkeys-ses-routing.json)'],
    ],
    [
      'a name instead of an ARN',
      { env: { DATA_ROLE_ARN: 'agents' } },
      [
        '--data-role must be the ARN of an IAM role such as arn:aws:iam::111122223333:role/name, not "agents" (from DATA_ROLE_ARN)',
      ],
    ],
    [
      'an empty flag',
      { flags: { mailDomain: '' } },
      ['--mail-domain must be a domain name such as bots.example.org, not "" (from the command line)'],
    ],
    [
      'a list with a hole',
      { flags: { prefixes: ['or,'] } },
      [
        '--prefix must be prefixes of 1 to 16 lower case letters and digits that start with a letter, not "" (from the command line)',
      ],
    ],
    [
      'null, an object and a list of lists in the settings file',
      { files: config({ bucket: null, memory: { a: 1 }, prefixes: [['or']], tags: null }) },
      ['--bucket', '--prefix', '--tag', '--memory'].map((flag) => {
        const key = { '--bucket': 'bucket', '--prefix': 'prefixes', '--tag': 'tags', '--memory': 'memory' }[flag];
        return `${flag} ${shape} (from ${key} in agentkeys-ses-routing.json)`;
      }),
    ],
    [
      'tags of another shape',
      { files: config({ tags: { team: ['a'] } }) },
      [`--tag ${shape} (from tags in agentkeys-ses-routing.json)`],
    ],
    [
      'a tag whose key contains =',
      { files: config({ tags: { 'a=b': 'c' } }) },
      [`--tag ${shape} (from tags in agentkeys-ses-routing.json)`],
    ],
    [
      'a list instead of one value',
      { files: config({ region: ['us-east-1', 'us-west-2'] }) },
      [
        '--region must be an AWS region such as us-east-1: expected one value, got 2 (from region in agentkeys-ses-routing.json)',
      ],
    ],
    [
      'the settings file is not JSON',
      { files: { 'agentkeys-ses-routing.json': '{\n  "memory": 256,\n}\n' } },
      ['agentkeys-ses-routing.json is not valid JSON: syntax error at line 3, column 1'],
    ],
    ['no such settings file', { flags: { config: 'none.json' } }, ['--config "none.json" can\'t be read (ENOENT)']],
    [
      'a directory in place of the settings file',
      { files: { 'agentkeys-ses-routing.json': {} } },
      ['--config "agentkeys-ses-routing.json" can\'t be read (EISDIR)'],
    ],
    ['no such env file', { flags: { envFile: 'none.env' } }, ['--envfile "none.env" can\'t be read (ENOENT)']],
    ['an env file without a name', { flags: { envFile: '' } }, ['--envfile "" can\'t be read (EISDIR)']],
    [
      'the broker by role and by instance profile',
      { flags: { brokerInstanceProfile: 'p' }, env: { BROKER_ROLE: 'r' } },
      [
        '--broker-role (from BROKER_ROLE) and --broker-instance-profile (from the command line) exclude each other: specify only one',
      ],
    ],
    [
      '--no-broker with a broker named',
      { flags: { broker: false, brokerRole: 'r' } },
      ['--broker-role has no effect with --no-broker (from the command line): specify only one'],
    ],
    [
      'a broker named where the environment says there is none',
      { flags: { brokerInstanceProfile: 'p' }, env: { [`${P}BROKER`]: 'false' } },
      [`--broker-instance-profile has no effect with --no-broker (from ${P}BROKER): specify only one`],
    ],
    [
      '--no-log-retention with a retention',
      { flags: { logRetention: false, logRetentionDays: '30' } },
      ['--log-retention-days has no effect with --no-log-retention (from the command line): specify only one'],
    ],
    [
      '--no-log-retention with a retention in the environment',
      { flags: { logRetention: false }, env: { [`${P}LOG_RETENTION_DAYS`]: '30' } },
      [],
    ],
    ['--no-broker with a role in the environment', { flags: { broker: false }, env: { BROKER_ROLE: 'r' } }, []],
    [
      'control characters and long values',
      { env: { BUCKET: `\u001b[2J${'x'.repeat(100)}` } },
      [
        `--bucket must be the name of an S3 general purpose bucket (3 to 63 lower case letters, digits, dots and hyphens), not "\\u001b[2J${'x'.repeat(70)}…" (from BUCKET)`,
      ],
    ],
  ];
  for (const [what, given, faults] of cases) {
    await t.test(what, async (t) => {
      t.strictSame(await faultsOf(t, given), faults);
    });
  }
});

t.test('InvalidSettingsError', async (t) => {
  const error = new InvalidSettingsError(['one', 'two']);
  t.equal(error.name, 'InvalidSettingsError');
  t.equal(error.message, 'one\ntwo');
  t.strictSame(error.faults, ['one', 'two']);
});

t.test('a stack: its names, and its settings over those of all stacks in the file', async (t) => {
  const file = {
    memory: 512,
    logLevel: 'error',
    brokerRole: 'broker',
    tags: { team: 'mail' },
    stacks: { test: { memory: 1024, bucket: 'mail-test', brokerInstanceProfile: 'profile' }, other: {} },
  };
  const files = { 'agentkeys-ses-routing.json': JSON.stringify(file), 'op.env': `${P}STACK=test\n` };
  const unnamed = await settingsOf(t, { files });
  t.match(unnamed, { stack: undefined, memory: 512, brokerRole: 'broker', functionName: 'agentkeys-ses-routing' });
  t.equal(unnamed.bucket, undefined);
  const ways: Given[] = [
    { flags: { stack: 'test' } },
    { env: { [`${P}STACK`]: 'test' } },
    { flags: { envFile: 'op.env' } },
  ];
  for (const way of ways) {
    const named = await settingsOf(t, { ...way, files });
    t.match(named, {
      stack: 'test',
      memory: 1024,
      logLevel: 'error',
      tags: { team: 'mail' },
      bucket: 'mail-test',
      functionName: 'agentkeys-ses-routing-test',
      roleName: 'agentkeys-ses-routing-test-role',
      ruleName: 'agentkeys-ses-routing-test-inbound',
      brokerInstanceProfile: 'profile',
      brokerRole: 'agentkeys-broker-host-test',
    });
    t.equal(describeSource(named.sources.memory), 'stacks.test.memory in agentkeys-ses-routing.json');
    t.equal(describeSource(named.sources.logLevel), 'logLevel in agentkeys-ses-routing.json');
    t.equal(named.sources.brokerRole.kind, 'default');
  }
  const given = await settingsOf(t, { flags: { stack: 'test', memory: '2048' }, env: { BUCKET: 'b-1' }, files });
  t.match(given, { memory: 2048, bucket: 'b-1' }, 'flags and variables take precedence');
  t.match(await settingsOf(t, { flags: { stack: 'other' }, files }), { brokerRole: 'broker', memory: 512 });
  t.match(await settingsOf(t, { flags: { stack: 'free', functionName: 'f' } }), { stack: 'free', functionName: 'f' });
});

t.test('faults of stacks name the stack', async (t) => {
  const cases: Array<[stacks: unknown, flags: Record<string, unknown>, faults: string[]]> = [
    [7, {}, ['agentkeys-ses-routing.json: "stacks" must be an object']],
    [{ test: null }, {}, ['agentkeys-ses-routing.json: stack "test" must be an object']],
    [
      { test: { memroy: 1, yes: true } },
      {},
      [
        'agentkeys-ses-routing.json: stack "test": unknown setting "memroy"; did you mean "memory"?',
        'agentkeys-ses-routing.json: stack "test": "yes" can\'t be set in the settings file: use --yes',
      ],
    ],
    [
      { a: { memory: 1 }, b: { timeout: 0 } },
      { stack: 'b' },
      [
        '--memory must be a whole number of MiB from 128 to 10240, not "1" (from stacks.a.memory in agentkeys-ses-routing.json)',
        '--timeout must be a whole number of seconds from 1 to 900, not "0" (from stacks.b.timeout in agentkeys-ses-routing.json)',
      ],
    ],
    [
      { a: { brokerRole: 'r', brokerInstanceProfile: 'p' } },
      {},
      [
        '--broker-role (from stacks.a.brokerRole in agentkeys-ses-routing.json) and --broker-instance-profile (from stacks.a.brokerInstanceProfile in agentkeys-ses-routing.json) exclude each other: specify only one',
      ],
    ],
    [
      { prod: {}, test: {} },
      { stack: 'tset' },
      [
        '--stack must be one of the stacks in agentkeys-ses-routing.json ("prod", "test"), not "tset" (from the command line)',
      ],
    ],
    [
      {},
      { stack: 'test' },
      ['--stack must be one of the stacks in agentkeys-ses-routing.json (none), not "test" (from the command line)'],
    ],
  ];
  for (const [stacks, flags, faults] of cases) {
    const files = { 'agentkeys-ses-routing.json': JSON.stringify({ stacks }) };
    t.strictSame(await faultsOf(t, { flags, files }), faults, JSON.stringify(stacks));
  }
  const upper = await faultsOf(t, { files: { 'agentkeys-ses-routing.json': '{"stacks":{"Test":{}}}' } });
  t.match(upper, ['agentkeys-ses-routing.json: a key of "stacks" must be a stack\'s name (1 to 32 lower case']);
});

t.test('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: the variable is ignored, the flag is not', async (t) => {
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'True' };
  t.equal((await settingsOf(t, { env })).endpointUrl, undefined);
  const flags = { endpointUrl: 'http://127.0.0.1:2' };
  t.equal((await settingsOf(t, { env, flags })).endpointUrl, 'http://127.0.0.1:2');
});

t.test("a mistyped variable with this tool's prefix is a warning", async (t) => {
  const { warnings } = await load(t, {
    flags: { envFile: 'op.env' },
    env: { [`${P}MEMROY`]: '1', [`${P}MEMORY`]: '512', OTHER: 'x' },
    files: { 'op.env': `${P}SERVICES=groq\nBUCKTE=b\n` },
  });
  t.strictSame(warnings, [
    `${P}MEMROY is not a variable of this tool; did you mean ${P}MEMORY?`,
    `${P}SERVICES is not a variable of this tool; did you mean ${P}SERVICE?`,
  ]);
});
