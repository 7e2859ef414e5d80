import t from 'tap';
import {
  accountNamed,
  canonical,
  describeStatement,
  diffStatements,
  listOf,
  MalformedPolicyError,
  type PolicyDocument,
  parsePolicy,
  policySize,
  policyText,
  principalsOf,
  type Statement,
  sameStatements,
} from '../../src/policy/document.js';

const read: Statement = { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/inbound/*' };
const document = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const with_ = (change: Partial<Statement>): Statement => ({ ...read, ...change });
const conditional = (Condition: Statement['Condition']): Statement => with_({ Condition });

t.test('parsePolicy', async (t) => {
  t.test('reads plain and URL-encoded JSON', async (t) => {
    const text = JSON.stringify({ Version: '2012-10-17', Id: 'mine', Statement: [read] });
    const expected = { Version: '2012-10-17', Id: 'mine', Statement: [read] };
    t.strictSame(parsePolicy(text), expected);
    t.strictSame(parsePolicy(encodeURIComponent(text)), expected);
    t.strictSame(parsePolicy(`\n ${JSON.stringify(expected, null, 2)}\n`), expected);
  });

  t.test('leaves a percent sign inside plain JSON alone', async (t) => {
    const odd = with_({ Resource: 'arn:aws:s3:::b/a%20b' });
    t.strictSame(parsePolicy(JSON.stringify(document(odd))).Statement, [odd]);
  });

  t.test('reads a single statement as a list of one', async (t) => {
    t.strictSame(parsePolicy(JSON.stringify({ Statement: read })), { Statement: [read] });
  });

  t.test('reads every element, with condition values as text', async (t) => {
    const statement = {
      Effect: 'Deny',
      NotPrincipal: { AWS: ['111122223333'], Service: 's3.amazonaws.com', Federated: 'f', CanonicalUser: 'c' },
      NotAction: ['s3:*'],
      NotResource: ['arn:aws:s3:::b/*'],
      Condition: { Bool: { 'aws:SecureTransport': false }, NumericLessThan: { 's3:max-keys': [1, '2'] }, Null: {} },
    };
    t.strictSame(parsePolicy(JSON.stringify({ Statement: [statement] })).Statement, [
      {
        ...statement,
        Condition: {
          Bool: { 'aws:SecureTransport': 'false' },
          NumericLessThan: { 's3:max-keys': ['1', '2'] },
          Null: {},
        },
      },
    ]);
    const trust = { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' };
    t.strictSame(parsePolicy(JSON.stringify({ Statement: [trust] })).Statement, [trust]);
  });

  t.test('reports what is wrong, and where', async (t) => {
    const cases: Array<[given: unknown, message: string]> = [
      [[], 'the policy must be an object'],
      [null, 'the policy must be an object'],
      ['text', 'the policy must be an object'],
      [{}, 'the policy has no Statement'],
      [{ Statement: [], Statements: [] }, 'the policy has an unknown element: "Statements"'],
      [{ Version: '2013-10-17', Statement: [] }, 'Version must be one of 2012-10-17, 2008-10-17'],
      [{ Version: 2012, Statement: [] }, 'Version must be a string'],
      [{ Id: 1, Statement: [] }, 'Id must be a string'],
      [{ Statement: [read, 'x'] }, 'statement 2 must be an object'],
      [{ Statement: [{ ...read, Actions: [] }] }, 'statement 1 has an unknown element: "Actions"'],
      [{ Statement: [{ ...read, Effect: 'allow' }] }, 'statement 1: Effect must be "Allow" or "Deny"'],
      [{ Statement: [{ ...read, Sid: 1 }] }, 'statement 1: Sid must be a string'],
      [{ Statement: [{ Effect: 'Allow', Resource: '*' }] }, 'statement 1 must have either Action or NotAction'],
      [{ Statement: [{ ...read, NotAction: 's3:*' }] }, 'statement 1 must have either Action or NotAction'],
      [{ Statement: [{ ...read, NotResource: '*' }] }, 'statement 1 must not have both Resource and NotResource'],
      [
        { Statement: [{ ...read, Principal: '*', NotPrincipal: '*' }] },
        'statement 1 must not have both Principal and NotPrincipal',
      ],
      [{ Statement: [{ ...read, Action: [] }] }, 'statement 1: Action must not be an empty list'],
      [{ Statement: [{ ...read, Action: ['a', 1] }] }, 'each value of statement 1: Action must be a string'],
      [{ Statement: [{ ...read, Resource: {} }] }, 'statement 1: Resource must be a string'],
      [{ Statement: [{ ...read, Principal: 'me' }] }, 'statement 1: Principal must be "*" or an object'],
      [{ Statement: [{ ...read, Principal: { Aws: '*' } }] }, '"Aws"'],
      [{ Statement: [{ ...read, Principal: { AWS: 1 } }] }, 'statement 1: Principal AWS must be a string'],
      [{ Statement: [{ ...read, Condition: [] }] }, 'statement 1: Condition must be an object of operators'],
      [
        { Statement: [{ ...read, Condition: { Bool: 'x' } }] },
        'statement 1: Condition Bool must be an object of condition keys',
      ],
      [
        { Statement: [{ ...read, Condition: { Bool: { mfa: null } } }] },
        'statement 1: Condition Bool mfa must be a string, a number or a boolean',
      ],
      [
        { Statement: [{ ...read, Condition: { Bool: { mfa: [[]] } } }] },
        'statement 1: Condition Bool mfa must be a string, a number or a boolean',
      ],
    ];
    for (const [given, message] of cases) {
      t.throws(() => parsePolicy(JSON.stringify(given)), { name: 'MalformedPolicyError', message }, message);
    }
    for (const text of ['', '{', '%7B', '%ZZ', 'Statement: []']) {
      t.throws(() => parsePolicy(text), { name: 'MalformedPolicyError', message: 'the policy is not JSON' }, text);
    }
    t.throws(() => parsePolicy('{'), MalformedPolicyError);
  });
});

t.test('canonical', async (t) => {
  const same: Array<[what: string, one: Statement, other: Statement]> = [
    ['the Sid', read, with_({ Sid: 'Other' })],
    ['a list of one', read, with_({ Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::b/inbound/*'] })],
    ['order and repetition', with_({ Action: ['a:b', 'c:d'] }), with_({ Action: ['c:d', 'a:b', 'c:d'] })],
    ['the case of an action', read, with_({ Action: 'S3:getobject' })],
    ['"*" and {"AWS": "*"}', with_({ Principal: '*' }), with_({ Principal: { AWS: ['*'] } })],
    [
      'an account id and its root ARN',
      with_({ Principal: { AWS: '111122223333' } }),
      with_({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } }),
    ],
    [
      'the order of principal types',
      with_({ NotPrincipal: { AWS: '*', Service: 'a' } }),
      with_({ NotPrincipal: { Service: ['a'], AWS: ['*'] } }),
    ],
    [
      'the case and order of condition operators and keys, and of values',
      conditional({ StringLike: { 's3:prefix': ['a', 'b'], 'aws:x': '1' }, Bool: { mfa: 'true' } }),
      conditional({ bool: { MFA: ['true'] }, stringlike: { 'AWS:X': '1', 'S3:Prefix': ['b', 'a'] } }),
    ],
    ['no condition', read, conditional({})],
  ];
  for (const [what, one, other] of same) t.equal(canonical(one), canonical(other), `${what} does not count`);

  const different: Array<[what: string, one: Statement, other: Statement]> = [
    ['Effect', read, with_({ Effect: 'Deny' })],
    ['the action', read, with_({ Action: 's3:PutObject' })],
    ['the case of a resource', read, with_({ Resource: 'arn:aws:s3:::b/Inbound/*' })],
    [
      'Action and NotAction',
      read,
      { Effect: 'Allow', NotAction: 's3:GetObject', Resource: 'arn:aws:s3:::b/inbound/*' },
    ],
    ['Principal and NotPrincipal', with_({ Principal: '*' }), with_({ NotPrincipal: '*' })],
    ['having a principal', read, with_({ Principal: '*' })],
    ['the principal type', with_({ Principal: { AWS: 'x' } }), with_({ Principal: { Service: 'x' } })],
    [
      'one key tested twice and two values of one test',
      conditional({ StringLike: { k: 'a' }, stringlike: { k: 'b' } }),
      conditional({ StringLike: { k: ['a', 'b'] } }),
    ],
    [
      'the case of a condition value',
      conditional({ StringEquals: { k: 'a' } }),
      conditional({ StringEquals: { k: 'A' } }),
    ],
  ];
  for (const [what, one, other] of different) t.not(canonical(one), canonical(other), `${what} counts`);
});

t.test('comparing documents as sets', async (t) => {
  const put = with_({ Action: 's3:PutObject' });
  const list = with_({ Action: 's3:ListBucket' });
  t.equal(sameStatements(document(read, put), document(with_({ ...put, Sid: 'x' }), read, read)), true);
  t.equal(sameStatements(document(read, put), document(read)), false);
  t.equal(sameStatements(document(read), document(read, put)), false);
  t.strictSame(diffStatements(document(read, put), document(list, read)), { removed: [put], added: [list] });
  t.strictSame(diffStatements(document(read, with_({ Sid: 'again' })), document()), {
    removed: [with_({ Sid: 'again' })],
    added: [],
  });
});

t.test('the text and size of a document', async (t) => {
  const policy: PolicyDocument = {
    Statement: [{ Effect: 'Allow', Action: 'a:b', Resource: 'é' }],
    Version: '2012-10-17',
  };
  const text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"é"}]}';
  t.equal(policyText(policy), text);
  t.equal(policySize(policy), text.length + 1, 'bytes, not characters');
});

t.test('describeStatement', async (t) => {
  const cases: Array<[statement: Statement, expected: string]> = [
    [read, 'Allow s3:GetObject on arn:aws:s3:::b/inbound/*'],
    [
      {
        Effect: 'Allow',
        Action: ['s3:ListBucket'],
        Resource: 'arn:aws:s3:::b',
        Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
      },
      'Allow s3:ListBucket on arn:aws:s3:::b when s3:prefix StringLike inbound/*',
    ],
    [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: 'arn:aws:lambda:us-east-1:111122223333:function:f',
        Condition: { ArnLike: { 'aws:SourceArn': ['a', 'b'] }, Bool: { mfa: 'true' } },
      },
      'Allow lambda:InvokeFunction on arn:aws:lambda:us-east-1:111122223333:function:f for events.amazonaws.com when aws:SourceArn ArnLike a or b and mfa Bool true',
    ],
    [
      { Effect: 'Deny', NotPrincipal: { AWS: ['a', 'b'] }, NotAction: 's3:*', NotResource: ['x', 'y'] },
      'Deny everything but s3:* on everything but x, y for everyone but a, b',
    ],
    [{ Effect: 'Allow', Principal: '*', Action: ['a:b', 'c:d'] }, 'Allow a:b, c:d for *'],
  ];
  for (const [statement, expected] of cases) t.equal(describeStatement(statement), expected);
});

t.test('principalsOf, accountNamed and listOf', async (t) => {
  t.strictSame(listOf(undefined), []);
  t.strictSame(listOf('a'), ['a']);
  t.strictSame(listOf(['a', 'b']), ['a', 'b']);
  t.strictSame(principalsOf(undefined), {});
  const cases: Array<[principal: string, account: string | undefined]> = [
    ['111122223333', '111122223333'],
    ['arn:aws:iam::111122223333:root', '111122223333'],
    ['arn:aws-us-gov:iam::111122223333:root', '111122223333'],
    ['arn:aws:iam::111122223333:user/root', undefined],
    ['arn:aws:iam::111122223333', undefined],
    ['1111222233334', undefined],
    ['111122223333:root', undefined],
    ['*', undefined],
  ];
  for (const [principal, account] of cases) t.equal(accountNamed(principal), account, principal);
});
