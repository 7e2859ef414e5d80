/**
 * Who may open the role that agents assume.
 */
import { CreateOpenIDConnectProviderCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { audience, dataRole, documentOf, account as id, issuer, provider, roleArn, walletB } from './account.js';
import { asks, federated, mailB, reads, service, stranger } from './attempts.js';
import { type Attempt, type Sabotage, type Sound, sabotaged, sid, sound } from './table.js';

const check = (what: string) => `the data role's trust > ${what}`;
const others = check('nobody else assumes it');
const through = check('only through the OIDC provider');

const ours = provider(issuer);
const aud = `${issuer}:aud`;
const both = ['sts:AssumeRole', 'sts:TagSession'];
const web = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'];
const user = `arn:aws:iam::${id}:user/mallory`;
const tags = (wallet: string) => ({ Tags: [{ Key: 'agentkeys_user_wallet', Value: wallet }] });
const requestTags = { 'aws:RequestTag/agentkeys_user_wallet': walletB, 'aws:TagKeys': ['agentkeys_user_wallet'] };

const adds =
  (...more: Statement[]) =>
  (statements: Statement[]) => [...statements, ...more.map((one) => ({ Sid: sid, ...one }))];
/** The one statement of a sound account, with another condition on the audience. */
const withCondition =
  (Condition: Statement['Condition']) =>
  ([first]: Statement[]): Statement[] => [{ ...first, Sid: sid, Effect: 'Allow', Condition }];
const trusts = (principal: Statement['Principal'], action: string | string[] = both, more: object = {}) => ({
  trust: adds({ Effect: 'Allow', Principal: principal, Action: action, ...more }),
});

/** The user opens a session for wallet B and reads its mail. */
const asUser =
  (more: object = tags(walletB), key = mailB): Attempt =>
  async (account) =>
    reads(() => account.assumedByUser(more), key)(account);
const mayAssume = (principal: Parameters<typeof asks>[0], action = 'sts:AssumeRole', context = {}) =>
  asks(principal, action, roleArn(dataRole), { ...requestTags, ...context });

const evil = 'token.actions.githubusercontent.com';
/** A token of this issuer for this audience, with the tag of wallet B. */
const withTokenOf =
  (host: string, forAudience: string = audience): Attempt =>
  async (account) => {
    const registered = account.sandbox.state.iam.oidcProviders;
    if (!registered.has(provider(host)))
      await account.aws.iam.send(
        new CreateOpenIDConnectProviderCommand({ Url: `https://${host}`, ClientIDList: [audience] }),
      );
    // The provider's own list of audiences is not the trust policy's.
    registered.get(provider(host))?.clientIds.push(forAudience);
    const claims = {
      iss: `https://${host}`,
      aud: forAudience,
      'https://aws.amazon.com/tags': { principal_tags: { agentkeys_user_wallet: [walletB] } },
    };
    await reads(() => account.withToken(claims), mailB)(account);
  };
const forSomebodyElse = withTokenOf(issuer, 'another-app');

const cases: Sabotage[] = [
  { what: 'a user', change: trusts({ AWS: user }), fails: others, opens: asUser() },
  {
    what: 'the account, by its root',
    change: trusts({ AWS: `arn:aws:iam::${id}:root` }),
    fails: others,
    opens: asUser(),
  },
  { what: 'the account, by its ID', change: trusts({ AWS: id }), fails: others, opens: asUser() },
  { what: 'everybody', change: trusts('*'), fails: others, opens: asUser() },
  { what: 'everybody of AWS', change: trusts({ AWS: '*' }), fails: others, opens: asUser() },
  {
    what: 'a user among others, in a list',
    change: trusts({ AWS: [roleArn('somebody'), user], Service: 'ec2.amazonaws.com' }),
    fails: others,
    opens: asUser(),
  },
  {
    what: 'everybody with an external ID',
    change: trusts('*', both, { Condition: { StringEquals: { 'sts:ExternalId': 'agentkeys' } } }),
    fails: others,
    opens: asUser({ ...tags(walletB), ExternalId: 'agentkeys' }),
  },
  {
    what: 'everybody of the account, by a condition',
    change: trusts('*', both, { Condition: { StringEquals: { 'aws:PrincipalAccount': id } } }),
    fails: others,
    opens: asUser(),
  },
  {
    what: 'a user, by a condition with a pattern',
    change: trusts({ AWS: id }, both, {
      Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/m?llory' } },
    }),
    fails: others,
    opens: asUser(),
  },
  {
    what: 'wildcards in the actions',
    change: trusts({ AWS: user }, 'sts:*s*'),
    fails: others,
    opens: asUser(),
  },
  {
    what: 'all actions but one',
    change: {
      trust: adds({ Effect: 'Allow', Principal: { AWS: user }, NotAction: 'sts:AssumeRoleWithSAML' }),
    },
    fails: others,
    opens: asUser(),
  },
  {
    what: 'everybody but one, which IAM takes no longer',
    change: {
      act: async ({ sandbox }) => {
        const role = sandbox.state.iam.roles.get(dataRole);
        const more = { Sid: sid, Effect: 'Allow', NotPrincipal: { AWS: roleArn('somebody') }, Action: both } as const;
        const { Statement } = JSON.parse(String(role?.trust));
        if (role !== undefined) role.trust = documentOf([...Statement, more]);
      },
    },
    fails: others,
    opens: asUser(),
  },
  {
    what: 'a user who may not pass tags: not an agent, but not the provider either',
    change: trusts({ AWS: user }, 'sts:AssumeRole'),
    fails: others,
    opens: async (account) => account.assumedByUser(),
  },
  {
    what: 'the tagging in a statement of its own, for everybody',
    change: {
      trust: adds(
        { Effect: 'Allow', Principal: { AWS: user }, Action: 'sts:AssumeRole' },
        { Sid: 'Tags', Effect: 'Allow', Principal: '*', Action: 'sts:TagSession' },
      ),
    },
    fails: others,
    opens: asUser(),
  },
  {
    what: 'a Deny that leaves the user out',
    change: {
      trust: adds(
        { Effect: 'Allow', Principal: '*', Action: both },
        { Sid: 'NotThem', Effect: 'Deny', Principal: { AWS: roleArn('somebody') }, Action: 'sts:*' },
      ),
    },
    fails: others,
    opens: asUser(),
  },
  {
    what: "the broker's own role",
    change: trusts({ AWS: roleArn('agentkeys-broker-host') }),
    fails: others,
    opens: async ({ sandbox, session }) => {
      sandbox.state.iam.roles
        .get('agentkeys-broker-host')
        ?.inline.set('sts', '{"Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}');
      const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
      const input = { RoleArn: roleArn(dataRole), RoleSessionName: 'x', ...tags(walletB) };
      return session('agentkeys-broker-host').sts.send(new AssumeRoleCommand(input));
    },
  },
  {
    what: 'another account',
    change: trusts({ AWS: 'arn:aws:iam::999988887777:root' }),
    fails: others,
    opens: mayAssume(stranger),
  },
  {
    what: "everybody of another account's organization",
    change: trusts('*', both, { Condition: { StringLike: { 'aws:PrincipalOrgID': 'o-*' } } }),
    fails: others,
    opens: mayAssume(stranger, 'sts:AssumeRole', { 'aws:PrincipalOrgID': 'o-abcdef' }),
  },
  {
    what: 'a service',
    change: trusts({ Service: 'lambda.amazonaws.com' }),
    fails: others,
    opens: mayAssume(service('lambda.amazonaws.com')),
  },
  {
    what: 'pods, whose service passes tags',
    change: trusts({ Service: 'pods.eks.amazonaws.com' }),
    fails: others,
    opens: mayAssume(service('pods.eks.amazonaws.com')),
  },
  {
    what: 'a SAML provider',
    change: trusts(
      { Federated: `arn:aws:iam::${id}:saml-provider/corp` },
      ['sts:AssumeRoleWithSAML', 'sts:TagSession'],
      {
        Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
      },
    ),
    fails: others,
    opens: mayAssume(federated(`arn:aws:iam::${id}:saml-provider/corp`), 'sts:AssumeRoleWithSAML', {
      'saml:aud': 'https://signin.aws.amazon.com/saml',
    }),
  },
  {
    what: 'a second OIDC provider',
    change: trusts({ Federated: provider(evil) }, web, { Condition: { StringEquals: { [`${evil}:aud`]: audience } } }),
    fails: through,
    opens: withTokenOf(evil),
  },
  {
    what: 'a second OIDC provider beside the declared one',
    change: trusts({ Federated: [ours, provider(evil)] }, web),
    flags: ['--oidc-provider', ours],
    fails: through,
    opens: withTokenOf(evil),
  },
  { what: "everybody's tokens", change: trusts('*', web), fails: through, opens: withTokenOf(evil) },
  {
    what: 'an identity pool',
    change: trusts({ Federated: 'cognito-identity.amazonaws.com' }, web, {
      Condition: { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'us-east-1:pool' } },
    }),
    fails: through,
    opens: mayAssume(federated('cognito-identity.amazonaws.com'), 'sts:AssumeRoleWithWebIdentity', {
      'cognito-identity.amazonaws.com:aud': 'us-east-1:pool',
    }),
  },
  {
    what: 'everybody with the audience of a token: the sessions of agents keep it',
    change: trusts('*', 'sts:*', { Condition: { StringEquals: { [aud]: audience } } }),
    fails: others,
    opens: mayAssume(
      { arn: `arn:aws:sts::${id}:assumed-role/${dataRole}/session`, roleArn: roleArn(dataRole), account: id },
      'sts:AssumeRole',
      { [aud]: audience },
    ),
  },
  ...(
    [
      ['no audience at all', undefined],
      ['any audience, by a pattern', { StringLike: { [aud]: '*' } }],
      ['any audience, in a list', { StringLike: { [aud]: [audience, '?*'] } }],
      ['any audience, as a variable', { StringEquals: { [aud]: `\${${aud}}` } }],
      ['any audience but one', { StringNotEquals: { [aud]: 'somebody' } }],
      ['a condition on something else', { StringLike: { [`${issuer}:sub`]: 'agent*' } }],
      ['a condition that there is an audience', { Null: { [aud]: 'false' } }],
      ['an audience with a wildcard in it', { StringLike: { [aud]: '*a*' } }],
    ] satisfies Array<[string, Statement['Condition']]>
  ).map(
    ([what, Condition]): Sabotage => ({
      what,
      change: { trust: withCondition(Condition) },
      fails: through,
      opens: forSomebodyElse,
    }),
  ),
  ...(
    [
      ['an audience, if there is one', { StringEqualsIfExists: { [aud]: audience } }],
      ['all audiences, none included', { 'ForAllValues:StringEquals': { [aud]: audience } }],
    ] satisfies Array<[string, Statement['Condition']]>
  ).map(
    ([what, Condition]): Sabotage => ({
      what,
      change: { trust: withCondition(Condition) },
      fails: through,
      opens: mayAssume(federated(ours), 'sts:AssumeRoleWithWebIdentity'),
    }),
  ),
];

sabotaged(t, cases);

const opens: Attempt = (account) => account.withToken();

const variants: Sound[] = [
  { what: 'the provider declared', change: {}, flags: ['--oidc-provider', ours], works: opens },
  ...(
    [
      ['several audiences', { StringEquals: { [aud]: [audience, 'agentkeys'] } }],
      ['in any case', { StringEqualsIgnoreCase: { [aud.toUpperCase()]: 'STS.amazonaws.com' } }],
      ['a pattern without wildcards', { StringLike: { [aud]: audience } }],
      ['any of its values', { 'ForAnyValue:StringEquals': { [aud]: audience } }],
      ['if it exists, and it must', { StringEqualsIfExists: { [aud]: audience }, Null: { [aud]: 'false' } }],
      [
        'a subject and the tags',
        {
          StringEquals: { [aud]: audience },
          StringLike: { [`${issuer}:sub`]: 'agent*', 'aws:RequestTag/agentkeys_user_wallet': '0x*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['agentkeys_user_wallet', 'agentkeys_actor_omni'] },
        },
      ],
    ] satisfies Array<[string, Statement['Condition']]>
  ).map(([what, Condition]): Sound => ({ what, change: { trust: withCondition(Condition) }, works: opens })),
  {
    what: 'the audience in a Deny',
    change: {
      trust: (statements) => [
        ...withCondition(undefined)(statements),
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'sts:AssumeRole*',
          Condition: { StringNotEquals: { [aud]: audience } },
        },
      ],
    },
    works: opens,
  },
  {
    what: 'everybody, whose tokens must be the provider’s by the key of the audience',
    change: {
      trust: () => [{ Effect: 'Allow', Principal: '*', Action: web, Condition: { StringEquals: { [aud]: audience } } }],
    },
    flags: ['--oidc-provider', ours],
    works: opens,
  },
  {
    what: 'a statement that a Deny without conditions makes void',
    change: {
      trust: adds(
        { Effect: 'Allow', Principal: { AWS: id }, Action: both },
        { Sid: 'Never', Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
      ),
    },
    works: opens,
  },
  {
    what: 'the tagging in a statement of its own',
    change: {
      trust: ([first]) => [
        { ...first, Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity' },
        { Effect: 'Allow', Principal: { Federated: ours }, Action: 'sts:Tag*' },
      ],
    },
    works: opens,
  },
];

sound(t, variants);
