import t from 'tap';
import type { Statement } from '../../src/policy/document.js';
import { type Naming, namedBy, reaches } from '../../src/policy/principals.js';
import type { Principal } from '../../src/policy/request.js';

const account = '111122223333';
const root = `arn:aws:iam::${account}:root`;
const roleArn = `arn:aws:iam::${account}:role/path/reader`;
const sessionArn = `arn:aws:sts::${account}:assumed-role/reader/me`;
const userArn = `arn:aws:iam::${account}:user/ada`;
const provider = `arn:aws:iam::${account}:oidc-provider/id.example.org/a`;

const user: Principal = { arn: userArn, account };
const session: Principal = { arn: sessionArn, roleArn, account };
const service: Principal = { arn: 'events.amazonaws.com', service: 'events.amazonaws.com' };
const anonymous: Principal = { arn: 'anonymous' };
const byArn: Principal = { arn: provider, federated: provider };
const byUrl: Principal = { arn: 'token', federated: 'https://id.example.org/a' };

t.test('which callers a Principal element names, and how', async (t) => {
  const cases: Array<[element: Statement['Principal'], principal: Principal, expected: Naming | undefined]> = [
    ['*', user, 'direct'],
    ['*', service, 'direct'],
    ['*', anonymous, 'direct'],
    [{ AWS: '*' }, anonymous, 'direct'],
    [{ AWS: account }, user, 'account'],
    [{ AWS: root }, session, 'account'],
    [{ AWS: '999988887777' }, user, undefined],
    [{ AWS: account }, service, undefined],
    [{ AWS: userArn }, user, 'direct'],
    [{ AWS: userArn.toUpperCase() }, user, undefined],
    [{ AWS: `arn:aws:iam::${account}:user/*` }, user, undefined],
    [{ AWS: roleArn }, session, 'role'],
    [{ AWS: sessionArn }, session, 'direct'],
    [{ AWS: [root, roleArn] }, session, 'role'],
    [{ AWS: [root, roleArn, sessionArn] }, session, 'direct'],
    [{ AWS: `arn:aws:sts::${account}:assumed-role/reader/you` }, session, undefined],
    [{ AWS: roleArn }, { arn: roleArn, account }, 'role'],
    [{ Service: 'events.amazonaws.com' }, service, 'direct'],
    [{ Service: ['lambda.amazonaws.com', 'events.amazonaws.com'] }, service, 'direct'],
    [{ Service: 'lambda.amazonaws.com' }, service, undefined],
    [{ Service: 'events.amazonaws.com' }, user, undefined],
    [{ AWS: 'AROAEXAMPLE', Service: 'events.amazonaws.com' }, service, 'direct'],
    [{ Federated: provider }, byArn, 'direct'],
    [{ Federated: provider }, byUrl, 'direct'],
    [{ Federated: 'id.example.org/a' }, byArn, 'direct'],
    [{ Federated: 'id.example.org/a' }, byUrl, 'direct'],
    [{ Federated: 'id.example.org/b' }, byUrl, undefined],
    [{ Federated: provider.replace(account, '999988887777') }, byArn, undefined],
    [{ Federated: provider }, user, undefined],
    [{ CanonicalUser: 'a' }, user, undefined],
    [{}, user, undefined],
    [undefined, user, undefined],
  ];
  for (const [element, principal, expected] of cases) {
    t.equal(namedBy(element, principal), expected, `${JSON.stringify(element)} and ${principal.arn}`);
  }
});

t.test('NotPrincipal', async (t) => {
  type Case = [
    Effect: Statement['Effect'],
    listed: Statement['NotPrincipal'],
    who: Principal,
    reached: boolean,
    bounded?: true,
  ];
  const cases: Case[] = [
    ['Deny', { AWS: [userArn, root] }, user, false],
    ['Deny', { AWS: userArn }, user, true],
    ['Deny', { AWS: root }, user, true],
    ['Deny', { AWS: [sessionArn, roleArn, root] }, session, false],
    ['Deny', { AWS: [sessionArn, root] }, session, true],
    ['Deny', { AWS: [roleArn, root] }, session, true],
    ['Deny', { Service: 'events.amazonaws.com' }, service, false],
    ['Deny', { Service: 'events.amazonaws.com' }, user, true],
    ['Deny', { AWS: [userArn, root] }, anonymous, true],
    ['Deny', { AWS: [userArn, root] }, user, true, true],
    ['Deny', '*', user, false],
    ['Allow', { AWS: userArn }, user, false],
    ['Allow', { AWS: root }, session, false],
    ['Allow', { AWS: userArn }, session, true],
    ['Allow', { AWS: userArn }, anonymous, true],
  ];
  for (const [Effect, NotPrincipal, who, reached, bounded = false] of cases) {
    const statement: Statement = { Effect, NotPrincipal, Action: 's3:*', Resource: '*' };
    const expected = reached ? 'direct' : undefined;
    t.equal(reaches(statement, who, bounded), expected, `${Effect} ${JSON.stringify(NotPrincipal)} and ${who.arn}`);
  }
});
