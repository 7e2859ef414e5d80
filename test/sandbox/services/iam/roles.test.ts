import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  ListRoleTagsCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { addRole, clients, policy, refusal, sessionOf, start, trustAnyone } from '../../support.js';

const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const minimal: CreateRoleCommandInput = { RoleName: 'reader', AssumeRolePolicyDocument: trustAnyone };

t.test('a role is made and read', async (t) => {
  const { iam } = await start(t, { now: () => Date.parse('2026-03-01T12:00:00Z') });
  const made = await iam.send(
    new CreateRoleCommand({
      ...minimal,
      Path: '/mail/',
      Description: 'reads <mail>',
      MaxSessionDuration: 7200,
      PermissionsBoundary: admin,
      Tags: [{ Key: 'managed-by', Value: 'agentkeys-ses-routing' }],
    }),
  );
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'reader' }));
  t.match(Role?.RoleId, /^AROA[A-Z2-7]{17}$/);
  t.strictSame(Role, {
    Path: '/mail/',
    RoleName: 'reader',
    RoleId: Role?.RoleId,
    Arn: 'arn:aws:iam::111122223333:role/mail/reader',
    CreateDate: new Date('2026-03-01T12:00:00Z'),
    AssumeRolePolicyDocument: encodeURIComponent(trustAnyone).replaceAll('*', '%2A'),
    Description: 'reads <mail>',
    MaxSessionDuration: 7200,
    PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: admin },
    Tags: [{ Key: 'managed-by', Value: 'agentkeys-ses-routing' }],
    RoleLastUsed: {},
  });
  const { RoleLastUsed: _toldByGetRoleAlone, ...rest } = { ...Role };
  t.strictSame(made.Role, rest);
});

t.test('a path begins and ends with a slash, and a name is taken whatever the path', async (t) => {
  const { iam } = await start(t);
  for (const Path of ['mail', '/mail', 'mail/', '/ma il/', `/${'a'.repeat(511)}/`])
    t.match(
      await refusal(iam.send(new CreateRoleCommand({ ...minimal, Path }))),
      /^400 ValidationError: The specified value for path is invalid/,
      Path,
    );
  await iam.send(new CreateRoleCommand({ ...minimal, Path: '/a/b/' }));
  t.match(await refusal(iam.send(new CreateRoleCommand(minimal))), '409 EntityAlreadyExists');
});

t.test('a role made again has another id', async (t) => {
  const { iam } = await start(t);
  const first = await iam.send(new CreateRoleCommand(minimal));
  await iam.send(new DeleteRoleCommand({ RoleName: 'reader' }));
  const second = await iam.send(new CreateRoleCommand(minimal));
  t.notOk(second.Role?.Tags);
  t.not(second.Role?.RoleId, first.Role?.RoleId);
});

const tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
const padded = policy({
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'aws:PrincipalTag/x': 'y'.repeat(2048) } },
});
const malformed = (message: string) => `400 MalformedPolicyDocumentException: ${message}`;
const statement = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
const refused: Array<[what: string, input: Partial<CreateRoleCommandInput>, expected: string]> = [
  [
    'a name that is no name',
    { RoleName: 'a b' },
    "400 ValidationError: 1 validation error detected: Value 'a b' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64 and satisfy regular expression pattern: [\\w+=,.@-]+",
  ],
  [
    'a name that is too long',
    { RoleName: 'a'.repeat(65) },
    `400 ValidationError: 1 validation error detected: Value '${'a'.repeat(65)}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64 and satisfy regular expression pattern: [\\w+=,.@-]+`,
  ],
  [
    'a boundary that is not there',
    { PermissionsBoundary: `${admin}s` },
    `404 NoSuchEntityException: Policy ${admin}s does not exist or is not attachable.`,
  ],
  ['too many tags', { Tags: tags }, '409 LimitExceededException: The number of tags has reached the maximum limit.'],
  [
    'a trust policy that is no JSON',
    { AssumeRolePolicyDocument: '{' },
    malformed('Syntax errors in policy. (MalformedPolicyError: the policy is not JSON)'),
  ],
  [
    'one without Principal',
    { AssumeRolePolicyDocument: policy({ ...statement, Principal: undefined }) },
    malformed('Missing required field Principal'),
  ],
  [
    'one with Resource',
    { AssumeRolePolicyDocument: policy({ ...statement, Resource: '*' }) },
    malformed('Has prohibited field Resource'),
  ],
  [
    'one that is not about STS',
    { AssumeRolePolicyDocument: policy({ ...statement, Action: 's3:GetObject' }) },
    malformed('AssumeRole policy may only specify STS AssumeRole actions.'),
  ],
  [
    'one that is too long',
    { AssumeRolePolicyDocument: padded },
    '409 LimitExceededException: Cannot exceed quota for ACLSizePerRole: 2048',
  ],
];
t.test('refuses', async (t) => {
  const { sandbox, iam } = await start(t);
  for (const [what, input, expected] of refused) {
    await t.test(what, async (t) => {
      t.equal(await refusal(iam.send(new CreateRoleCommand({ ...minimal, ...input }))), expected);
      t.equal(sandbox.state.iam.roles.size, 0);
    });
  }
  await t.test('a name that is taken', async (t) => {
    await iam.send(new CreateRoleCommand(minimal));
    t.equal(
      await refusal(iam.send(new CreateRoleCommand(minimal))),
      '409 EntityAlreadyExistsException: Role with name reader already exists.',
    );
  });
  const RoleName = 'nobody';
  const commands = [
    new GetRoleCommand({ RoleName }),
    new DeleteRoleCommand({ RoleName }),
    new UpdateRoleCommand({ RoleName }),
    new TagRoleCommand({ RoleName, Tags: [] }),
  ];
  for (const command of commands) {
    await t.test(`${command.constructor.name} without the role`, async (t) => {
      const sent: Promise<unknown> = iam.send(command as GetRoleCommand);
      t.equal(await refusal(sent), '404 NoSuchEntityException: The role with name nobody cannot be found.');
    });
  }
});

t.test('a role is not deleted while something is in the way', async (t) => {
  const { sandbox, iam } = await start(t);
  const role = addRole(sandbox, 'reader', policy());
  role.attached.add(admin);
  sandbox.state.iam.instanceProfiles.set('p', { name: 'p', id: '', arn: '', created: new Date(0), roles: ['reader'] });
  const remove = () => refusal(iam.send(new DeleteRoleCommand({ RoleName: 'reader' })));
  const conflict = (what: string) => `409 DeleteConflictException: Cannot delete entity, must ${what} first.`;
  t.equal(await remove(), conflict('remove roles from instance profile'));
  sandbox.state.iam.instanceProfiles.clear();
  t.equal(await remove(), conflict('detach all policies'));
  role.attached.clear();
  t.equal(await remove(), conflict('delete policies'));
  role.inline.clear();
  t.equal(await remove(), 'fine');
});

t.test('a role is changed', async (t) => {
  const { sandbox, iam } = await start(t);
  const role = addRole(sandbox, 'reader', policy(), { description: 'before', maxSessionDuration: 7200 });
  const RoleName = 'reader';
  const trust = policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust }));
  t.equal(role.trust, trust);
  await iam.send(new UpdateRoleCommand({ RoleName }));
  t.match(role, { description: 'before', maxSessionDuration: 3600 });
  await iam.send(new UpdateRoleCommand({ RoleName, Description: '', MaxSessionDuration: 43_200 }));
  t.match(role, { description: '', maxSessionDuration: 43_200 });
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: admin }));
  t.equal(role.boundary, admin);
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  t.equal(role.boundary, undefined);
  t.equal(
    await refusal(iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }))),
    '404 NoSuchEntityException: The role reader has no permissions boundary.',
  );
});

t.test('tags are added, replaced, listed in pages, taken away', async (t) => {
  const { sandbox, iam } = await start(t);
  addRole(sandbox, 'reader', policy());
  const RoleName = 'reader';
  const add = (Tags: { Key: string; Value: string }[]) => iam.send(new TagRoleCommand({ RoleName, Tags }));
  await add([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
  await add([{ Key: 'a', Value: '3' }]);
  await add([]);
  t.equal(
    await refusal(add(tags.slice(0, 49))),
    '409 LimitExceededException: The number of tags has reached the maximum limit.',
  );
  await iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['b', 'nobody'] }));
  await iam.send(new UntagRoleCommand({ RoleName, TagKeys: [] }));
  await add([{ Key: 'c', Value: '4' }]);
  const first = await iam.send(new ListRoleTagsCommand({ RoleName, MaxItems: 1 }));
  t.match(first, { Tags: [{ Key: 'a', Value: '3' }], IsTruncated: true });
  const second = await iam.send(new ListRoleTagsCommand({ RoleName, MaxItems: 1, Marker: first.Marker }));
  t.match(second, { Tags: [{ Key: 'c', Value: '4' }], IsTruncated: false, Marker: undefined });
});

t.test('permissions', async (t) => {
  const { sandbox } = await start(t);
  const Resource = 'arn:aws:iam::111122223333:role/new';
  const boundary = { StringEquals: { 'iam:PermissionsBoundary': admin } };
  const tagged = {
    StringEquals: { 'aws:RequestTag/team': 'mail' },
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
  };
  const Tags = [{ Key: 'team', Value: 'mail' }];
  const allow = (Action: string, Condition?: object) => ({ Effect: 'Allow', Action, Resource, Condition });
  const denied = (action: string) =>
    new RegExp(`^403 AccessDenied: .* is not authorized to perform: iam:${action} on resource: ${Resource} `);
  const cases: Array<[what: string, policy: string, input: Partial<CreateRoleCommandInput>, expected: RegExp]> = [
    ['iam:CreateRole', policy(allow('iam:CreateRole')), {}, /fine/],
    ['iam:TagRole for tags', policy(allow('iam:CreateRole')), { Tags }, denied('TagRole')],
    ['both', policy(allow('iam:CreateRole'), allow('iam:TagRole', tagged)), { Tags }, /fine/],
    [
      'only those tags',
      policy(allow('iam:CreateRole', tagged)),
      { Tags: [{ Key: 'team', Value: 'web' }] },
      denied('CreateRole'),
    ],
    ['a boundary that is demanded', policy(allow('iam:CreateRole', boundary)), { PermissionsBoundary: admin }, /fine/],
    ['a boundary that is demanded and missing', policy(allow('iam:CreateRole', boundary)), {}, denied('CreateRole')],
  ];
  for (const [what, own, input, expected] of cases) {
    await t.test(what, async (t) => {
      sandbox.state.iam.roles.delete('new');
      const { iam } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'worker', own)));
      t.match(await refusal(iam.send(new CreateRoleCommand({ ...minimal, ...input, RoleName: 'new' }))), expected);
    });
  }
  await t.test('the permission of a change names the role and the changed policy', async (t) => {
    addRole(sandbox, 'new', policy());
    const own = policy(
      allow('iam:PutRolePermissionsBoundary', boundary),
      allow('iam:UntagRole', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }),
      allow('iam:AttachRolePolicy', { ArnEquals: { 'iam:PolicyARN': admin } }),
      allow('iam:PutRolePolicy'),
    );
    const { iam } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'worker', own)));
    const RoleName = 'new';
    const other = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
    const outcomes = [
      await refusal(iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: admin }))),
      await refusal(iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: other }))),
      await refusal(iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['team'] }))),
      await refusal(iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['owner'] }))),
      await refusal(iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: admin }))),
      await refusal(iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: other }))),
      await refusal(
        iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) })),
      ),
      await refusal(iam.send(new DeleteRoleCommand({ RoleName }))),
    ];
    const refused = (action: string) => denied(action);
    t.match(outcomes, [
      'fine',
      refused('PutRolePermissionsBoundary'),
      'fine',
      refused('UntagRole'),
      'fine',
      refused('AttachRolePolicy'),
      'fine',
      refused('DeleteRole'),
    ]);
  });
});
