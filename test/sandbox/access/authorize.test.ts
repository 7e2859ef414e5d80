import { CreateRoleCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { authorize, decide } from '../../../src/sandbox/access/authorize.js';
import { createAccessKey, createSession, serviceCaller } from '../../../src/sandbox/access/callers.js';
import type { Role } from '../../../src/sandbox/account/state.js';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start, trustAnyone } from '../support.js';

const allow = (Action: string, Resource = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});
const deny = (Action: string, Resource = '*', Condition?: object) => ({ Effect: 'Deny', Action, Resource, Condition });
const limits = 'arn:aws:iam::111122223333:policy/limits';
const user =
  'User: arn:aws:sts::111122223333:assumed-role/worker/session is not authorized to perform: iam:GetRole on resource: arn:aws:iam::111122223333:role/target';

t.test('a role’s session is allowed what its policies allow', async (t) => {
  const { sandbox } = await start(t);
  addRole(sandbox, 'target', policy());
  sandbox.state.iam.policies.set(limits, {
    name: 'limits',
    id: 'ANPA',
    arn: limits,
    created: new Date(0),
    versions: new Map([
      ['v1', policy(allow('s3:*'))],
      ['v2', policy(allow('iam:Get*'))],
    ]),
    defaultVersion: 'v2',
    tags: new Map(),
  });
  sandbox.state.iam.policies.set(`${limits}-s3`, {
    name: 'limits-s3',
    id: 'ANPB',
    arn: `${limits}-s3`,
    created: new Date(0),
    versions: new Map([['v1', policy(allow('s3:*'))]]),
    defaultVersion: 'v1',
    tags: new Map(),
  });

  const cases: Array<[what: string, inline: string, more: Partial<Role>, session: object, expected: string]> = [
    ['an inline policy allows', policy(allow('iam:GetRole')), {}, {}, 'fine'],
    ['an attached policy’s version in force allows', policy(), { attached: new Set([limits]) }, {}, 'fine'],
    [
      'an attached policy that is gone allows nothing',
      policy(),
      { attached: new Set([`${limits}-gone`]) },
      {},
      `403 AccessDenied: ${user} because no identity-based policy allows the iam:GetRole action`,
    ],
    [
      'nothing allows',
      policy(),
      {},
      {},
      `403 AccessDenied: ${user} because no identity-based policy allows the iam:GetRole action`,
    ],
    [
      'an explicit deny',
      policy(allow('*'), deny('iam:*')),
      {},
      {},
      `403 AccessDenied: ${user} with an explicit deny in an identity-based policy`,
    ],
    ['within the permissions boundary', policy(allow('*')), { boundary: limits }, {}, 'fine'],
    [
      'outside the permissions boundary',
      policy(allow('*')),
      { boundary: `${limits}-s3` },
      {},
      `403 AccessDenied: ${user} because no permissions boundary allows the iam:GetRole action`,
    ],
    ['within the session policy', policy(allow('*')), {}, { sessionPolicy: policy(allow('iam:*')) }, 'fine'],
    [
      'outside the session policy',
      policy(allow('*')),
      {},
      { sessionPolicy: policy(allow('s3:*')) },
      `403 AccessDenied: ${user} because no session policy allows the iam:GetRole action`,
    ],
    [
      'denied by the session policy',
      policy(allow('*')),
      {},
      { sessionPolicy: policy(allow('*'), deny('iam:GetRole')) },
      `403 AccessDenied: ${user} with an explicit deny in a session policy`,
    ],
    [
      'a condition on the role’s tag',
      policy(allow('iam:GetRole', '*', { StringEquals: { 'aws:PrincipalTag/team': 'mail' } })),
      { tags: new Map([['team', 'mail']]) },
      {},
      'fine',
    ],
    [
      'a session tag takes the place of the role’s',
      policy(allow('iam:GetRole', '*', { StringEquals: { 'aws:PrincipalTag/team': 'mail' } })),
      { tags: new Map([['team', 'mail']]) },
      { tags: { team: 'web' } },
      `403 AccessDenied: ${user} because no identity-based policy allows the iam:GetRole action`,
    ],
    [
      'global condition keys',
      policy(
        allow('iam:GetRole', '*', {
          ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/worker' },
          StringEquals: {
            'aws:PrincipalAccount': '111122223333',
            'aws:RequestedRegion': 'us-east-1',
            'aws:ResourceAccount': '111122223333',
          },
          StringLike: { 'aws:userid': 'AROA*:session' },
          IpAddress: { 'aws:SourceIp': '127.0.0.1/32' },
          Bool: { 'aws:SecureTransport': 'true' },
          DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' },
          NumericGreaterThan: { 'aws:EpochTime': '1577836800' },
          Null: { 'aws:username': 'true' },
        }),
      ),
      {},
      {},
      'fine',
    ],
    [
      'a condition operator nobody knows is no guess',
      policy(allow('iam:GetRole', '*', { StringResembles: { 'aws:userid': 'x' } })),
      {},
      {},
      '500 InternalFailure: The embedded AWS failed: UnknownConditionError: the condition operator "StringResembles" is not supported, so AWS\'s decision can\'t be predicted',
    ],
  ];
  for (const [what, inline, more, session, expected] of cases) {
    await t.test(what, async (t) => {
      const worker = addRole(sandbox, 'worker', inline, more);
      const { iam } = clients(sandbox, sessionOf(sandbox, worker, session));
      t.equal(await refusal(iam.send(new GetRoleCommand({ RoleName: 'target' }))), expected);
    });
  }
});

t.test('a user is allowed what its policies allow', async (t) => {
  const { sandbox } = await start(t);
  const inline = policy(
    allow('iam:GetRole', '*', { StringEquals: { 'aws:username': 'ann', 'aws:PrincipalTag/team': 'mail' } }),
  );
  const arn = 'arn:aws:iam::111122223333:user/ann';
  sandbox.state.iam.users.set('ann', {
    name: 'ann',
    id: 'AIDAANN',
    arn,
    created: new Date(0),
    inline: new Map([['own', inline]]),
    attached: new Set(),
    tags: new Map([['team', 'mail']]),
  });
  addRole(sandbox, 'target', policy());
  const key = createAccessKey(sandbox.state, 'ann');
  const { iam } = clients(sandbox, { accessKeyId: key.id, secretAccessKey: key.secret });
  t.equal(await refusal(iam.send(new GetRoleCommand({ RoleName: 'target' }))), 'fine');
  const create = new CreateRoleCommand({ RoleName: 'new', AssumeRolePolicyDocument: trustAnyone });
  t.equal(
    await refusal(iam.send(create)),
    `403 AccessDenied: User: ${arn} is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/new because no identity-based policy allows the iam:CreateRole action`,
  );
  t.notOk(sandbox.state.iam.roles.has('new'));

  sandbox.state.iam.users.delete('ann');
  t.match(
    await refusal(iam.send(new GetRoleCommand({ RoleName: 'target' }))),
    /^403 AccessDenied: .*because no identity-based policy/,
  );
});

t.test('sessions of a role that was deleted and made again have lost its policies', async (t) => {
  const { sandbox } = await start(t);
  const first = addRole(sandbox, 'worker', policy(allow('*')), { tags: new Map([['team', 'mail']]) });
  const { iam } = clients(sandbox, sessionOf(sandbox, first));
  const get = () => refusal(iam.send(new GetRoleCommand({ RoleName: 'worker' })));
  t.equal(await get(), 'fine');
  addRole(sandbox, 'worker', policy(allow('*')));
  t.match(
    await get(),
    /^403 AccessDenied: User: arn:aws:sts::111122223333:assumed-role\/worker\/session is not authorized/,
  );
});

const wallets = { mine: `0x${'1'.repeat(40)}`, other: `0x${'2'.repeat(40)}` };
const bucket = 'arn:aws:s3:::mail';
const ownPrefix = `bots/${'$'}{aws:PrincipalTag/agentkeys_user_wallet}/*`;
const bucketPolicy = policy(
  {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:role/data' },
    Action: 's3:GetObject',
    Resource: `${bucket}/${ownPrefix}`,
  },
  {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:role/data' },
    Action: 's3:ListBucket',
    Resource: bucket,
    Condition: { StringLike: { 's3:prefix': ownPrefix } },
  },
  {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucket, `${bucket}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
  { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `${bucket}/bots/*/closed` },
);

t.test('a wallet’s session reads only its own prefix', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, 'mail', { policy: bucketPolicy });
  const keys = Object.values(wallets).map((wallet) => `bots/${wallet}/inbound/1`);
  for (const Key of [...keys, 'inbound/1']) await s3.send(new PutObjectCommand({ Bucket: 'mail', Key, Body: 'x' }));

  const role = addRole(sandbox, 'data', policy());
  const session = clients(sandbox, sessionOf(sandbox, role, { tags: { agentkeys_user_wallet: wallets.mine } }));
  const untagged = clients(sandbox, sessionOf(sandbox, role));
  const get = (from: typeof session, Key: string) =>
    refusal(from.s3.send(new GetObjectCommand({ Bucket: 'mail', Key })));
  const list = (Prefix?: string) => refusal(session.s3.send(new ListObjectsV2Command({ Bucket: 'mail', Prefix })));
  const denied = (action: string, resource: string) =>
    `403 AccessDenied: User: arn:aws:sts::111122223333:assumed-role/data/session is not authorized to perform: ${action} on resource: "${resource}" because no identity-based policy allows the ${action} action`;

  const mine = `bots/${wallets.mine}/inbound/1`;
  const others = `bots/${wallets.other}/inbound/1`;
  t.equal(await get(session, mine), 'fine');
  t.equal(await get(session, others), denied('s3:GetObject', `${bucket}/${others}`));
  t.equal(await get(session, 'inbound/1'), denied('s3:GetObject', `${bucket}/inbound/1`));
  t.equal(await get(untagged, mine), denied('s3:GetObject', `${bucket}/${mine}`));
  t.equal(await list(`bots/${wallets.mine}/inbound/`), 'fine');
  t.equal(await list(`bots/${wallets.other}/inbound/`), denied('s3:ListBucket', bucket));
  t.equal(await list(), denied('s3:ListBucket', bucket));
  t.equal(
    await refusal(s3.send(new PutObjectCommand({ Bucket: 'mail', Key: 'bots/x/closed', Body: 'x' }))),
    `403 AccessDenied: User: arn:aws:iam::111122223333:user/administrator is not authorized to perform: s3:PutObject on resource: "${bucket}/bots/x/closed" with an explicit deny in a resource-based policy`,
  );
});

t.test('an anonymous caller has the bucket policy alone', async (t) => {
  const { sandbox } = await start(t);
  const open = policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${bucket}/public/*` });
  const { objects } = addBucket(sandbox, 'mail', { policy: open });
  const object = {
    body: Buffer.from('x'),
    etag: '"e"',
    modified: new Date(0),
    contentType: 'text/plain',
    metadata: {},
    tags: new Map(),
  };
  for (const key of ['public/1', 'inbound/1']) objects.set(key, object);
  const get = async (path: string) => {
    const answer = await fetch(`${sandbox.endpoint}/${path}`);
    return `${answer.status} ${/<Message>.*<\/Message>/.exec(await answer.text())?.[0] ?? ''}`;
  };
  t.equal(await get('mail/public/1'), '200 ');
  t.equal(await get('mail/inbound/1'), '403 <Message>Access Denied</Message>');
  t.equal(sandbox.calls.at(-1)?.caller, 'anonymous');
});

t.test('a service asks with the resource’s policy alone', async (t) => {
  const { sandbox } = await start(t);
  const { state } = sandbox;
  addBucket(sandbox, 'mail', {
    policy: policy({
      Effect: 'Allow',
      Principal: { Service: 'ses.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `${bucket}/inbound/*`,
      Condition: { StringEquals: { 'AWS:SourceAccount': '111122223333' } },
    }),
  });
  const put = (account: string) => ({
    action: 's3:PutObject',
    resource: `${bucket}/inbound/1`,
    context: { 'aws:SourceAccount': account },
  });
  const ses = serviceCaller('ses.amazonaws.com');
  t.ok(decide(state, ses, put('111122223333')).allowed);
  t.notOk(decide(state, ses, put('444455556666')).allowed);
  t.notOk(decide(state, serviceCaller('sns.amazonaws.com'), put('111122223333')).allowed);

  const trust = policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
  const { arn } = addRole(sandbox, 'execution', policy(), { trust });
  const assume = { action: 'sts:AssumeRole', resource: arn };
  t.ok(decide(state, serviceCaller('lambda.amazonaws.com'), assume).allowed);
  t.notOk(decide(state, ses, assume).allowed);
});

t.test('denials of the other services', async (t) => {
  const { sandbox } = await start(t);
  const { state } = sandbox;
  const caller = serviceCaller('ses.amazonaws.com');
  const cases = [
    ['lambda', 'lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:111122223333:function:f', 403],
    ['events', 'events:PutRule', 'arn:aws:events:us-east-1:111122223333:rule/r', 400],
    ['logs', 'logs:CreateLogGroup', 'arn:aws:logs:us-east-1:111122223333:log-group:g', 400],
  ] as const;
  for (const [service, action, resource, status] of cases) {
    t.throws(() => authorize(state, caller, service, [{ action, resource }], '127.0.0.1'), {
      code: 'AccessDeniedException',
      status,
      message: `User: ses.amazonaws.com is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    });
  }
  t.doesNotThrow(() => authorize(state, caller, 'logs', [], '127.0.0.1'));
});

t.test('a function’s policy lets others invoke it', async (t) => {
  const { sandbox } = await start(t);
  const { state } = sandbox;
  const arn = 'arn:aws:lambda:us-east-1:111122223333:function:f';
  state.lambda.functions.set('f', {
    name: 'f',
    arn,
    roleArn: 'arn:aws:iam::111122223333:role/execution',
    boundRoleId: 'AROA',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    architectures: ['arm64'],
    description: '',
    memory: 128,
    timeout: 3,
    connected: {},
    environment: {},
    zip: Buffer.from(''),
    codeSha256: '',
    revisionId: '',
    modified: new Date(0),
    state: 'Active',
    lastUpdate: 'Successful',
    settlesAt: 0,
    policy: [
      {
        Sid: 's',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: arn,
      },
    ],
    tags: new Map(),
  });
  const invoke = { action: 'lambda:InvokeFunction', resource: arn };
  t.ok(decide(state, serviceCaller('events.amazonaws.com'), invoke).allowed);
  t.notOk(decide(state, serviceCaller('s3.amazonaws.com'), invoke).allowed);
});

t.test('a session lasts an hour by default', async (t) => {
  const { sandbox } = await start(t, { now: () => 0 });
  const key = createSession(sandbox.state, addRole(sandbox, 'r', policy()), { session: 's' });
  t.strictSame(key.expires, new Date(3_600_000));
});
