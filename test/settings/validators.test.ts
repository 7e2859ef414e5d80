import t from 'tap';
import { mailBucketName, stackNames, stackOfRule } from '../../src/agentkeys/names.js';
import * as is from '../../src/settings/validators.js';

/** Valid texts with their values, and invalid texts. */
interface Cases {
  parse: is.Parser<unknown>;
  fit: Record<string, unknown>;
  wrong: string[];
}

const itself = (...texts: string[]) => Object.fromEntries(texts.map((text) => [text, text]));
const a = (length: number) => 'a'.repeat(length);

const single: Record<string, Cases> = {
  bucketName: {
    parse: is.bucketName,
    fit: itself('abc', 'agentkeys-mail-111122223333', 'a.b-c', '1st', a(63)),
    wrong: [
      '',
      'ab',
      a(64),
      'Abc',
      '-abc',
      'abc-',
      'abc.',
      'a..b',
      'a_b',
      'a/b',
      '192.0.2.1',
      'xn--abc',
      'sthree-abc',
      'amzn-s3-demo-abc',
      'abc-s3alias',
      'abc--ol-s3',
      'abc.mrap',
      'abc--x-s3',
      'abc--table-s3',
      'abc\n',
    ],
  },
  stackName: {
    parse: is.stackName,
    fit: itself('a', 'test', 'eu-2', 'a--b', a(32)),
    wrong: ['', a(33), 'Test', '-test', 'test-', '1st', 'a_b', 'a.b', 'a b', 'test\n', '${x}', '*'],
  },
  region: {
    parse: is.region,
    fit: itself('us-east-1', 'us-gov-west-1', 'cn-north-1', 'ap-southeast-12', 'us-iso-east-1', 'eusc-de-east-1'),
    wrong: ['', 'us-east', 'US-EAST-1', 'us-east-1a', 'useast1', 'us-east-1 '],
  },
  profileName: {
    parse: is.profileName,
    fit: itself('default', 'my profile', 'admin@example'),
    wrong: ['', '[x]', 'a\nb', 'a\u0000'],
  },
  accountId: {
    parse: is.accountId,
    fit: {
      '111122223333': '111122223333',
      '"111122223333"': '111122223333',
      " '111122223333' ": '111122223333',
      '1111-2222-3333': '111122223333',
      '000000000001': '000000000001',
    },
    wrong: ['', "' 111122223333'", '11112222333', '1111222233334', '1111-22223333', 'abc', '"111122223333', '1e11'],
  },
  hostName: {
    parse: is.hostName,
    fit: {
      'bots.litentry.org': 'bots.litentry.org',
      'Bots.Example.ORG': 'bots.example.org',
      'xn--bcher-kva.example': 'xn--bcher-kva.example',
      '4you.example': '4you.example',
    },
    wrong: [
      '',
      'localhost',
      'a..b',
      '-a.b',
      'a-.b',
      'a.b.',
      'a b.c',
      '192.0.2.1',
      `${a(64)}.org`,
      `${`${a(60)}.`.repeat(5)}org`,
      'a_b.org',
    ],
  },
  roleName: {
    parse: is.roleName,
    fit: itself('r', 'agentkeys-broker-host', 'a_+=,.@-', a(64)),
    wrong: ['', a(65), 'a/b', 'a b', 'a:b'],
  },
  instanceProfileName: { parse: is.instanceProfileName, fit: itself('p', a(128)), wrong: ['', a(129), 'a/b'] },
  functionName: { parse: is.functionName, fit: itself('f', 'a-b_C1', a(64)), wrong: ['', a(65), 'a.b', 'a:b'] },
  ruleName: { parse: is.ruleName, fit: itself('r', 'a.b-c_D1', a(64)), wrong: ['', a(65), 'a/b', 'a b'] },
  policyArn: {
    parse: is.policyArn,
    fit: itself(
      'arn:aws:iam::111122223333:policy/boundary',
      'arn:aws:iam::aws:policy/PowerUserAccess',
      'arn:aws-us-gov:iam::111122223333:policy/a/b/c',
    ),
    wrong: [
      '',
      'boundary',
      'arn:aws:iam::1:policy/x',
      'arn:aws:iam::111122223333:role/x',
      'arn:aws:iam::111122223333:policy/',
      `arn:aws:iam::111122223333:policy/${a(129)}`,
    ],
  },
  roleArn: {
    parse: is.roleArn,
    fit: itself('arn:aws:iam::111122223333:role/agents', 'arn:aws-cn:iam::111122223333:role/a/path/agents'),
    wrong: [
      '',
      'agents',
      'arn:aws:iam::aws:role/x',
      'arn:aws:iam::111122223333:user/x',
      'arn:aws:iam::111122223333:role/',
      `arn:aws:iam::111122223333:role/${a(65)}`,
    ],
  },
  topicArn: {
    parse: is.topicArn,
    fit: itself(
      'arn:aws:sns:us-east-1:111122223333:operators',
      `arn:aws-us-gov:sns:us-gov-west-1:111122223333:${a(256)}`,
    ),
    wrong: [
      '',
      'operators',
      'arn:aws:sns:us-east-1:1:operators',
      'arn:aws:sns::111122223333:operators',
      'arn:aws:sqs:us-east-1:111122223333:operators',
      'arn:aws:sns:us-east-1:111122223333:operators:6b0e71bd-7e97-4d97-80ce-4a0994e55286',
      'arn:aws:sns:us-east-1:111122223333:operators.fifo',
      `arn:aws:sns:us-east-1:111122223333:${a(257)}`,
    ],
  },
  oidcProviderArn: {
    parse: is.oidcProviderArn,
    fit: itself(
      'arn:aws:iam::111122223333:oidc-provider/oidc.example.com',
      'arn:aws-us-gov:iam::111122223333:oidc-provider/oidc.example.com:8443/a/path/',
    ),
    wrong: [
      '',
      'https://oidc.example.com',
      'arn:aws:iam::111122223333:oidc-provider/',
      'arn:aws:iam::aws:oidc-provider/oidc.example.com',
      'arn:aws:iam::111122223333:saml-provider/x',
    ],
  },
  path: { parse: is.path, fit: itself('token.jwt', '/run/a file'), wrong: ['', 'a\0b'] },
  oneOfWords: {
    parse: is.oneOfWords(['info', 'error']),
    fit: itself('info', 'error'),
    wrong: ['', 'INFO', 'debug', 'info '],
  },
  endpointUrl: {
    parse: is.endpointUrl,
    fit: itself('http://127.0.0.1:4566', 'https://aws.example.org/'),
    wrong: ['', 'localhost:4566', 'ftp://example.org', '127.0.0.1'],
  },
  trueOrFalse: {
    parse: is.trueOrFalse,
    fit: { true: true, false: false, TRUE: true, False: false },
    wrong: ['', 'yes', '1', 'truee'],
  },
  wholeNumber: {
    parse: is.wholeNumber('a whole number from 5 to 10', 5, 10),
    fit: { '5': 5, '10': 10, '007': 7 },
    wrong: ['', '4', '11', '5.5', '-6', '6e0', '0x6', ' 6', '99999999999'],
  },
  runtime: {
    parse: is.runtime,
    fit: { 'nodejs24.x': 'nodejs24.x', '24': 'nodejs24.x', 'nodejs22.x': 'nodejs22.x', '22': 'nodejs22.x' },
    wrong: ['', 'nodejs20.x', '20', 'nodejs24', '24.x', 'provided.al2023'],
  },
  logRetentionDays: { parse: is.logRetentionDays, fit: { '1': 1, '30': 30 }, wrong: ['', '0', '2', '030', '1.0'] },
};

t.test('a wallet; an invalid one is not repeated, as it may be a token', async (t) => {
  t.strictSame(is.wallet([`0x${'aB'.repeat(20)}`]), { value: `0x${'ab'.repeat(20)}` });
  for (const texts of [[], [''], ['eyJhbGciOiJub25lIn0.e30.'], [`0x${a(40)}`, `0x${a(40)}`]])
    t.strictSame(is.wallet(texts), { fault: 'must be a wallet: 0x and 40 hexadecimal digits' });
});

for (const [name, { parse, fit, wrong }] of Object.entries(single)) {
  t.test(name, async (t) => {
    for (const [text, value] of Object.entries(fit)) t.strictSame(parse([text]), { value }, JSON.stringify(text));
    for (const text of wrong) t.match(parse([text]), { fault: /^must be .*, not "/ }, JSON.stringify(text));
    t.match(parse(['a', 'b']), { fault: /^must be .*: expected one value, got 2$/ });
    t.match(parse([]), { fault: /^must be .*: expected one value, got 0$/ });
  });
}

t.test('prefixes', async (t) => {
  const rule = 'must be prefixes of 1 to 16 lower case letters and digits that start with a letter';
  const cases: Array<[texts: string[], expected: is.Parsed<string[]>]> = [
    [['or'], { value: ['or'] }],
    [['or', 'pr2', 'abcdefghijklmnop'], { value: ['or', 'pr2', 'abcdefghijklmnop'] }],
    [['or', 'Or'], { fault: `${rule}, not "Or"` }],
    [['2or'], { fault: `${rule}, not "2or"` }],
    [['abcdefghijklmnopq'], { fault: `${rule}, not "abcdefghijklmnopq"` }],
    [['or', ''], { fault: `${rule}, not ""` }],
    [['o-r'], { fault: `${rule}, not "o-r"` }],
    [[], { fault: `${rule}, at least one` }],
    [['or', 'pr', 'or'], { fault: 'contains "or" twice' }],
  ];
  for (const [texts, expected] of cases) t.strictSame(is.prefixes(texts), expected, texts.join());
});

t.test('tags', async (t) => {
  const rule =
    'must be key=value in characters that IAM allows, and the key must not start with aws: or be managed-by or agentkeys-ses-routing:stack';
  const many = (count: number) => Array.from({ length: count }, (_, index) => `key${index}=x`);
  const cases: Array<[texts: string[], expected: is.Parsed<Record<string, string>>]> = [
    [[], { value: {} }],
    [['team=mail', 'Kosten stelle=ä/1:2=3@x'], { value: { team: 'mail', 'Kosten stelle': 'ä/1:2=3@x' } }],
    [['empty='], { value: { empty: '' } }],
    [[`${a(128)}=${a(256)}`], { value: { [a(128)]: a(256) } }],
    [[`${a(129)}=x`], { fault: `${rule}, not "${a(79)}…"` }],
    [[`x=${a(257)}`], { fault: `${rule}, not "x=${a(77)}…"` }],
    [['team'], { fault: `${rule}, not "team"` }],
    [['=x'], { fault: `${rule}, not "=x"` }],
    [['a=b*'], { fault: `${rule}, not "a=b*"` }],
    [['aws:team=x'], { fault: `${rule}, not "aws:team=x"` }],
    [['AWS:team=x'], { fault: `${rule}, not "AWS:team=x"` }],
    [['managed-by=me'], { fault: `${rule}, not "managed-by=me"` }],
    [['Managed-By=me'], { fault: `${rule}, not "Managed-By=me"` }],
    [['team=a', 'Team=b'], { fault: 'contains the key "Team" twice' }],
    [many(41), { fault: 'must be at most 40 tags, not 41' }],
  ];
  for (const [texts, expected] of cases) t.strictSame(is.tags(texts), expected, texts.join().slice(0, 40));
  t.match(is.tags(many(40)), { value: { key39: 'x' } });
});

t.test('how values are quoted', async (t) => {
  const cases: Array<[text: string, expected: string]> = [
    ['plain', '"plain"'],
    ['say "no"', '"say \\"no\\""'],
    ['a\u001b[31mred\u007f\u0085', '"a\\u001b[31mred\\u{7f}\\u{85}"'],
    ['a\nb\tc', '"a\\nb\\tc"'],
    ['left\u202eright\u2028', '"left\\u{202e}right\\u{2028}"'],
    [a(80), `"${a(80)}"`],
    [a(81), `"${a(79)}…"`],
  ];
  for (const [text, expected] of cases) t.equal(is.quote(text), expected);
});

t.test('ARNs of principals', async (t) => {
  const user = 'arn:aws:iam::111122223333:user/a';
  const role = 'arn:aws-cn:iam::111122223333:role/x/admin';
  const root = 'arn:aws:iam::111122223333:root';
  t.strictSame(is.principalArns([user, role, root]), { value: [user, role, root] });
  t.strictSame(is.principalArns([]), { value: [] });
  for (const text of ['', 'admin', '*', 'arn:aws:iam::111122223333:user/', 'arn:aws:iam::aws:role/x', `${root}*`])
    t.match(is.principalArns([text]), { fault: /^must be ARNs of users, roles or an account's root, .*, not "/ }, text);
  t.match(is.principalArns([user, user]), { fault: /./ }, 'twice');
});

t.test('the names of every stack are ones that AWS accepts, and no two stacks have one in common', async (t) => {
  const stacks = [undefined, 'a', 'test', 'role', 'inbound', 'test-role', 'test-inbound', 'broker', a(32)];
  const names = stacks.map((stack) => ({ ...stackNames(stack), bucket: mailBucketName('111122223333', stack) }));
  for (const { functionName, roleName, ruleName, brokerRole, dataRoleName, bucket } of names) {
    t.match(is.functionName([functionName]), { value: functionName });
    for (const role of [roleName, brokerRole, dataRoleName]) t.match(is.roleName([role]), { value: role });
    t.match(is.ruleName([ruleName]), { value: ruleName });
    t.match(is.bucketName([bucket]), { value: bucket });
  }
  const roles = names.flatMap(({ roleName, brokerRole, dataRoleName }) => [roleName, brokerRole, dataRoleName]);
  for (const made of [roles, names.map((one) => one.functionName), names.map((one) => one.ruleName)])
    t.equal(new Set(made).size, made.length);
  t.strictSame(
    names.map(({ ruleName }) => stackOfRule(ruleName)),
    stacks,
  );
});
