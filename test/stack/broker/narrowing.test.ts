/**
 * Properties of any policies, not just of hand-picked ones: random roles are planned for, the plan is applied, and the requests of the
 * matrix are decided before and after. The seed is fixed, so that a failure repeats.
 */
import fc from 'fast-check';
import t from 'tap';
import { type PolicyDocument, policyText, type Statement } from '../../../src/policy/document.js';
import { matches } from '../../../src/policy/evaluate.js';
import { deniedBy, restrictionsOf } from '../../../src/stack/broker/already-denied.js';
import { isWithinPattern, overlaps } from '../../../src/stack/broker/arn-patterns.js';
import { grantEntries } from '../../../src/stack/broker/broad-grants.js';
import { brokerPolicy, brokerPolicyEntries } from '../../../src/stack/broker/policy.js';
import { grantsBeyondInbound } from '../../../src/stack/broker/s3-grants.js';
import type { BrokerRole } from '../../../src/stack/broker/state.js';
import { withoutBucket } from '../../../src/stack/broker/without-bucket.js';
import { scopeWith } from '../plan/support.js';
import {
  account,
  allowed,
  asLine,
  bucketArn,
  isDesigned,
  isDetour,
  isOnBucket,
  type Request,
  requestsElsewhere,
  requestsHere,
} from './matrix.js';
import { attachable, policiesOf, roleWith, withWrites } from './model.js';

const parameters = { seed: 4, numRuns: 300 };

const s3 = 'arn:aws:s3:::';
const others = `${s3}other`;
const action = fc.constantFrom(
  ...[
    's3:*',
    's3:Get*',
    's3:GetObject',
    's3:getobject*',
    's3:GetObject?*',
    's3:List*',
    's3:ListBucket',
    's3:PutObject',
    's3:*Object*',
    '*',
    'sqs:*',
  ],
);
const written = fc
  .array(
    fc.constantFrom('agentkeys-mail-', account, 'other', '/', 'inbound', 'bots', 'a', '*', '?', '$' + '{aws:username}'),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => s3 + parts.join(''));
const resource = fc.oneof(
  fc.constantFrom(
    '*',
    bucketArn,
    `${bucketArn}/*`,
    `${bucketArn}*`,
    `${bucketArn}/inbound/*`,
    `${bucketArn}/inbound*`,
    `${bucketArn}/bots/*`,
    `${bucketArn}/*/inbound/*`,
  ),
  fc.constantFrom(
    `${s3}*`,
    `${s3}*/*`,
    `${s3}agentkeys-*`,
    others,
    `${others}/*`,
    `arn:aws:sqs:us-east-1:${account}:*`,
  ),
  written,
);
const condition: fc.Arbitrary<Statement['Condition']> = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 3 },
  fc
    .tuple(
      fc.constantFrom('StringLike', 'StringEquals', 'StringNotLike', 'StringNotEquals', 'StringLikeIfExists'),
      fc.uniqueArray(fc.constantFrom('inbound/*', 'inbound/', 'bots/*', '', 'inbound*'), {
        minLength: 1,
        maxLength: 2,
      }),
    )
    .map(([operator, prefixes]): Statement['Condition'] => ({ [operator]: { 's3:prefix': prefixes } })),
  fc.constantFrom<Statement['Condition'][]>(
    { Bool: { 'aws:SecureTransport': 'true' } },
    { StringEquals: { 'aws:PrincipalTag/team': 'mail' } },
  ),
);
const oneOrMany = (each: fc.Arbitrary<string>) => fc.oneof(each, fc.uniqueArray(each, { minLength: 1, maxLength: 3 }));

function statement(effect: 'Allow' | 'Deny'): fc.Arbitrary<Statement> {
  const but = fc.constantFrom(false, false, false, true);
  return fc
    .tuple(oneOrMany(action), oneOrMany(resource), condition, but, but)
    .map(([actions, resources, Condition, butAction, butResource]) => ({
      Effect: effect,
      [butAction ? 'NotAction' : 'Action']: actions,
      [butResource ? 'NotResource' : 'Resource']: resources,
      ...(Condition === undefined ? {} : { Condition }),
    }));
}

const statements = fc.array(fc.oneof({ arbitrary: statement('Allow'), weight: 3 }, statement('Deny')), {
  minLength: 1,
  maxLength: 3,
});
const document = fc.record({ Version: fc.constantFrom('2012-10-17', '2008-10-17'), Statement: statements });
/** One of several parts of the matrix: each case decides some of the requests. */
const parts = 23;
const part = fc.nat(parts - 1);

function partOf(requests: Request[], which: number): Request[] {
  return requests.filter((_, index) => index % parts === which);
}

const documentOf = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });

/** Requests that S3 knows and that could reach the mail bucket under another ARN. */
const detours = requestsElsewhere.filter(({ action, resource }) =>
  resource === '*'
    ? action === 's3:CreateJob'
    : /:(accesspoint|job|access-grants)\//.test(resource) && /^s3/.test(action),
);

t.test('a statement without the bucket grants the same elsewhere, and nothing that reaches the bucket', async () => {
  fc.assert(
    fc.property(statement('Allow'), part, (given, which) => {
      const rest = withoutBucket(given, bucketArn);
      fc.pre(rest !== undefined);
      const [before, after] = [{ identity: [documentOf(given)] }, { identity: [documentOf(...rest)] }];
      const differing = partOf(requestsElsewhere, which).filter(
        (one) => !isDetour(one) && allowed(before, one) !== allowed(after, one),
      );
      const left = partOf([...requestsHere.filter(isOnBucket), ...detours], which).filter((one) => allowed(after, one));
      const gained = partOf(requestsHere, which).filter((one) => allowed(after, one) && !allowed(before, one));
      return differing.length + left.length + gained.length === 0;
    }),
    parameters,
  );
});

t.test('a statement that is no broad grant allows nothing beyond reading inbound/', async () => {
  fc.assert(
    fc.property(statement('Allow'), part, (given, which) => {
      fc.pre(grantsBeyondInbound(given, bucketArn).length === 0);
      const policies = { identity: [documentOf(given)] };
      return !partOf(requestsHere, which).some((one) => isOnBucket(one) && !isDesigned(one) && allowed(policies, one));
    }),
    parameters,
  );
});

t.test('a grant reported as denied allows nothing beyond reading inbound/', async (t) => {
  let denied = 0;
  fc.assert(
    fc.property(
      statement('Allow'),
      fc.array(statement('Deny'), { maxLength: 3 }),
      fc.option(statements, { nil: undefined }),
      part,
      (given, denies, within, which) => {
        const documents = [documentOf(given), ...(denies.length === 0 ? [] : [documentOf(...denies)])];
        const boundary = within === undefined ? undefined : documentOf(...within);
        const restrictions = restrictionsOf(roleOf(documents, boundary));
        fc.pre(grantsBeyondInbound(given, bucketArn).length > 0);
        if (deniedBy(given, restrictions, bucketArn) === undefined) return true;
        denied++;
        const policies = { identity: documents, ...(boundary === undefined ? {} : { boundary }) };
        return !partOf(requestsHere, which).some(
          (one) => isOnBucket(one) && !isDesigned(one) && allowed(policies, one),
        );
      },
    ),
    parameters,
  );
  t.ok(denied > 20, `${denied} of them`);
});

t.test('patterns that match the same text overlap', async (t) => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 5 }).map((parts) => parts.join(''));
  const texts = [''];
  for (const text of texts) if (text.length < 6) texts.push(`${text}a`, `${text}b`);
  const both = { yes: 0, no: 0 };
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      // Two patterns of five characters that have a text in common have one of at most ten, and these have one of at most six in all
      // but a few cases: the others are left out.
      const found = texts.some((text) => matches(one, text) && matches(other, text));
      const said = overlaps(one, other);
      both[said ? 'yes' : 'no']++;
      return found ? said : !said || one.length + other.length > 6;
    }),
    { ...parameters, numRuns: parameters.numRuns * 10 },
  );
  t.ok(both.yes > 300 && both.no > 300, JSON.stringify(both));
});

t.test('a pattern reported as within another matches nothing else', async () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 5 }).map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      pattern,
      pattern,
      text,
      (narrow, wide, one) => !isWithinPattern(narrow, wide) || !matches(narrow, one) || matches(wide, one),
    ),
    { ...parameters, numRuns: parameters.numRuns * 10 },
  );
});

/** A role with these documents as inline policies. */
function roleOf(documents: PolicyDocument[], boundary?: PolicyDocument, attached: string[] = []): BrokerRole {
  const inline = Object.fromEntries(documents.map((one, index) => [`p${index}`, policyText(one)]));
  return roleWith({ inline, attached, ...(boundary === undefined ? {} : { boundary: policyText(boundary) }) });
}

t.test('a plan for any role, applied', async (t) => {
  const scope = scopeWith({ removeBroadGrants: true, brokerReadsInbound: true });
  const planned = (role: BrokerRole) => [...brokerPolicyEntries(role, {}, scope), ...grantEntries(role, {}, scope)];

  const applied = (role: BrokerRole) =>
    withWrites(
      role,
      planned(role).flatMap(({ writes }) => writes),
    );

  let removed = 0;
  const attached = fc.subarray(Object.keys(attachable));
  const bounded = fc.option(document, { nil: undefined, freq: 2 });
  fc.assert(
    fc.property(fc.array(document, { maxLength: 3 }), bounded, attached, part, (documents, boundary, names, which) => {
      const role = roleOf(documents, boundary, names);
      const after = applied(role);
      const entries = planned(role);
      removed += entries.filter(({ action }) => action === 'delete').length;
      const [had, has] = [policiesOf(role), policiesOf(after)];
      const designed = {
        ...had,
        identity: [brokerPolicy(scope, { readsInbound: true, listsOnlyInbound: true, deniesCredentials: false })],
      };
      const faults = [
        ...partOf(requestsElsewhere, which).filter((one) => !isDetour(one) && allowed(had, one) !== allowed(has, one)),
        ...partOf(requestsElsewhere, which).filter((one) => allowed(has, one) && !allowed(had, one)),
        ...partOf(requestsHere, which).filter(
          (one) => allowed(has, one) && !allowed(had, one) && !allowed(designed, one),
        ),
      ].map(asLine);
      const reported = entries.some(
        ({ action, note }) => action === 'attention' && note?.startsWith('grants more on '),
      );
      const reading = partOf(requestsHere, which).filter(
        (one) => isOnBucket(one) && !isDesigned(one) && allowed(has, one),
      );
      if (!reported) faults.push(...reading.map(asLine));
      const again = planned(after).flatMap(({ writes }) => writes.map(({ call }) => call));
      if (faults.length + again.length > 0) throw new Error([...faults, ...again].join('\n'));
    }),
    parameters,
  );
  t.ok(removed > 100, `${removed} grants were removed`);
});
