/**
 * Whoever else a trust policy lets in, the checks fail: over generated policies, each with many requests.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { judgeTrust } from '../../../src/commands/verify/isolation/trust.js';
import { allows, userOf } from '../../../src/commands/verify/isolation/trust-policy.js';
import type { Statement } from '../../../src/policy/document.js';
import type { Principal } from '../../../src/policy/request.js';
import { property } from '../../handler/mail/generated/run.js';

const id = '111122223333';
const roleArn = `arn:aws:iam::${id}:role/agents`;
const provider = (host: string) => `arn:aws:iam::${id}:oidc-provider/${host}`;
const [ours, other] = ['oidc.example.com', 'oidc.example.org'] as const;
const saml = `arn:aws:iam::${id}:saml-provider/corp`;
const user = `arn:aws:iam::${id}:user/mallory`;
const role = `arn:aws:iam::${id}:role/somebody`;
const stranger = 'arn:aws:iam::999988887777:user/eve';

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const principal = oneOf<Statement['Principal']>(
  '*',
  ...['*', id, `arn:aws:iam::${id}:root`, user, role, stranger, '999988887777'].map((AWS) => ({ AWS })),
  ...[provider(ours), provider(ours), provider(ours), provider(other), saml].map((Federated) => ({ Federated })),
  { Service: 'ec2.amazonaws.com' },
  { AWS: [role, user], Federated: provider(ours) },
);
const actions = oneOf<Partial<Statement>>(
  { Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'] },
  { Action: 'sts:AssumeRole*' },
  { Action: ['sts:AssumeRole', 'sts:TagSession'] },
  { Action: 'sts:*' },
  { Action: 'STS:assumerolewith*' },
  { Action: 'sts:TagSession' },
  { NotAction: 'sts:AssumeRole' },
  { NotAction: 'sts:TagSession' },
);
const audience = oneOf('app', 'another', '*', 'a*', `\${${ours}:aud}`);
const strings = oneOf(
  'StringEquals',
  'StringLike',
  'StringNotEquals',
  'StringNotLike',
  'StringEqualsIfExists',
  'StringLikeIfExists',
  'ForAllValues:StringEquals',
  'ForAnyValue:StringLike',
  'ForAnyValue:StringNotEquals',
);
const test = fc.oneof(
  fc.tuple(
    strings,
    oneOf(`${ours}:aud`, `${ours}:AUD`, `${other}:aud`),
    fc.array(audience, { minLength: 1, maxLength: 2 }),
  ),
  fc.tuple(oneOf('Null'), oneOf(`${ours}:aud`, 'sts:ExternalId', 'aws:PrincipalOrgID'), oneOf(['true'], ['false'])),
  fc.tuple(strings, oneOf('sts:ExternalId', 'aws:PrincipalOrgID'), oneOf(['x'], ['*'])),
  fc.tuple(strings, oneOf('aws:PrincipalAccount'), oneOf([id], ['*'])),
  fc.tuple(
    oneOf('ArnLike', 'ArnNotLike'),
    oneOf('aws:PrincipalArn'),
    oneOf([user], ['arn:aws:iam::*:role/*'], [stranger]),
  ),
);
const statement = fc
  .record({
    Effect: oneOf('Allow' as const, 'Allow' as const, 'Allow' as const, 'Deny' as const),
    Principal: principal,
    actions,
    tests: fc.array(test, { maxLength: 2 }),
  })
  .map(({ actions, tests, ...rest }): Statement => {
    const Condition: Record<string, Record<string, string[]>> = {};
    for (const [operator, key, values] of tests) Condition[operator] = { ...Condition[operator], [key]: values };
    return { ...rest, ...actions, ...(tests.length > 0 && { Condition }) };
  });

interface Request {
  principal: Principal;
  action: string;
  context: Record<string, string>;
}
const extra = fc.record(
  { 'sts:ExternalId': oneOf('x', 'y'), 'aws:PrincipalOrgID': oneOf('x', 'o-1') },
  { requiredKeys: [] },
);
const caller = oneOf<Principal>(
  { arn: user, account: id },
  { arn: `arn:aws:iam::${id}:root`, account: id },
  { arn: `arn:aws:sts::${id}:assumed-role/somebody/s`, roleArn: role, account: id },
  { arn: stranger, account: '999988887777' },
  { arn: 'ec2.amazonaws.com', service: 'ec2.amazonaws.com' },
);
const request: fc.Arbitrary<Request> = fc.oneof(
  fc
    .tuple(caller, extra)
    .map(([principal, context]) => ({ principal, action: 'sts:AssumeRole', context: { ...context } })),
  extra.map((context) => ({ principal: userOf(saml), action: 'sts:AssumeRoleWithSAML', context: { ...context } })),
  fc.tuple(oneOf(ours, other), oneOf('another', 'b', undefined)).map(([host, aud]) => ({
    principal: userOf(provider(host)),
    action: 'sts:AssumeRoleWithWebIdentity',
    context: aud === undefined ? {} : { [`${host}:aud`]: aud },
  })),
);

/** The caller of a witness, by its ARN. */
function callerOf(arn: string): Principal {
  if (arn.includes('provider/')) return userOf(arn);
  if (!arn.startsWith('arn:')) return { arn, service: arn };
  const [, , , , account = '', resource = ''] = arn.split(':');
  const [kind, name] = resource.split('/');
  return { arn, account, ...(kind === 'assumed-role' && { roleArn: `arn:aws:iam::${account}:role/${name}` }) };
}

const counts = { allowed: 0, OK: 0, FAIL: 0, witnesses: 0 };
const isOurs = ({ principal, context }: Request) =>
  principal.federated === provider(ours) && context[`${ours}:aud`] === 'another';

property(
  t,
  'nobody else gets in where all is OK, and each witness gets in',
  Number(process.env.PROPERTY_CASES ?? 3_000),
  fc.tuple(fc.array(statement, { minLength: 1, maxLength: 4 }), fc.array(request, { minLength: 25, maxLength: 25 })),
  ([statements, requests]) => {
    const document = { Version: '2012-10-17', Statement: statements };
    const trust = { roleArn, document };
    const [, through, others] = judgeTrust(JSON.stringify(document), roleArn, provider(ours));
    for (const check of [through, others]) counts[check?.outcome === 'OK' ? 'OK' : 'FAIL']++;
    for (const { witness } of [...(through?.findings ?? []), ...(others?.findings ?? [])]) {
      if (witness === undefined) continue;
      counts.witnesses++;
      const { principal, action, context } = witness;
      assert.ok(allows(trust, callerOf(principal), action, context), JSON.stringify({ witness, statements }, null, 1));
    }
    for (const one of requests) {
      // Audiences that a policy names are its own choice; `b` is named by none.
      if (isOurs(one) || !allows(trust, one.principal, one.action, one.context)) continue;
      counts.allowed++;
      const check = one.action === 'sts:AssumeRoleWithWebIdentity' ? through : others;
      assert.equal(check?.outcome, 'FAIL', JSON.stringify({ one, statements }, null, 1));
    }
  },
);

t.test('the cases tell', async (t) => {
  t.comment(JSON.stringify(counts));
  t.ok(counts.allowed > 1_000 && counts.OK > 300 && counts.FAIL > 1_000 && counts.witnesses > 1_000);
});
