/** CheckNoNewAccess: what is new access, by whom and under which conditions, and what is refused. */
import { CheckNoNewAccessCommand } from '@aws-sdk/client-accessanalyzer';
import t from 'tap';
import { addUser, clients, policy, refusal, start } from '../../support.js';

const bucket = 'arn:aws:s3:::mail';
const own = `${bucket}/bots/\${aws:PrincipalTag/wallet}/*`;
const role = { AWS: 'arn:aws:iam::111122223333:role/agents' };
const allow = (more: object) => ({ Effect: 'Allow', Action: 's3:GetObject', ...more });
const deny = (more: object) => ({ Effect: 'Deny', Action: 's3:GetObject', ...more });
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const when = (operator: string, key: string, value: string | string[]) => ({ [operator]: { [key]: value } });

type Comparison = [title: string, existing: object[], updated: object[], newIn: number[]];

const ofIdentities: Comparison[] = [
  ['the same', [allow({ Resource: own })], [allow({ Resource: own })], []],
  ['less', [allow({ Resource: `${bucket}/*` })], [allow({ Resource: `${bucket}/inbound/*` })], []],
  ['a wider resource', [allow({ Resource: `${bucket}/inbound/*` })], [allow({ Resource: `${bucket}/in*` })], [0]],
  ['one character more', [allow({ Resource: `${bucket}/a` })], [allow({ Resource: `${bucket}/a?` })], [0]],
  ['any character', [allow({ Resource: `${bucket}/??` })], [allow({ Resource: `${bucket}/?*?` })], [0]],
  ['a pattern across', [allow({ Resource: `${bucket}/a*` })], [allow({ Resource: `${bucket}/*b` })], [0]],
  ['a pattern within', [allow({ Resource: `${bucket}/a*` })], [allow({ Resource: `${bucket}/a?b*` })], []],
  ['another action', [allow({ Resource: '*' })], [allow({ Action: 's3:GetObjectVersion', Resource: '*' })], [0]],
  ['a wider action', [allow({ Resource: '*' })], [allow({ Action: 's3:Get*', Resource: '*' })], [0]],
  ['an action in another case', [allow({ Resource: '*' })], [allow({ Action: 'S3:getobject', Resource: '*' })], []],
  ['what the reference denies', [everything, deny({ Resource: `${bucket}/*` })], [allow({ Resource: '*' })], [0]],
  [
    'what both deny',
    [everything, deny({ Resource: `${bucket}/*` })],
    [allow({ Resource: '*' }), deny({ Action: '*', Resource: `${bucket}*` })],
    [],
  ],
  [
    'a deny that does not cover all',
    [everything, deny({ Resource: `${bucket}/*` })],
    [allow({ Resource: '*' }), deny({ Resource: `${bucket}/bots/*` })],
    [0],
  ],
  [
    'all but something',
    [everything, deny({ Resource: `${bucket}/*` })],
    [allow({ Action: undefined, NotAction: 'iam:*', NotResource: [bucket, `${bucket}/*`], Resource: undefined })],
    [],
  ],
  ["another's folder", [allow({ Resource: own })], [allow({ Resource: `${bucket}/bots/0xabc/*` })], [0]],
  ['every folder', [allow({ Resource: own })], [allow({ Resource: `${bucket}/bots/*` })], [0]],
  [
    'the second of two',
    [allow({ Resource: own })],
    [allow({ Resource: own }), allow({ Resource: `${bucket}/inbound/*` })],
    [1],
  ],
  [
    'a condition dropped',
    [allow({ Resource: '*', Condition: when('StringLike', 's3:prefix', 'inbound/*') })],
    [allow({ Resource: '*' })],
    [0],
  ],
  [
    'a condition widened',
    [allow({ Resource: '*', Condition: when('StringLike', 's3:prefix', 'inbound/*') })],
    [allow({ Resource: '*', Condition: when('StringLike', 's3:prefix', ['inbound*']) })],
    [0],
  ],
  [
    'a condition narrowed',
    [allow({ Resource: '*', Condition: when('StringLike', 's3:prefix', 'inbound/*') })],
    [allow({ Resource: '*', Condition: when('StringEquals', 's3:prefix', 'inbound/x') })],
    [],
  ],
  [
    'a deny by an absent key',
    [everything, deny({ Resource: '*', Condition: when('StringNotLike', 's3:prefix', 'inbound/*') })],
    [allow({ Resource: '*', Condition: when('StringLikeIfExists', 's3:prefix', 'inbound/*') })],
    [0],
  ],
  [
    'a case that no longer counts',
    [allow({ Resource: '*', Condition: when('StringEquals', 'aws:PrincipalTag/team', 'mail') })],
    [allow({ Resource: '*', Condition: when('StringEqualsIgnoreCase', 'aws:PrincipalTag/team', 'mail') })],
    [0],
  ],
  [
    'a number one higher',
    [allow({ Resource: '*', Condition: when('NumericLessThan', 's3:max-keys', '10') })],
    [allow({ Resource: '*', Condition: when('NumericLessThanEquals', 's3:max-keys', '10') })],
    [0],
  ],
  [
    'a second later',
    [allow({ Resource: '*', Condition: when('DateLessThan', 'aws:CurrentTime', '2026-01-01T00:00:00Z') })],
    [allow({ Resource: '*', Condition: when('DateLessThanEquals', 'aws:CurrentTime', '2026-01-01T00:00:00Z') })],
    [0],
  ],
  [
    'a time that is none',
    [allow({ Resource: '*', Condition: when('DateLessThan', 'aws:CurrentTime', 'soon') })],
    [allow({ Resource: '*', Condition: when('DateLessThan', 'aws:CurrentTime', 'soon') })],
    [],
  ],
  [
    'another network',
    [allow({ Resource: '*', Condition: when('IpAddress', 'aws:SourceIp', '10.0.0.0/8') })],
    [allow({ Resource: '*', Condition: when('NotIpAddress', 'aws:SourceIp', '10.0.0.0/8') })],
    [0],
  ],
  [
    'without encryption',
    [allow({ Resource: '*', Condition: when('Bool', 'aws:SecureTransport', 'true') })],
    [allow({ Resource: '*', Condition: when('Null', 'aws:SecureTransport', 'false') })],
    [0],
  ],
  [
    'any role',
    [allow({ Resource: '*', Condition: when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/agents') })],
    [allow({ Resource: '*', Condition: when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*') })],
    [0],
  ],
];

const ofResources: Comparison[] = [
  ['the same role', [allow({ Principal: role, Resource: own })], [allow({ Principal: role, Resource: own })], []],
  ['everybody', [allow({ Principal: role, Resource: own })], [allow({ Principal: '*', Resource: own })], [0]],
  [
    'another account',
    [allow({ Principal: role, Resource: own })],
    [allow({ Principal: { AWS: '444455556666' }, Resource: own })],
    [0],
  ],
  [
    'its account',
    [allow({ Principal: role, Resource: own })],
    [allow({ Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Resource: own })],
    [0],
  ],
  [
    "one session of the role's",
    [allow({ Principal: role, Resource: own })],
    [allow({ Principal: { AWS: 'arn:aws:sts::111122223333:assumed-role/agents/a' }, Resource: own })],
    [0],
  ],
  [
    'a service',
    [
      allow({
        Principal: { Service: 'ses.amazonaws.com' },
        Resource: '*',
        Condition: when('StringEquals', 'aws:SourceAccount', '111122223333'),
      }),
    ],
    [allow({ Principal: { Service: 'ses.amazonaws.com' }, Resource: '*' })],
    [0],
  ],
  [
    'a canonical user',
    [allow({ Principal: role, Resource: '*' })],
    [allow({ Principal: { CanonicalUser: 'f'.repeat(64) }, Resource: '*' })],
    [0],
  ],
  [
    'the same canonical user',
    [allow({ Principal: { ...role, CanonicalUser: 'f'.repeat(64) }, Resource: '*' })],
    [allow({ Principal: { CanonicalUser: 'f'.repeat(64) }, Resource: '*' })],
    [],
  ],
  [
    'everybody but one',
    [allow({ Principal: role, Resource: '*' })],
    [allow({ NotPrincipal: role, Resource: '*' })],
    [0],
  ],
  [
    'a role by its ARN as a condition',
    [allow({ Principal: '*', Resource: '*', Condition: when('ArnEquals', 'aws:PrincipalArn', role.AWS) })],
    [allow({ Principal: role, Resource: '*' })],
    [],
  ],
  [
    'an account as a condition',
    [allow({ Principal: '*', Resource: '*', Condition: when('StringEquals', 'aws:PrincipalAccount', '111122223333') })],
    [allow({ Principal: '*', Resource: '*', Condition: when('StringEquals', 'aws:PrincipalAccount', '444455556666') })],
    [0],
  ],
  [
    'a principal that is none, and a user',
    [allow({ Principal: { AWS: ['AIDAEXAMPLE', 'arn:aws:iam::111122223333:user/a'] }, Resource: '*' })],
    [allow({ Principal: { AWS: 'arn:aws:iam::111122223333:user/a' }, Resource: '*' })],
    [],
  ],
  [
    'a role trusted by another provider',
    [
      {
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/a.example' },
        Action: 'sts:AssumeRoleWithWebIdentity',
      },
    ],
    [{ Effect: 'Allow', Principal: { Federated: 'b.example' }, Action: 'sts:AssumeRoleWithWebIdentity' }],
    [0],
  ],
];

for (const [policyType, comparisons] of [
  ['IDENTITY_POLICY', ofIdentities],
  ['RESOURCE_POLICY', ofResources],
] as const)
  t.test(policyType, async (t) => {
    const { accessanalyzer } = await start(t);
    for (const [title, existing, updated, newIn] of comparisons) {
      const { result, reasons = [] } = await accessanalyzer.send(
        new CheckNoNewAccessCommand({
          policyType,
          existingPolicyDocument: policy(...existing),
          newPolicyDocument: policy(...updated),
        }),
      );
      const indices = reasons.map(({ statementIndex }) => statementIndex);
      t.strictSame([result, indices], [newIn.length === 0 ? 'PASS' : 'FAIL', newIn], title);
    }
  });

t.test("the answer's words are AWS's", async (t) => {
  const { accessanalyzer } = await start(t);
  const input = {
    policyType: 'IDENTITY_POLICY' as const,
    existingPolicyDocument: policy(allow({ Resource: own })),
    newPolicyDocument: policy(allow({ Resource: '*', Sid: 'Everything' }), allow({ Resource: `${bucket}/inbound/*` })),
  };
  const { $metadata, ...answer } = await accessanalyzer.send(new CheckNoNewAccessCommand(input));
  t.strictSame(answer, {
    result: 'FAIL',
    message: 'The modified permissions grant new access compared to your existing policy.',
    reasons: [
      {
        description: 'New access in the statement with sid: Everything.',
        statementId: 'Everything',
        statementIndex: 0,
      },
    ],
  });
});

t.test('what is refused', async (t) => {
  const { sandbox, accessanalyzer } = await start(t);
  const good = policy(allow({ Resource: '*' }));
  const ask = (input: object, client = accessanalyzer) =>
    refusal(
      client.send(
        new CheckNoNewAccessCommand({
          policyType: 'IDENTITY_POLICY',
          existingPolicyDocument: good,
          newPolicyDocument: good,
          ...input,
        }),
      ),
    );
  t.equal(await ask({}), 'fine');
  const refusals: Array<[input: object, refused: RegExp]> = [
    [{ policyType: 'SCP' }, /^400 ValidationException: policyType/],
    [{ existingPolicyDocument: undefined }, /^400 ValidationException: existingPolicyDocument/],
    [{ newPolicyDocument: '{' }, /^400 InvalidParameterException: The policy in newPolicyDocument is invalid\. Syntax/],
    [
      { existingPolicyDocument: policy(allow({ Principal: role, Resource: '*' })) },
      /^400 InvalidParameterException: The policy in existingPolicyDocument is invalid\. Principal is a prohibited policy element\.$/,
    ],
    [{ newPolicyDocument: policy(allow({})) }, /^400 InvalidParameterException: .* Resource is a required/],
    [{ policyType: 'RESOURCE_POLICY' }, /^400 InvalidParameterException: .* Principal is a required/],
    [
      { newPolicyDocument: policy(allow({ Sid: 'a', Resource: '*' }), deny({ Sid: 'a', Resource: '*' })) },
      /^400 InvalidParameterException: .* must be unique/,
    ],
    [
      { newPolicyDocument: policy(allow({ Sid: 'a-b', Resource: '*' })) },
      /^400 InvalidParameterException: .* alpha-numeric/,
    ],
    [
      { newPolicyDocument: policy(allow({ Resource: '*', Condition: when('StringSounds', 's3:prefix', 'x') })) },
      /^400 InvalidParameterException: .*StringSounds/,
    ],
    [
      {
        newPolicyDocument: policy(
          allow({
            Resource: '*',
            Condition: {
              StringEquals: Object.fromEntries(
                Array.from('abcdefghijkl', (key) => [`aws:RequestTag/${key}`, ['1', '2']]),
              ),
            },
          }),
        ),
      },
      /^422 UnprocessableEntityException: .*12 condition keys have \d+ combinations/,
    ],
  ];
  for (const [input, refused] of refusals) t.match(await ask(input), refused);
  const { accessanalyzer: unprivileged } = clients(sandbox, addUser(sandbox, 'a', [allow({ Resource: '*' })]));
  t.match(
    await ask({}, unprivileged),
    /^403 AccessDeniedException: .* access-analyzer:CheckNoNewAccess on resource: \*/,
  );
});
