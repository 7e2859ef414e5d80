import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const deny = policy({ Effect: 'Deny', Action: '*', Resource: '*' });
const allowAssume = policy({ Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: '*' });

const trust = (Principal: object, Action: string | string[] = 'sts:AssumeRole', Condition?: object) =>
  policy({ Effect: 'Allow', Principal, Action, Condition });

t.test('AssumeRole gives credentials that work until they expire', async (t) => {
  let now = Date.parse('2026-03-01T12:00:00Z');
  const { sandbox, sts } = await start(t, { now: () => now });
  const role = addRole(sandbox, 'reader', deny, { trust: trust({ AWS: '111122223333' }), maxSessionDuration: 7200 });
  const { Credentials, AssumedRoleUser, PackedPolicySize } = await sts.send(
    new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'mail', DurationSeconds: 1800 }),
  );
  t.strictSame(AssumedRoleUser, {
    AssumedRoleId: `${role.id}:mail`,
    Arn: 'arn:aws:sts::111122223333:assumed-role/reader/mail',
  });
  t.equal(PackedPolicySize, undefined, 'there is neither a session policy nor a tag');
  t.strictSame(Credentials?.Expiration, new Date('2026-03-01T12:30:00Z'));
  t.match(Credentials?.AccessKeyId, /^ASIA[A-Z2-7]{16}$/);
  const session = clients(sandbox, {
    accessKeyId: String(Credentials?.AccessKeyId),
    secretAccessKey: String(Credentials?.SecretAccessKey),
    sessionToken: String(Credentials?.SessionToken),
  });
  const whoAmI = () => refusal(session.sts.send(new GetCallerIdentityCommand({})));
  t.equal(await whoAmI(), 'fine');
  now += 1_800_000;
  t.equal(await whoAmI(), '403 ExpiredToken: The security token included in the request is expired');
});

const me = 'arn:aws:iam::111122223333:role/caller';

const notAuthorized = (action: string) =>
  `403 AccessDenied: User: arn:aws:sts::111122223333:assumed-role/caller/session is not authorized to perform: ${action} on resource: arn:aws:iam::111122223333:role/target`;

const cases: Array<
  [what: string, trust: string, own: string, input: Partial<AssumeRoleCommandInput>, expected: string]
> = [
  [
    'the trust policy names another',
    trust({ AWS: 'arn:aws:iam::111122223333:role/other' }),
    allowAssume,
    {},
    notAuthorized('sts:AssumeRole'),
  ],
  ['the trust policy names the caller', trust({ AWS: me }), policy(), {}, 'fine'],
  ['the trust policy names the account, and the caller may', trust({ AWS: '111122223333' }), allowAssume, {}, 'fine'],
  [
    'the trust policy names the account, and the caller may not',
    trust({ AWS: '111122223333' }),
    policy(),
    {},
    notAuthorized('sts:AssumeRole'),
  ],
  [
    'the caller is denied',
    trust({ AWS: me }),
    deny,
    {},
    `${notAuthorized('sts:AssumeRole')} with an explicit deny in an identity-based policy`,
  ],
  [
    'tags need sts:TagSession',
    trust({ AWS: me }),
    policy(),
    { Tags: [{ Key: 'a', Value: 'b' }] },
    notAuthorized('sts:TagSession'),
  ],
  [
    'tags with sts:TagSession',
    trust({ AWS: me }, ['sts:AssumeRole', 'sts:TagSession']),
    policy(),
    { Tags: [{ Key: 'a', Value: 'b' }] },
    'fine',
  ],
  [
    'the external id is right',
    trust({ AWS: me }, 'sts:AssumeRole', { StringEquals: { 'sts:ExternalId': 'x' } }),
    policy(),
    { ExternalId: 'x' },
    'fine',
  ],
  [
    'the external id is missing',
    trust({ AWS: me }, 'sts:AssumeRole', { StringEquals: { 'sts:ExternalId': 'x' } }),
    policy(),
    {},
    notAuthorized('sts:AssumeRole'),
  ],
  [
    'the session is too long',
    trust({ AWS: me }),
    policy(),
    { DurationSeconds: 3601 },
    '400 ValidationError: The requested DurationSeconds must be at least 900 and not exceed the MaxSessionDuration set for this role, 3600.',
  ],
  [
    'the session is too short',
    trust({ AWS: me }),
    policy(),
    { DurationSeconds: 899 },
    '400 ValidationError: The requested DurationSeconds must be at least 900 and not exceed the MaxSessionDuration set for this role, 3600.',
  ],
  [
    'the session policy is malformed',
    trust({ AWS: me }),
    policy(),
    { Policy: '{}' },
    '400 MalformedPolicyDocumentException: Syntax errors in policy. (MalformedPolicyError: the policy has no Statement)',
  ],
  [
    'the session policy has an incomplete ARN',
    trust({ AWS: me }),
    policy(),
    { Policy: policy({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3' }) },
    '400 MalformedPolicyDocumentException: Incomplete ARN: arn:aws:s3',
  ],
];

t.test('AssumeRole asks the trust policy and the caller’s own', async (t) => {
  const { sandbox } = await start(t);
  for (const [what, trusted, own, input, expected] of cases) {
    await t.test(what, async (t) => {
      const { arn } = addRole(sandbox, 'target', deny, { trust: trusted });
      const { sts } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'caller', own)));
      const command = new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'mail', ...input });
      t.equal(await refusal(sts.send(command)), expected);
    });
  }
  await t.test('a missing role', async (t) => {
    const { sts } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'caller', allowAssume)));
    const RoleArn = 'arn:aws:iam::111122223333:role/nobody';
    const message = await refusal(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'mail' })));
    t.equal(message, notAuthorized('sts:AssumeRole').replace('target', 'nobody'));
  });
});

t.test('a session policy narrows the session', async (t) => {
  const { sandbox, sts } = await start(t);
  const role = addRole(sandbox, 'wide', policy({ Effect: 'Allow', Action: '*', Resource: '*' }));
  const Policy = policy({ Effect: 'Allow', Action: 'iam:GetRole', Resource: '*' });
  await sts.send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'mail', Policy }));
  t.equal([...sandbox.state.iam.accessKeys.values()].at(-1)?.sessionPolicy, Policy);
});
