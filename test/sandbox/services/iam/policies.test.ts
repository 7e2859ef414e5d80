import {
  CreatePolicyCommand,
  type CreatePolicyCommandInput,
  DeletePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListEntitiesForPolicyCommand,
  type ListEntitiesForPolicyCommandInput,
  ListPoliciesCommand,
  type ListPoliciesCommandInput,
  ListPolicyTagsCommand,
  TagPolicyCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const PolicyDocument = policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
const saved = 'arn:aws:iam::111122223333:policy/saved/narrowed';
const create = (more: Partial<CreatePolicyCommandInput> = {}) =>
  new CreatePolicyCommand({ PolicyName: 'narrowed', Path: '/saved/', PolicyDocument, ...more });

t.test('a policy is made and read', async (t) => {
  const { iam } = await start(t, { now: () => Date.parse('2026-03-01T12:00:00Z') });
  const Tags = [{ Key: 'managed-by', Value: 'agentkeys-ses-routing' }];
  const made = await iam.send(create({ Description: 'what was taken', Tags }));
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: saved }));
  t.match(Policy?.PolicyId, /^ANPA[A-Z2-7]{17}$/);
  t.strictSame(Policy, {
    PolicyName: 'narrowed',
    PolicyId: Policy?.PolicyId,
    Arn: saved,
    Path: '/saved/',
    DefaultVersionId: 'v1',
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: new Date('2026-03-01T12:00:00Z'),
    UpdateDate: new Date('2026-03-01T12:00:00Z'),
    Description: 'what was taken',
    Tags,
  });
  const { Description: _toldByGetPolicyAlone, ...rest } = { ...Policy };
  t.strictSame(made.Policy, rest);

  const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn: saved, VersionId: 'v1' }));
  t.match(version.PolicyVersion, { VersionId: 'v1', IsDefaultVersion: true, Document: /^%7B%22Version/ });
  t.equal(decodeURIComponent(String(version.PolicyVersion?.Document)), PolicyDocument);
  t.equal(
    await refusal(iam.send(new GetPolicyVersionCommand({ PolicyArn: saved, VersionId: 'v2' }))),
    `404 NoSuchEntityException: Policy ${saved} version v2 does not exist or is not attachable.`,
  );
});

t.test('refuses', async (t) => {
  const { iam } = await start(t);
  await iam.send(create());
  const long = policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${'x'.repeat(6144)}` });
  const cases: Array<[what: string, sent: Promise<string>, expected: string]> = [
    [
      'a name that is taken, on another path too',
      refusal(iam.send(create({ Path: '/' }))),
      '409 EntityAlreadyExistsException: A policy called narrowed already exists. Duplicate names are not allowed.',
    ],
    [
      'a document that is none',
      refusal(iam.send(create({ PolicyName: 'p', PolicyDocument: '{}' }))),
      '400 MalformedPolicyDocumentException: Syntax errors in policy. (MalformedPolicyError: the policy has no Statement)',
    ],
    [
      'a document without a statement',
      refusal(iam.send(create({ PolicyName: 'p', PolicyDocument: policy() }))),
      '400 MalformedPolicyDocumentException: Syntax errors in policy.',
    ],
    [
      'a document that is too long',
      refusal(iam.send(create({ PolicyName: 'p', PolicyDocument: long }))),
      '409 LimitExceededException: Cannot exceed quota for PolicySize: 6144',
    ],
    [
      'a policy that is not there',
      refusal(iam.send(new GetPolicyCommand({ PolicyArn: `${saved}s` }))),
      `404 NoSuchEntityException: Policy ${saved}s was not found.`,
    ],
  ];
  for (const [what, sent, expected] of cases) {
    await t.test(what, async (t) => t.equal(await sent, expected));
  }
  t.equal(await refusal(iam.send(create({ PolicyName: 'AdministratorAccess' }))), 'fine', 'AWS’s names are free');
});

t.test('tags', async (t) => {
  const { iam } = await start(t);
  await iam.send(create());
  t.strictSame((await iam.send(new GetPolicyCommand({ PolicyArn: saved }))).Policy?.Tags, []);
  await iam.send(new TagPolicyCommand({ PolicyArn: saved, Tags: [{ Key: 'b', Value: '2' }] }));
  await iam.send(new TagPolicyCommand({ PolicyArn: saved, Tags: [{ Key: 'a', Value: '1' }] }));
  const { Tags } = await iam.send(new ListPolicyTagsCommand({ PolicyArn: saved }));
  const sorted = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ];
  t.strictSame(Tags, sorted, 'by their keys');
});

t.test('lists', async (t) => {
  const { sandbox, iam } = await start(t);
  const { state } = sandbox;
  for (const PolicyName of ['narrowed', 'other']) await iam.send(create({ PolicyName }));
  await iam.send(create({ PolicyName: 'plain', Path: '/' }));
  addRole(sandbox, 'broker', policy(), { attached: new Set([saved]), boundary: saved });
  addRole(sandbox, 'reader', policy(), { boundary: saved });
  state.iam.users.get('administrator')?.attached.add(saved);

  const lists: Array<[input: ListPoliciesCommandInput, names: string[], truncated?: boolean]> = [
    [{ Scope: 'Local' }, ['narrowed', 'other', 'plain']],
    [{ Scope: 'Local', PathPrefix: '/saved/' }, ['narrowed', 'other']],
    [{ Scope: 'Local', MaxItems: 2 }, ['narrowed', 'other'], true],
    [{ Scope: 'Local', MaxItems: 2, Marker: '2' }, ['plain']],
    [{ Scope: 'AWS' }, ['AdministratorAccess', 'AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess']],
    [{ OnlyAttached: true }, ['AdministratorAccess', 'narrowed']],
    [{ Scope: 'All', PathPrefix: '/saved/' }, ['narrowed', 'other']],
  ];
  for (const [input, names, truncated = false] of lists) {
    await t.test(`ListPolicies ${JSON.stringify(input)}`, async (t) => {
      const { Policies, IsTruncated } = await iam.send(new ListPoliciesCommand(input));
      t.strictSame(
        Policies?.map(({ PolicyName }) => PolicyName),
        names,
      );
      t.equal(IsTruncated, truncated);
    });
  }
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: saved }));
  t.match(Policy, { AttachmentCount: 2, PermissionsBoundaryUsageCount: 2 });

  type Filter = Omit<ListEntitiesForPolicyCommandInput, 'PolicyArn'>;
  const entities: Array<[input: Filter, roles: string[], users: string[]]> = [
    [{}, ['broker', 'reader'], ['administrator']],
    [{ EntityFilter: 'Role' }, ['broker', 'reader'], []],
    [{ EntityFilter: 'User' }, [], ['administrator']],
    [{ PolicyUsageFilter: 'PermissionsPolicy' }, ['broker'], ['administrator']],
    [{ PolicyUsageFilter: 'PermissionsBoundary' }, ['broker', 'reader'], []],
  ];
  for (const [input, roles, users] of entities) {
    await t.test(`ListEntitiesForPolicy ${JSON.stringify(input)}`, async (t) => {
      const found = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: saved, ...input }));
      t.strictSame(found.PolicyRoles?.map(({ RoleName }) => RoleName) ?? [], roles);
      t.strictSame(found.PolicyUsers?.map(({ UserName }) => UserName) ?? [], users);
    });
  }
});

t.test('a policy in use, or AWS’s own, is not deleted', async (t) => {
  const { sandbox, iam } = await start(t);
  await iam.send(create());
  const remove = (PolicyArn: string) => refusal(iam.send(new DeletePolicyCommand({ PolicyArn })));
  const inUse = '409 DeleteConflictException: Cannot delete a policy attached to entities.';
  const role = addRole(sandbox, 'broker', policy(), { attached: new Set([saved]) });
  t.equal(await remove(saved), inUse);
  role.attached.clear();
  role.boundary = saved;
  t.equal(await remove(saved), inUse);
  role.boundary = undefined;
  t.equal(await remove(saved), 'fine');
  t.equal(await remove(saved), `404 NoSuchEntityException: Policy ${saved} was not found.`);
  const own = 'arn:aws:iam::aws:policy/AdministratorAccess';
  t.equal(await remove(own), `403 AccessDenied: Policy ${own} belongs to AWS and cannot be deleted.`);
});

t.test('tags at birth need iam:TagPolicy', async (t) => {
  const { sandbox } = await start(t);
  const own = policy({ Effect: 'Allow', Action: 'iam:CreatePolicy', Resource: saved });
  const { iam } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'worker', own)));
  t.equal(
    await refusal(iam.send(create({ Tags: [{ Key: 'a', Value: '1' }] }))),
    `403 AccessDenied: User: arn:aws:sts::111122223333:assumed-role/worker/session is not authorized to perform: iam:TagPolicy on resource: ${saved} because no identity-based policy allows the iam:TagPolicy action`,
  );
  t.equal(await refusal(iam.send(create())), 'fine');
});
