import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { addRole, policy, refusal, start } from '../../support.js';

const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::mail/inbound/*' };
const full = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const read = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';

t.test('a role’s inline policies', async (t) => {
  const { sandbox, iam } = await start(t);
  addRole(sandbox, 'reader', policy(), { inline: new Map() });
  const RoleName = 'reader';
  const get = (PolicyName: string) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
  const list = async () => (await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames;
  const PolicyDocument = policy({ ...statement, Resource: "arn:aws:s3:::mail/(it's)*!" });

  for (const PolicyName of ['b', 'a'])
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  t.strictSame(await list(), ['a', 'b']);
  const found = await get('a');
  t.match(found, { RoleName, PolicyName: 'a' });
  t.match(found.PolicyDocument, /mail%2F%28it%27s%29%2A%21/);
  t.equal(decodeURIComponent(String(found.PolicyDocument)), PolicyDocument);

  const remove = () => refusal(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'a' })));
  t.equal(await remove(), 'fine');
  t.equal(await remove(), '404 NoSuchEntityException: The role policy with name a cannot be found.');
  t.equal(await refusal(get('a')), '404 NoSuchEntityException: The role policy with name a cannot be found.');
  t.strictSame(await list(), ['b']);
});

const malformed = (message: string) => `400 MalformedPolicyDocumentException: ${message}`;
const syntax = (message: string) => malformed(`Syntax errors in policy. (MalformedPolicyError: ${message})`);
const documents: Array<[what: string, document: string, expected: string]> = [
  ['no JSON', 'x', syntax('the policy is not JSON')],
  ['no Effect', policy({ ...statement, Effect: undefined }), syntax('statement 1: Effect must be "Allow" or "Deny"')],
  [
    'no Action',
    policy(statement, { ...statement, Action: undefined }),
    syntax('statement 2 must have either Action or NotAction'),
  ],
  ['no Resource', policy({ ...statement, Resource: undefined }), malformed('Policy statement must contain resources.')],
  [
    'a Principal',
    policy({ ...statement, Principal: '*' }),
    malformed('Policy document should not specify a principal.'),
  ],
  [
    'a resource that is no ARN',
    policy({ ...statement, Resource: 'mail' }),
    malformed('Resource must be in ARN format or "*".'),
  ],
  [
    'an action without a service',
    policy({ ...statement, Action: 'GetObject' }),
    malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'),
  ],
  ['NotAction and NotResource', policy({ Effect: 'Deny', NotAction: 's3:*', NotResource: '*' }), 'fine'],
];
t.test('documents', async (t) => {
  const { sandbox, iam } = await start(t);
  addRole(sandbox, 'reader', policy());
  for (const [what, PolicyDocument, expected] of documents) {
    await t.test(what, async (t) => {
      const command = new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p', PolicyDocument });
      t.equal(await refusal(iam.send(command)), expected);
    });
  }
});

t.test('all inline policies of a role share 10,240 bytes, white space not counted', async (t) => {
  const { sandbox, iam } = await start(t);
  addRole(sandbox, 'reader', policy(), { inline: new Map() });
  const put = (PolicyName: string, length: number, indent?: number) => {
    const document = {
      Version: '2012-10-17',
      Statement: [{ ...statement, Resource: `arn:aws:s3:::${'x'.repeat(length)}` }],
    };
    const PolicyDocument = JSON.stringify(document, null, indent);
    return refusal(iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName, PolicyDocument })));
  };
  const bare = policy({ ...statement, Resource: 'arn:aws:s3:::' }).length;
  t.equal(await put('a', 5120 - bare), 'fine');
  t.equal(await put('b', 5120 - bare, 8), 'fine');
  t.equal(
    await put('b', 5121 - bare),
    '409 LimitExceededException: Maximum policy size of 10240 bytes exceeded for role reader',
  );
  t.equal(await put('b', 5119 - bare), 'fine');
});

t.test('a role’s attached policies', async (t) => {
  const { sandbox, iam } = await start(t);
  const { attached } = addRole(sandbox, 'reader', policy());
  const RoleName = 'reader';
  const attach = (PolicyArn: string) => refusal(iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })));
  const detach = (PolicyArn: string) => refusal(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
  t.equal(await attach(read), 'fine');
  t.equal(await attach(full), 'fine');
  t.equal(await attach(full), 'fine');
  t.equal(await attach(`${full}s`), `404 NoSuchEntityException: Policy ${full}s does not exist or is not attachable.`);
  const list = async () => (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies;
  t.strictSame(await list(), [
    { PolicyName: 'AmazonS3FullAccess', PolicyArn: full },
    { PolicyName: 'AmazonS3ReadOnlyAccess', PolicyArn: read },
  ]);
  t.equal(await detach(full), 'fine');
  t.equal(await detach(full), `404 NoSuchEntityException: Policy ${full} was not found.`);
  for (const index of Array(9).keys()) attached.add(`arn:aws:iam::111122223333:policy/p${index}`);
  t.equal(await attach(full), '409 LimitExceededException: Cannot exceed quota for PoliciesPerRole: 10');
});

t.test('a user’s policies', async (t) => {
  const { sandbox, iam } = await start(t);
  const user = sandbox.state.iam.users.get('administrator');
  const UserName = 'administrator';
  const PolicyDocument = policy(statement);
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: read }));
  t.strictSame([...(user?.inline ?? [])], [['p', PolicyDocument]]);
  t.ok(user?.attached.has(read));
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'p' }));
  await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: read }));
  t.equal(user?.inline.size, 0);
  t.notOk(user?.attached.has(read));
  t.equal(
    await refusal(iam.send(new DeleteUserPolicyCommand({ UserName: 'nobody', PolicyName: 'p' }))),
    '404 NoSuchEntityException: The user with name nobody cannot be found.',
  );
});
