import { CreateOpenIDConnectProviderCommand } from '@aws-sdk/client-iam';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { addRole, clients, policy, refusal, start } from '../../support.js';

const deny = policy({ Effect: 'Deny', Action: '*', Resource: '*' });

const trust = (Principal: object, Action: string | string[] = 'sts:AssumeRole', Condition?: object) =>
  policy({ Effect: 'Allow', Principal, Action, Condition });

/** A token as a provider would issue it; nobody verifies the signature here. */
function token(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

const wallet = `0x${'1'.repeat(40)}`;
const claims = {
  iss: 'https://broker.example.com/oidc',
  sub: 'agent-1',
  aud: 'sts.amazonaws.com',
  exp: 1_800_000_000,
  'https://aws.amazon.com/tags': {
    principal_tags: { agentkeys_user_wallet: [wallet] },
    transitive_tag_keys: ['agentkeys_user_wallet'],
  },
};

const provider = 'arn:aws:iam::111122223333:oidc-provider/broker.example.com/oidc';
const federatedTrust = trust({ Federated: provider }, ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'], {
  StringEquals: { 'broker.example.com/oidc:aud': 'sts.amazonaws.com' },
  StringLike: { 'broker.example.com/oidc:sub': 'agent-*' },
});

const untaggedTrust = trust({ Federated: provider }, 'sts:AssumeRoleWithWebIdentity');
const { 'https://aws.amazon.com/tags': _tags, ...untagged } = claims;

t.test('AssumeRoleWithWebIdentity', async (t) => {
  const { sandbox, iam } = await start(t, { now: () => 1_700_000_000_000 });
  const { sts } = clients(sandbox, { accessKeyId: '', secretAccessKey: '' });
  const Url = 'https://broker.example.com/oidc';
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com'] }));
  const assume = (trusted: string, WebIdentityToken: string) => {
    const { arn: RoleArn } = addRole(sandbox, 'data', deny, { trust: trusted });
    return sts.send(new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'agent', WebIdentityToken }));
  };

  await t.test('gives a session with the token’s tags', async (t) => {
    t.match(await assume(federatedTrust, token(claims)), {
      SubjectFromWebIdentityToken: 'agent-1',
      Provider: provider,
      Audience: 'sts.amazonaws.com',
      AssumedRoleUser: { Arn: 'arn:aws:sts::111122223333:assumed-role/data/agent' },
      // A name of 21 characters and a value of 42, of 2,048.
      PackedPolicySize: 4,
    });
    const key = [...sandbox.state.iam.accessKeys.values()].at(-1);
    t.strictSame(key?.tags, { agentkeys_user_wallet: wallet });
  });

  const outcomes: Array<[what: string, trust: string, token: string, expected: string]> = [
    ['without tags sts:TagSession is not needed', untaggedTrust, token(untagged), 'fine'],
    ['several audiences', federatedTrust, token({ ...claims, aud: ['other', 'sts.amazonaws.com'] }), 'fine'],
    [
      'tags need sts:TagSession',
      untaggedTrust,
      token(claims),
      '403 AccessDenied: Not authorized to perform sts:TagSession',
    ],
    [
      'another subject',
      federatedTrust,
      token({ ...claims, sub: 'operator' }),
      '403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ],
    [
      'no trust in the provider',
      trust({ AWS: '*' }),
      token(untagged),
      '403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ],
    [
      'another audience',
      federatedTrust,
      token({ ...claims, aud: 'other' }),
      '400 InvalidIdentityTokenException: Incorrect token audience',
    ],
    [
      'an unknown issuer',
      federatedTrust,
      token({ ...claims, iss: 'https://example.org' }),
      '400 InvalidIdentityTokenException: No OpenIDConnect provider found in your account for https://example.org',
    ],
    [
      'no token',
      federatedTrust,
      'abcd',
      '400 InvalidIdentityTokenException: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    ],
    [
      'an expired token',
      federatedTrust,
      token({ ...claims, exp: 1_700_000_000 }),
      '400 ExpiredTokenException: Token expired: current date/time 1700000000 must be before the expiration date/time 1700000000',
    ],
  ];
  for (const [what, trusted, webIdentityToken, expected] of outcomes) {
    await t.test(what, async (t) => t.equal(await refusal(assume(trusted, webIdentityToken)), expected));
  }
});
