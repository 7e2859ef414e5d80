import { SimulatePrincipalPolicyCommand, type SimulatePrincipalPolicyCommandInput } from '@aws-sdk/client-iam';
import t, { type Test } from 'tap';
import { addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const full = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const readOnly = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const inbound = 'arn:aws:s3:::mail/inbound/1';
const routed = 'arn:aws:s3:::mail/bots/0x1/inbound/1';
const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::mail/*' };
const deny = { Effect: 'Deny', Action: 's3:GetObject*', Resource: 'arn:aws:s3:::mail/bots/*' };
const list = {
  Effect: 'Allow',
  Action: 's3:ListBucket',
  Resource: 'arn:aws:s3:::mail',
  Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
};

type Input = Omit<SimulatePrincipalPolicyCommandInput, 'PolicySourceArn'> & { PolicySourceArn?: string };

/** An account with a role, `reader`, and the simulation of what it may do. */
async function simulator(t: Test, inline: string, more: Parameters<typeof addRole>[3] = {}) {
  const { sandbox, iam } = await start(t);
  addRole(sandbox, 'reader', inline, more);
  const simulate = async (input: Input) => {
    const command = new SimulatePrincipalPolicyCommand({ PolicySourceArn: role('reader'), ...input });
    const { EvaluationResults = [], IsTruncated, Marker } = await iam.send(command);
    return { results: EvaluationResults, IsTruncated, Marker };
  };
  return { sandbox, simulate };
}

const statement = (SourcePolicyId: string) => ({ SourcePolicyId, SourcePolicyType: 'IAM Policy' });

t.test('of an action on everything', async (t) => {
  const { simulate } = await simulator(t, policy(allow), { attached: new Set([readOnly]) });
  const { results, IsTruncated } = await simulate({ ActionNames: ['s3:GetObject', 's3:PutObject'] });
  t.strictSame(results, [
    {
      EvalActionName: 's3:GetObject',
      EvalResourceName: '*',
      EvalDecision: 'allowed',
      MatchedStatements: [statement('AmazonS3ReadOnlyAccess')],
      MissingContextValues: [],
    },
    {
      EvalActionName: 's3:PutObject',
      EvalResourceName: '*',
      EvalDecision: 'implicitDeny',
      MatchedStatements: [],
      MissingContextValues: [],
    },
  ]);
  t.equal(IsTruncated, false);
});

t.test('an action on several resources: a result for each, and the strictest for all', async (t) => {
  const { simulate } = await simulator(t, policy(allow, deny), { attached: new Set([full]) });
  const { results } = await simulate({ ActionNames: ['s3:GetObject'], ResourceArns: [inbound, routed] });
  const own = statement('role_reader_inline');
  t.strictSame(results, [
    {
      EvalActionName: 's3:GetObject',
      EvalResourceName: 'arn:aws:s3:::${BucketName}/${KeyName}',
      EvalDecision: 'explicitDeny',
      MatchedStatements: [own],
      MissingContextValues: [],
      EvalDecisionDetails: {},
      ResourceSpecificResults: [
        {
          EvalResourceName: inbound,
          EvalResourceDecision: 'allowed',
          MatchedStatements: [own, statement('AmazonS3FullAccess')],
          MissingContextValues: [],
        },
        {
          EvalResourceName: routed,
          EvalResourceDecision: 'explicitDeny',
          MatchedStatements: [own],
          MissingContextValues: [],
        },
      ],
    },
  ]);

  const both = await simulate({ ActionNames: ['s3:GetObject'], ResourceArns: [inbound, `${inbound}2`] });
  t.match(both.results, [{ EvalDecision: 'allowed', MatchedStatements: { length: 2 } }], 'a statement counts once');
  const bucket = await simulate({ ActionNames: ['s3:ListBucket'], ResourceArns: ['arn:aws:s3:::mail'] });
  t.match(bucket.results, [{ EvalResourceName: 'arn:aws:s3:::${BucketName}', EvalDecision: 'allowed' }]);
  const logs = await simulate({ ActionNames: ['logs:PutLogEvents'], ResourceArns: ['arn:aws:logs:us-east-1:1:x'] });
  t.match(logs.results, [{ EvalResourceName: '*', EvalDecision: 'implicitDeny', ResourceSpecificResults: [{}] }]);
});

t.test('only the given context keys are used', async (t) => {
  const wallet = { ...allow, Resource: `arn:aws:s3:::mail/bots/\${aws:PrincipalTag/wallet}/*` };
  const known = {
    Effect: 'Allow',
    Action: 's3:PutObject',
    NotResource: 'arn:aws:s3:::other/*',
    Condition: { StringLike: { 'aws:PrincipalArn': '*' }, StringEquals: { 'aws:ResourceAccount': '111122223333' } },
  };
  const { simulate } = await simulator(t, policy(list, wallet, known));
  const put = { ActionNames: ['s3:PutObject'], ResourceArns: [inbound] };
  const missing = ['s3:prefix', 'aws:PrincipalTag/wallet', 'aws:PrincipalArn', 'aws:ResourceAccount'];
  t.match((await simulate(put)).results, [
    {
      EvalDecision: 'implicitDeny',
      MissingContextValues: missing,
      ResourceSpecificResults: [{ MissingContextValues: missing }],
    },
  ]);
  const entry = (ContextKeyName: string, ...ContextKeyValues: string[]) => ({
    ContextKeyName,
    ContextKeyValues,
    ContextKeyType: 'string' as const,
  });
  const ContextEntries = [entry('AWS:PrincipalArn', role('reader')), entry('aws:ResourceAccount', '111122223333')];
  t.match((await simulate({ ...put, ContextEntries })).results, [
    { EvalDecision: 'allowed', MissingContextValues: ['s3:prefix', 'aws:PrincipalTag/wallet'] },
  ]);

  const decide = async (action: string, resource: string, ...ContextEntries: ReturnType<typeof entry>[]) => {
    const { results } = await simulate({ ActionNames: [action], ResourceArns: [resource], ContextEntries });
    return results[0]?.EvalDecision;
  };
  t.equal(await decide('s3:ListBucket', 'arn:aws:s3:::mail', entry('s3:prefix', 'inbound/x')), 'allowed');
  t.equal(await decide('s3:ListBucket', 'arn:aws:s3:::mail', entry('s3:prefix', 'bots/x')), 'implicitDeny');
  t.equal(
    await decide('s3:ListBucket', 'arn:aws:s3:::mail', entry('s3:prefix')),
    'implicitDeny',
    'a key, but no value',
  );
  t.equal(await decide('s3:GetObject', routed, entry('aws:PrincipalTag/wallet', '0x1')), 'allowed');
  t.equal(await decide('s3:GetObject', routed, entry('aws:PrincipalTag/wallet', '0x2')), 'implicitDeny');
});

t.test('a document of an older Version has no variables to be missing', async (t) => {
  const old = JSON.stringify({
    Version: '2008-10-17',
    Statement: [{ ...allow, Resource: `arn:aws:s3:::mail/\${aws:username}` }],
  });
  const { simulate } = await simulator(t, old);
  t.match((await simulate({ ActionNames: ['s3:GetObject'] })).results, [{ MissingContextValues: [] }]);
});

t.test('the permissions boundary', async (t) => {
  const { simulate } = await simulator(t, policy({ ...allow, Action: 's3:*' }), { boundary: readOnly });
  const { results } = await simulate({ ActionNames: ['s3:GetObject', 's3:PutObject'], ResourceArns: [inbound] });
  t.match(results, [
    {
      EvalDecision: 'allowed',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true },
      ResourceSpecificResults: [{ PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true } }],
    },
    {
      EvalDecision: 'implicitDeny',
      MatchedStatements: [],
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
      ResourceSpecificResults: [{ PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } }],
    },
  ]);
});

t.test('in pages', async (t) => {
  const { simulate } = await simulator(t, policy(allow));
  const ActionNames = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
  const first = await simulate({ ActionNames, MaxItems: 2 });
  t.match(first, {
    results: [{ EvalActionName: 's3:GetObject' }, { EvalActionName: 's3:PutObject' }],
    IsTruncated: true,
  });
  const second = await simulate({ ActionNames, MaxItems: 2, Marker: first.Marker });
  t.match(second, { results: [{ EvalActionName: 's3:DeleteObject' }], IsTruncated: false, Marker: undefined });
});

t.test('of a user', async (t) => {
  const { simulate } = await simulator(t, policy());
  const PolicySourceArn = 'arn:aws:iam::111122223333:user/administrator';
  t.match((await simulate({ PolicySourceArn, ActionNames: ['iam:CreateRole'] })).results, [
    { EvalDecision: 'allowed', MatchedStatements: [statement('AdministratorAccess')] },
  ]);
});

t.test('refusals', async (t) => {
  const { simulate, sandbox } = await simulator(t, policy(allow));
  const ActionNames = ['s3:GetObject'];
  addRole(sandbox, 'odd', policy({ ...allow, Condition: { StringAlike: { 'aws:username': 'x' } } }));
  const unclear = (arn: string) =>
    `400 InvalidInputException: Invalid Entity Arn: ${arn} does not clearly define entity type and name.`;
  const session = 'arn:aws:sts::111122223333:assumed-role/reader/session';
  const cases: Array<[what: string, input: Input, expected: string]> = [
    [
      'no such role',
      { ActionNames, PolicySourceArn: role('nobody') },
      '404 NoSuchEntityException: The role with name nobody cannot be found.',
    ],
    [
      'a group',
      { ActionNames, PolicySourceArn: 'arn:aws:iam::111122223333:group/team' },
      '404 NoSuchEntityException: The group with name team cannot be found.',
    ],
    ['a session', { ActionNames, PolicySourceArn: session }, unclear(session)],
    ['a session as the caller', { ActionNames, CallerArn: session }, unclear(session)],
    [
      'another account’s role',
      { ActionNames, PolicySourceArn: 'arn:aws:iam::444455556666:role/reader' },
      "400 InvalidInputException: Invalid Policy Source Arn: caller's account 111122223333 does not have access to policies in account 444455556666",
    ],
    ['no action', { ActionNames: [] }, '400 InvalidInputException: Invalid Input Actions: []'],
    [
      'an action without its service',
      { ActionNames: ['s3:GetObject', 'GetObject'] },
      '400 InvalidInputException: Invalid Input Actions: [GetObject]',
    ],
    [
      'a resource policy for a role',
      { ActionNames, ResourcePolicy: policy() },
      '400 InvalidInputException: Invalid caller - Caller must be an IAM user in this context.',
    ],
    [
      'a resource policy for a user',
      { ActionNames, ResourcePolicy: policy(), CallerArn: 'arn:aws:iam::111122223333:user/administrator' },
      '501 NotImplemented: The embedded AWS does not support ResourcePolicy.',
    ],
    [
      'policies to add and to leave out',
      { ActionNames, PolicyInputList: [policy(allow)], PolicyExclusionList: [{ PolicyType: 'inline' }] },
      '501 NotImplemented: The embedded AWS does not support PolicyInputList, PolicyExclusionList.',
    ],
    [
      'a condition that nobody knows',
      { ActionNames, PolicySourceArn: role('odd'), ResourceArns: [inbound] },
      `500 PolicyEvaluationException: A policy could not be evaluated: UnknownConditionError: the condition operator "StringAlike" is not supported, so AWS's decision can't be predicted.`,
    ],
  ];
  for (const [what, input, expected] of cases) t.equal(await refusal(simulate(input)), expected, what);
});

t.test('the caller needs leave for the identity in question', async (t) => {
  const { sandbox } = await simulator(t, policy(allow));
  const action = 'iam:SimulatePrincipalPolicy';
  const asker = addRole(sandbox, 'asker', policy({ Effect: 'Allow', Action: action, Resource: role('reader') }));
  const { iam } = clients(sandbox, sessionOf(sandbox, asker));
  const ask = (name: string) =>
    refusal(
      iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: role(name), ActionNames: ['s3:GetObject'] })),
    );
  t.equal(await ask('reader'), 'fine');
  t.match(
    await ask('asker'),
    /^403 AccessDenied: .* is not authorized to perform: iam:SimulatePrincipalPolicy on resource: arn:aws:iam::111122223333:role\/asker/,
  );
});
