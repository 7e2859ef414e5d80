/**
 * The trust of the agents' role: what else is reported of it.
 */
import { CreateRoleCommand, DeleteRoleCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import {
  type Account,
  audience,
  dataRole,
  account as id,
  issuer,
  provider,
  roleArn,
  startAccount,
} from './sabotage/account.js';

const check = (what: string) => `the data role's trust > ${what}`;
const tags = check('lets agents tag their sessions');
const through = check('only through the OIDC provider');
const others = check('nobody else assumes it');
const ours = provider(issuer);
const web = 'sts:AssumeRoleWithWebIdentity';
const StringEquals = { [`${issuer}:aud`]: audience };
const allow = (more: object) => ({
  Effect: 'Allow',
  Principal: { Federated: ours },
  Action: [web, 'sts:TagSession'],
  ...more,
});

/** Sets the trust policy past IAM, which may have operators in future that it refuses today. */
function trusting({ sandbox }: Account, ...statements: object[]): void {
  const role = sandbox.state.iam.roles.get(dataRole);
  if (role) role.trust = JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

t.test('without sts:TagSession no agent can work', async (t) => {
  const account = await startAccount(t);
  const cases: Array<[what: string, statements: object[], failed: string[]]> = [
    ['none', [allow({ Action: web, Condition: { StringEquals } })], [tags]],
    [
      'for somebody else',
      [
        allow({ Action: web, Condition: { StringEquals } }),
        allow({ Principal: { AWS: id }, Action: 'sts:TagSession' }),
      ],
      [tags],
    ],
    [
      'of another tag only',
      [allow({ Condition: { StringEquals, 'ForAllValues:StringEquals': { 'aws:TagKeys': 'team' } } })],
      [tags, through],
    ],
    [
      'denied',
      [allow({ Condition: { StringEquals } }), { ...allow({ Action: 'sts:TagSession' }), Effect: 'Deny' }],
      [tags],
    ],
    [
      'under a condition that cannot be evaluated',
      [allow({ Condition: { StringEquals, StringSounds: { 'aws:TagKeys': 'x' } } })],
      [tags, through],
    ],
    [
      'a user alone, as in an older guide',
      [allow({ Principal: { AWS: roleArn('somebody') }, Action: 'sts:AssumeRole' })],
      [tags, through, others],
    ],
    [
      'nobody',
      [allow({ Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:SetSourceIdentity' })],
      [tags, through],
    ],
  ];
  for (const [what, statements, failed] of cases) {
    trusting(account, ...statements);
    t.strictSame((await account.judge()).failed, failed, what);
    if (failed.length === 1) await t.rejects(account.withToken(), { name: 'AccessDenied' }, what);
  }
  const foreign = await account.judge(['--oidc-provider', provider('oidc.example.org')]);
  t.ok(foreign.failed.includes(through));
});

t.test('the provider is shown, and several are refused unless one is declared', async (t) => {
  const account = await startAccount(t);
  const judged = await account.judge();
  t.match(
    judged.json,
    `${ours}, which is not declared: name the broker's provider with --oidc-provider (OIDC_PROVIDER_ARN)`,
  );
  t.match((await account.judge(['--oidc-provider', ours])).json, `"outcome":"OK","reason":"${ours}"`);
  // No token of another issuer is let in: the wrong provider was declared.
  const other = provider('oidc.example.org');
  const wrong = await account.judge(['--oidc-provider', other]);
  t.strictSame(wrong.failed, [tags, through]);
  t.match(wrong.findings(through), [{ witness: { principal: ours, action: web } }]);

  trusting(account, allow({ Condition: { StringEquals } }), {
    Sid: 'Second',
    ...allow({ Principal: { Federated: other } }),
  });
  const both = await account.judge();
  t.strictSame(both.failed, [through]);
  t.match(both.findings(through), [{ statement: '1' }, { statement: 'Second' }]);
  t.strictSame(
    (await account.judge(['--oidc-provider', ours])).findings(through).map(({ statement }) => statement),
    ['Second'],
  );
});

t.test('findings name the statement and a request, in the text and in the JSON', async (t) => {
  const account = await startAccount(t);
  trusting(account, allow({ Condition: { StringEquals } }), {
    Effect: 'Allow',
    Principal: { AWS: id },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
  });
  const root = `arn:aws:iam::${id}:root`;
  const context = {
    'aws:RequestTag/agentkeys_user_wallet': `0x${'1'.repeat(40)}`,
    'aws:TagKeys': ['agentkeys_user_wallet'],
    'aws:SourceIp': '192.0.2.0',
  };
  const witness = { principal: root, action: 'sts:AssumeRole', resource: roleArn(dataRole), context };
  t.strictSame((await account.judge()).findings(others), [
    { policy: 'the trust policy', statement: '2', reason: `it lets in ${root} with any wallet's tag`, witness },
  ]);
  const { stdout, status } = await account.run(['verify', '--timeout', '1', '--mail-domain', 'bots.litentry.org']);
  t.equal(status, 1);
  const text = stdout.replace(/\s+/g, ' ');
  t.match(
    text,
    `FAIL nobody else assumes it the trust policy, statement 2: it lets in ${root} with any wallet's tag; it allows`,
  );
  t.match(text, `sts:AssumeRole on ${roleArn(dataRole)} by ${root}, aws:RequestTag/agentkeys_user_wallet=0x1111`);
});

t.test('what can not be shown to be safe fails, without a witness', async (t) => {
  const account = await startAccount(t);
  const narrowed = { Condition: { DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } } };
  trusting(
    account,
    allow({ Condition: { StringEquals } }),
    { Sid: 'Later', ...allow({ Principal: { AWS: id }, Action: 'sts:AssumeRole' }), ...narrowed },
    { Sid: 'Odd', ...allow({ Condition: { StringSounds: { [`${issuer}:aud`]: audience } } }) },
  );
  const { failed, findings } = await account.judge();
  t.strictSame(failed, [tags, through, others]);
  for (const path of [through, others]) {
    const [found, ...more] = findings(path);
    t.strictSame(more, []);
    t.equal(found?.witness, undefined, path);
  }
});

t.test('a role with a path, of another account, gone, and with an unreadable policy', async (t) => {
  const account = await startAccount(t);
  const { aws, sandbox } = account;
  const elsewhere = await account.judge(['--data-role', 'arn:aws:iam::444455556666:role/agents']);
  t.ok(elsewhere.skipped.includes("the data role's trust"));
  t.match(elsewhere.json, 'unknown: the role arn:aws:iam::444455556666:role/agents is in another account');

  const trust = [
    { ...allow({ Condition: { StringEquals } }) },
    allow({ Principal: { AWS: id }, Action: 'sts:AssumeRole' }),
  ];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
  await aws.iam.send(new CreateRoleCommand({ RoleName: 'agents', Path: '/wallets/', AssumeRolePolicyDocument }));
  const arn = `arn:aws:iam::${id}:role/wallets/agents`;
  const [found] = (await account.judge(['--data-role', arn])).findings(others);
  t.equal(found?.witness?.resource, arn);

  const role = sandbox.state.iam.roles.get(dataRole);
  if (role !== undefined) role.trust = '{"Statement":[{"Effect":"Maybe"}]}';
  const odd = await account.judge();
  t.strictSame(odd.failed, [others]);
  t.match(odd.json, "the trust policy can't be parsed: statement 1: Effect must be");

  await aws.iam.send(new DeleteRoleCommand({ RoleName: dataRole }));
  const gone = await account.judge();
  t.ok(gone.skipped.includes("the data role's trust"));
});

t.test('principals that the operator trusts', async (t) => {
  const account = await startAccount(t);
  const admin = `arn:aws:iam::${id}:role/administrators`;
  trusting(
    account,
    allow({ Condition: { StringEquals } }),
    allow({ Principal: { AWS: [admin, '999988887777'] }, Action: ['sts:AssumeRole', 'sts:TagSession'] }),
  );
  t.ok((await account.judge()).failed.includes(others));
  const one = await account.judge(['--trusted-principal', admin]);
  t.strictSame(
    one.findings(others).map(({ witness }) => witness?.principal),
    ['arn:aws:iam::999988887777:root'],
  );
  const both = await account.judge(['--trusted-principal', `${admin},arn:aws:iam::999988887777:root`]);
  t.strictSame(both.failed, []);
  t.match(both.json, `trusted, and not judged: ${admin}, arn:aws:iam::999988887777:root`);
});
