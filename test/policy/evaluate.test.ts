import t from 'tap';
import type { PolicyDocument, Statement } from '../../src/policy/document.js';
import {
  type ApplicablePolicies,
  type Decision,
  evaluate,
  matches,
  type NamedPolicy,
  UnknownConditionError,
} from '../../src/policy/evaluate.js';
import type { AuthorizationRequest, Principal } from '../../src/policy/request.js';

const account = '111122223333';
const stranger = '999988887777';
const roleArn = `arn:aws:iam::${account}:role/reader`;
const sessionArn = `arn:aws:sts::${account}:assumed-role/reader/me`;
const userArn = `arn:aws:iam::${account}:user/team/ada`;

const user: Principal = { arn: userArn, account };
const session: Principal = { arn: sessionArn, roleArn, account };
const rootUser: Principal = { arn: `arn:aws:iam::${account}:root`, account };
const service: Principal = { arn: 'events.amazonaws.com', service: 'events.amazonaws.com' };
const anonymous: Principal = { arn: 'anonymous' };

const object = 'arn:aws:s3:::b/inbound/m';

function policy(name: string, ...Statement: Statement[]): NamedPolicy {
  return { name, document: { Version: '2012-10-17', Statement } };
}

const allow: Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' };
const deny: Statement = { ...allow, Effect: 'Deny' };
const allS3: Statement = { ...allow, Resource: 'arn:aws:s3' };
const denyS3: Statement = { ...deny, Resource: 'arn:aws:s3' };
const allButS3: Statement = { Effect: 'Allow', Action: 's3:GetObject', NotResource: 'arn:aws:s3' };
const other: Statement = { ...allow, Action: 's3:PutObject' };
const allowTo = (Principal: Statement['Principal']): Statement => ({ ...allow, Principal });

function request(principal: Principal, change: Partial<AuthorizationRequest> = {}): AuthorizationRequest {
  return { principal, action: 's3:GetObject', resource: object, resourceAccount: account, context: {}, ...change };
}

function reasonOf(asked: AuthorizationRequest, policies: Partial<ApplicablePolicies>): Decision['reason'] {
  const { allowed, reason } = evaluate(asked, { identity: [], ...policies });
  if (allowed !== (reason === 'allowed')) throw new Error(`allowed is ${allowed}, but the reason ${reason}`);
  return reason;
}

const implicit = 'no statement allows it';
const outsideBoundary = 'not within the permissions boundary';
const outsideSession = 'not within the session policy';

type Case = [what: string, principal: Principal, policies: Partial<ApplicablePolicies>, expected: Decision['reason']];

const identity = [policy('own', allow)];
const boundary = policy('boundary', other);
const sessionPolicy = policy('session', other);

const inOneAccount: Case[] = [
  ['nothing allows it', user, {}, implicit],
  ['an identity policy allows it', user, { identity }, 'allowed'],
  ['one of several identity policies allows it', user, { identity: [policy('a', other), ...identity] }, 'allowed'],
  ['an identity policy denies it', user, { identity: [...identity, policy('b', deny)] }, 'explicit deny'],
  ['an incomplete ARN in an identity policy', user, { identity: [policy('a', allS3)] }, 'allowed'],
  ['a denied incomplete ARN', user, { identity: [...identity, policy('b', denyS3)] }, 'explicit deny'],
  ['an incomplete ARN in NotResource', user, { identity: [policy('a', allButS3)] }, implicit],
  ['an incomplete ARN in the boundary', user, { identity, boundary: policy('boundary', allS3) }, 'allowed'],
  [
    'a boundary that denies an incomplete ARN',
    user,
    { identity, boundary: policy('b', allow, denyS3) },
    'explicit deny',
  ],
  ['an incomplete ARN in a session policy', session, { identity, session: policy('s', allS3) }, outsideSession],
  ['an incomplete ARN in a resource policy', user, { resource: policy('r', { ...allS3, Principal: '*' }) }, implicit],
  ['the order of statements is irrelevant', user, { identity: [policy('a', deny, allow)] }, 'explicit deny'],
  ['the boundary allows it too', user, { identity, boundary: policy('boundary', allow) }, 'allowed'],
  ['the boundary does not allow it', user, { identity, boundary }, outsideBoundary],
  ['the boundary alone grants nothing', user, { boundary: policy('boundary', allow) }, implicit],
  ['the boundary denies it', user, { identity, boundary: policy('boundary', allow, deny) }, 'explicit deny'],
  ['the session policy does not allow it', session, { identity, session: sessionPolicy }, outsideSession],
  ['the session policy allows it too', session, { identity, session: policy('session', allow) }, 'allowed'],
  ['the session policy denies it', session, { identity, session: policy('session', allow, deny) }, 'explicit deny'],
  ['the resource policy names the user', user, { resource: policy('r', allowTo({ AWS: userArn })) }, 'allowed'],
  [
    'the resource policy names the user: the boundary does not apply',
    user,
    { boundary, resource: policy('r', allowTo({ AWS: userArn })) },
    'allowed',
  ],
  [
    'the resource policy names the session: boundary and session policy do not apply',
    session,
    { boundary, session: sessionPolicy, resource: policy('r', allowTo({ AWS: sessionArn })) },
    'allowed',
  ],
  ['the resource policy names everyone', session, { boundary, resource: policy('r', allowTo('*')) }, 'allowed'],
  ['the resource policy names the role', session, { resource: policy('r', allowTo({ AWS: roleArn })) }, 'allowed'],
  [
    'the resource policy names the role: the boundary applies',
    session,
    { boundary, resource: policy('r', allowTo({ AWS: roleArn })) },
    outsideBoundary,
  ],
  [
    'the resource policy names the role: the session policy applies',
    session,
    { session: sessionPolicy, resource: policy('r', allowTo({ AWS: roleArn })) },
    outsideSession,
  ],
  [
    'the resource policy names the account and no identity policy allows it',
    user,
    { resource: policy('r', allowTo({ AWS: account })) },
    implicit,
  ],
  [
    'the resource policy names the account and an identity policy allows it',
    user,
    { identity, resource: policy('r', allowTo({ AWS: account })) },
    'allowed',
  ],
  ['the resource policy names another', user, { resource: policy('r', allowTo({ AWS: roleArn })) }, implicit],
  [
    'the resource policy denies another',
    user,
    { identity, resource: policy('r', { ...deny, Principal: { AWS: roleArn } }) },
    'allowed',
  ],
  [
    'the resource policy denies the account',
    user,
    { identity, resource: policy('r', { ...deny, Principal: { AWS: account } }) },
    'explicit deny',
  ],
  [
    'the resource policy denies everyone except another user',
    user,
    { identity, resource: policy('r', { ...deny, NotPrincipal: { AWS: roleArn } }) },
    'explicit deny',
  ],
  [
    'NotPrincipal with Deny never exempts a caller with a boundary',
    user,
    {
      identity,
      boundary: policy('boundary', allow),
      resource: policy('r', { ...deny, NotPrincipal: { AWS: [userArn, account] } }),
    },
    'explicit deny',
  ],
  ['the root user of the account', rootUser, {}, 'allowed'],
  ['the root user under a deny', rootUser, { resource: policy('r', { ...deny, Principal: '*' }) }, 'explicit deny'],
  [
    'a service the resource policy names',
    service,
    { resource: policy('r', allowTo({ Service: service.arn })) },
    'allowed',
  ],
  [
    'a service the resource policy does not name',
    service,
    { resource: policy('r', allowTo({ AWS: account })) },
    implicit,
  ],
  ['an anonymous caller', anonymous, { resource: policy('r', allowTo('*')) }, 'allowed'],
  ['an anonymous caller without a grant', anonymous, {}, implicit],
];

t.test('within one account', async (t) => {
  for (const [what, principal, policies, expected] of inOneAccount) {
    t.equal(reasonOf(request(principal), policies), expected, what);
  }
});

t.test('across accounts both sides must allow it', async (t) => {
  const cases: Case[] = [
    ['an identity policy alone', user, { identity }, implicit],
    ['a resource policy alone', user, { resource: policy('r', allowTo({ AWS: userArn })) }, implicit],
    ['a resource policy for everyone alone', user, { resource: policy('r', allowTo('*')) }, implicit],
    ['both', user, { identity, resource: policy('r', allowTo({ AWS: userArn })) }, 'allowed'],
    ['both, by the account', user, { identity, resource: policy('r', allowTo({ AWS: account })) }, 'allowed'],
    ['both, by the role', session, { identity, resource: policy('r', allowTo({ AWS: roleArn })) }, 'allowed'],
    ['by the role alone', session, { resource: policy('r', allowTo({ AWS: roleArn })) }, implicit],
    [
      'both, but for the boundary, which limits even a user named',
      user,
      { identity, boundary, resource: policy('r', allowTo({ AWS: userArn })) },
      outsideBoundary,
    ],
    ['the root user alone', rootUser, {}, implicit],
    ['the root user, let in', rootUser, { resource: policy('r', allowTo({ AWS: account })) }, 'allowed'],
    ['a service', service, { resource: policy('r', allowTo({ Service: service.arn })) }, 'allowed'],
  ];
  for (const [what, principal, policies, expected] of cases) {
    t.equal(reasonOf(request(principal, { resourceAccount: stranger }), policies), expected, what);
  }
});

t.test('trust policies and key policies must name the caller or its account', async (t) => {
  const assume = { action: 'sts:AssumeRole', resource: roleArn };
  const own = [policy('own', { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn })];
  const trust = (Principal: Statement['Principal']) =>
    policy('trust', { Effect: 'Allow', Principal, Action: ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'] });
  const provider = `arn:aws:iam::${account}:oidc-provider/id.example.org`;
  const cases: Array<[string, AuthorizationRequest, Partial<ApplicablePolicies>, Decision['reason']]> = [
    ['trusted by name', request(user, assume), { resource: trust({ AWS: userArn }) }, 'allowed'],
    ['trusted as the account', request(user, assume), { resource: trust({ AWS: account }) }, implicit],
    [
      'trusted as the account, and allowed',
      request(user, assume),
      { identity: own, resource: trust({ AWS: account }) },
      'allowed',
    ],
    ['allowed, but not trusted', request(user, assume), { identity: own, resource: trust({ Service: 'x' }) }, implicit],
    ['allowed, the trust policy not being known', request(user, assume), { identity: own }, 'allowed'],
    ['a service that is trusted', request(service, assume), { resource: trust({ Service: service.arn }) }, 'allowed'],
    [
      "an identity provider's user",
      request({ arn: provider, federated: provider }, { ...assume, action: 'sts:AssumeRoleWithWebIdentity' }),
      { resource: trust({ Federated: provider }) },
      'allowed',
    ],
  ];
  for (const [what, asked, policies, expected] of cases) t.equal(reasonOf(asked, policies), expected, what);
});

t.test('the decision has the deciding statement and its policy', async (t) => {
  const denied = evaluate(request(user), { identity: [policy('a', allow), policy('b', other, deny)] });
  t.strictSame(denied, { allowed: false, reason: 'explicit deny', policy: 'b', statement: deny });
  const allowed = evaluate(request(user), { identity: [policy('a', other), policy('b', allow)] });
  t.strictSame(allowed, { allowed: true, reason: 'allowed', policy: 'b', statement: allow });
  t.strictSame(evaluate(request(user), { identity: [] }), { allowed: false, reason: implicit });
  t.strictSame(evaluate(request(rootUser), { identity: [] }), { allowed: true, reason: 'allowed' });
});

t.test('actions and resources', async (t) => {
  const cases: Array<[statement: Partial<Statement>, action: string, resource: string, fits: boolean]> = [
    [{ Action: '*', Resource: '*' }, 's3:GetObject', object, true],
    [{ Action: 'S3:getobject', Resource: '*' }, 's3:GetObject', object, true],
    [{ Action: 's3:Get*', Resource: '*' }, 's3:GetObjectTagging', object, true],
    [{ Action: 's3:GetObject?', Resource: '*' }, 's3:GetObject', object, false],
    [{ Action: ['s3:PutObject', 's3:GetObject'], Resource: '*' }, 's3:GetObject', object, true],
    [{ NotAction: 's3:*', Resource: '*' }, 's3:GetObject', object, false],
    [{ NotAction: ['iam:*', 'sts:*'], Resource: '*' }, 's3:GetObject', object, true],
    [
      { Action: '*', Resource: 'arn:aws:s3:::b/bots/*/inbound/*' },
      's3:GetObject',
      'arn:aws:s3:::b/bots/0x11/inbound/m',
      true,
    ],
    [
      { Action: '*', Resource: 'arn:aws:s3:::b/bots/*/inbound/*' },
      's3:GetObject',
      'arn:aws:s3:::b/bots/a/b/inbound/c/d',
      true,
    ],
    [{ Action: '*', Resource: 'arn:aws:s3:::B/*' }, 's3:GetObject', object, false],
    [{ Action: '*', Resource: 'arn:*:inbound/m' }, 's3:GetObject', object, false],
    [{ Action: '*', Resource: 'arn:*/m' }, 's3:GetObject', object, true],
    [{ Action: '*', Resource: ['x', object] }, 's3:GetObject', object, true],
    [{ Action: '*', NotResource: 'arn:aws:s3:::b/inbound/*' }, 's3:GetObject', object, false],
    [{ Action: '*', NotResource: 'arn:aws:s3:::b/bots/*' }, 's3:GetObject', object, true],
    [{ Action: '*', Resource: 'arn:aws:s3:::b' }, 's3:ListAllMyBuckets', '*', false],
    [{ Action: '*', Resource: '*' }, 's3:ListAllMyBuckets', '*', true],
  ];
  for (const [statement, action, resource, fits] of cases) {
    const decision = evaluate(request(user, { action, resource }), {
      identity: [policy('p', { Effect: 'Allow', ...statement })],
    });
    t.equal(decision.allowed, fits, `${JSON.stringify(statement)} and ${action} ${resource}`);
  }
});

t.test("a wallet's session reads its own prefix and no other", async (t) => {
  const tag = 'aws:PrincipalTag/agentkeys_user_wallet';
  const bucketPolicy = policy('bucket', {
    Effect: 'Allow',
    Principal: { AWS: roleArn },
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::b/bots/\${${tag}}/*`,
  });
  const wallet = `0x${'1'.repeat(40)}`;
  const neighbour = `0x${'2'.repeat(40)}`;
  const reads = (
    owner: string,
    context: AuthorizationRequest['context'],
    document: PolicyDocument = bucketPolicy.document,
  ) =>
    evaluate(request(session, { resource: `arn:aws:s3:::b/bots/${owner}/inbound/m`, context }), {
      identity: [],
      resource: { name: 'bucket', document },
    }).allowed;
  t.equal(reads(wallet, { [tag]: wallet }), true);
  t.equal(reads(wallet, { [tag.toUpperCase()]: [wallet] }), true);
  t.equal(reads(neighbour, { [tag]: wallet }), false);
  t.equal(reads(wallet, {}), false, 'a session without the tag');
  t.equal(reads(wallet, { [tag]: '*' }), false, 'a tag is no wildcard');
  t.equal(reads(wallet, { [tag]: wallet }, { ...bucketPolicy.document, Version: '2008-10-17' }), false);
  t.equal(reads(`\${${tag}}`, {}, { Statement: bucketPolicy.document.Statement }), true, 'no Version, no variables');
});

t.test('NotResource with a variable that has no value excludes nothing', async (t) => {
  const statement: Statement = {
    Effect: 'Deny',
    Action: '*',
    NotResource: `arn:aws:s3:::b/\${aws:PrincipalTag/none}/*`,
  };
  t.equal(reasonOf(request(user), { identity: [policy('p', allow, statement)] }), 'explicit deny');
});

t.test('condition keys that AWS derives from the request have defaults', async (t) => {
  const cases: Array<[key: string, value: string, principal: Principal]> = [
    ['aws:PrincipalArn', userArn, user],
    ['aws:PrincipalArn', roleArn, session],
    ['aws:PrincipalAccount', account, user],
    ['aws:ResourceAccount', account, service],
    ['aws:username', 'ada', user],
    ['aws:PrincipalIsAWSService', 'true', service],
    ['aws:PrincipalIsAWSService', 'false', user],
  ];
  for (const [key, value, principal] of cases) {
    const resource = policy('r', { ...allowTo('*'), Condition: { StringEquals: { [key]: value } } });
    t.equal(reasonOf(request(principal), { resource }), 'allowed', key);
    t.equal(reasonOf(request(principal, { context: { [key.toUpperCase()]: 'x' } }), { resource }), implicit, key);
  }
  for (const key of ['aws:PrincipalArn', 'aws:PrincipalAccount', 'aws:username']) {
    const resource = policy('r', { ...allowTo('*'), Condition: { Null: { [key]: 'true' } } });
    t.equal(reasonOf(request(service), { resource }), 'allowed', `a service has no ${key}`);
  }
});

t.test('a condition counts only if the rest of the statement matches', async (t) => {
  const Condition = { StringMatches: { 'aws:x': 'y' } };
  const strange: Statement = { ...allow, Condition };
  t.throws(
    () => evaluate(request(user), { identity: [policy('p', strange)] }),
    new UnknownConditionError('StringMatches'),
  );
  t.equal(reasonOf(request(user, { resource: 'arn:aws:s3:::c/x' }), { identity: [policy('p', strange)] }), implicit);
  const resource = policy('r', { ...strange, Principal: { AWS: roleArn } });
  t.equal(reasonOf(request(user), { resource }), implicit, 'a statement for somebody else');
});

t.test('matches is exported', async (t) => {
  t.equal(matches('arn:aws:s3:::b/*', object), true);
});
