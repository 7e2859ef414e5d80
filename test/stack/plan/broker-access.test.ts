/**
 * Whether a deploy lets the broker list and read `inbound/`: by the setting, by what was recorded, or by the policies in force.
 */
import t from 'tap';
import { stackNames } from '../../../src/agentkeys/names.js';
import { type PolicyDocument, policyText, type Statement } from '../../../src/policy/document.js';
import type { Entry } from '../../../src/reconcile/plan.js';
import type { SettingValues } from '../../../src/settings/index.js';
import { detachedTagKey } from '../../../src/stack/broker/remove-grant.js';
import type { BrokerPolicy, BrokerRole, SeenBucket } from '../../../src/stack/broker/state.js';
import { account, brokerName, bucket, bucketArn, type Deployed, entriesOf, inline, linesOf } from './support.js';

const own = 'agentkeys-ses-routing-broker';
const tagKey = 'agentkeys-ses-routing:reads-inbound';
const fullAccess = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const brokerArn = `arn:aws:iam::${account}:role/${brokerName}`;
const mail = `${bucketArn}/inbound/*`;

const document = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], Resource: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string, Resource: string, more: Partial<Statement> = {}): Statement => ({
  ...allow(Action, Resource, more),
  Effect: 'Deny',
});
const granted = (...statements: Statement[]): BrokerPolicy => inline('granted', policyText(document(...statements)));
const onlyFrom = { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } };
const insecure = { Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

/** A role without anything of this tool's, but for the changes; and what the bucket has. */
const undeployed =
  (change: Partial<BrokerRole>, seen: SeenBucket = {}) =>
  ({ broker }: Deployed) => ({ broker: { role: { ...broker.role, policies: [], tags: {}, ...change } }, bucket: seen });

const bucketPolicy = (statement: Statement): SeenBucket => ({ policy: policyText(document(statement)) });

/** What a plan does about the broker: its policy's Allow statements by action, the tag, and what is said or asked. */
function accessOf(
  observed: (stack: Deployed) => object,
  settings: Partial<SettingValues> = {},
): { reads: boolean | 'undecided'; said: string[]; entries: Entry[] } {
  const entries = entriesOf({ observed, settings }).filter(({ resource }) => resource === 'broker policy');
  const writes = entries.flatMap((entry) => entry.writes);
  const [tag, put, ...others] = writes;
  const said = entries.filter(({ action }) => action === 'attention').flatMap(({ note = '' }) => note);
  if (entries.some(({ offer }) => offer === 'broker-reads-inbound')) {
    if (writes.length > 0) throw new Error('undecided, and yet it writes');
    return { reads: 'undecided', said, entries };
  }
  if (tag?.call !== 'iam:TagRole' || put?.call !== 'iam:PutRolePolicy' || others.length > 0)
    throw new Error(`unexpected calls: ${writes.map(({ call }) => call)}`);
  const allowed = JSON.parse(String(put.input.PolicyDocument)).Statement.filter(
    ({ Effect }: Statement) => Effect === 'Allow',
  );
  const reads = allowed.length === 2;
  if (tag.input.Tags?.[0]?.Value !== String(reads)) throw new Error('the tag says something else');
  return { reads, said, entries };
}

const complex = granted(
  allow(
    's3:GetObject',
    Array.from({ length: 18 }, (_, n) => `arn:aws:s3:::*${String.fromCodePoint(97 + n)}??????????*${n}`),
  ),
);

const cases: Array<{
  name: string;
  observed: (stack: Deployed) => object;
  reads: boolean | 'undecided';
  /** Why it is not decided. */
  why?: string;
}> = [
  { name: 'no policies at all', observed: undeployed({}), reads: false },
  {
    name: "another service's access, and another bucket's",
    observed: undeployed({ policies: [granted(allow('sqs:*', '*'), allow('s3:*', ['arn:aws:s3:::other/*']))] }),
    reads: false,
  },
  { name: 'listing only', observed: undeployed({ policies: [granted(allow('s3:List*', bucketArn))] }), reads: false },
  {
    name: 'reading what is not mail',
    observed: undeployed({ policies: [granted(allow('s3:GetObject', `${bucketArn}/public/*`))] }),
    reads: false,
  },
  {
    name: 'all of S3, and all of the mail denied, but not by access points',
    observed: undeployed({ policies: [granted(allow('s3:*', '*'), deny('s3:*', mail))] }),
    reads: 'undecided',
    why: 'granted may allow it, for some messages, under a condition or by an access point',
  },
  {
    name: 'all of S3, and all of the mail denied, by access points too',
    observed: undeployed({
      policies: [granted(allow('s3:*', '*'), deny('s3:*', mail), deny('s3:*', 'arn:aws:s3:*:*:accesspoint/*'))],
    }),
    reads: false,
  },
  {
    name: 'all of S3, and all of it denied',
    observed: undeployed({ policies: [granted(allow('s3:*', '*'), deny('s3*:*', '*'))] }),
    reads: false,
  },
  {
    name: 'all of S3, beyond a boundary',
    observed: undeployed({
      policies: [granted(allow('s3:*', '*'))],
      boundary: { name: 'boundary', document: document(allow('sqs:*', '*')) },
    }),
    reads: false,
  },
  { name: 'all of S3', observed: undeployed({ policies: [granted(allow('s3:*', '*'))] }), reads: true },
  { name: 'all of AWS', observed: undeployed({ policies: [granted(allow('*', '*'))] }), reads: true },
  {
    name: 'everything but something else',
    observed: undeployed({
      policies: [
        granted({ Effect: 'Allow', NotAction: 'iam:*', NotResource: [`${bucketArn}/bots/*`, 'arn:aws:sqs:*:*:*'] }),
      ],
    }),
    reads: true,
  },
  {
    name: 'all of S3, over TLS only',
    observed: undeployed(
      { policies: [granted(allow('s3:*', '*'))] },
      bucketPolicy({ ...deny('s3:*', '*', insecure), Principal: '*' }),
    ),
    reads: true,
  },
  { name: 'exactly inbound/', observed: undeployed({ policies: [granted(allow('s3:Get*', mail))] }), reads: true },
  {
    name: 'by the bucket policy',
    observed: undeployed({}, bucketPolicy({ ...allow('s3:GetObject', mail), Principal: { AWS: brokerArn } })),
    reads: true,
  },
  {
    name: 'by the bucket policy, to everybody',
    observed: undeployed({}, bucketPolicy({ ...allow('s3:GetObject', `${bucketArn}/*`), Principal: '*' })),
    reads: true,
  },
  {
    name: 'by the bucket policy, to another role',
    observed: undeployed({}, bucketPolicy({ ...allow('s3:GetObject', mail), Principal: { AWS: `${brokerArn}-2` } })),
    reads: false,
  },
  {
    name: 'by the bucket policy, to the account, whose policies decide',
    observed: undeployed({}, bucketPolicy({ ...allow('s3:GetObject', mail), Principal: { AWS: account } })),
    reads: false,
  },
  {
    name: 'under a condition',
    observed: undeployed({ policies: [granted(allow('s3:GetObject', mail, onlyFrom))] }),
    reads: 'undecided',
    why: 'granted may allow it, for some messages, under a condition or by an access point',
  },
  {
    name: 'under a condition that is not known',
    observed: undeployed({
      policies: [granted(allow('s3:GetObject', mail, { Condition: { NewOperator: { a: 'b' } } }))],
    }),
    reads: 'undecided',
    why: 'granted may allow it, for some messages, under a condition or by an access point',
  },
  {
    name: 'by the bucket policy, under a condition',
    observed: undeployed({}, bucketPolicy({ ...allow('s3:GetObject', mail, onlyFrom), Principal: { AWS: brokerArn } })),
    reads: 'undecided',
    why: 'the bucket policy may allow it, for some messages, under a condition or by an access point',
  },
  {
    name: 'some of it',
    observed: undeployed({ policies: [granted(allow('s3:GetObject', `${bucketArn}/inbound/a*`))] }),
    reads: 'undecided',
    why: 'granted may allow it, for some messages, under a condition or by an access point',
  },
  {
    name: 'versions of it',
    observed: undeployed({ policies: [granted(allow('s3:GetObjectVersion', `${bucketArn}/*`))] }),
    reads: 'undecided',
    why: 'granted may allow it, for some messages, under a condition or by an access point',
  },
  {
    name: 'by an access point',
    observed: undeployed({
      policies: [granted(allow('s3:GetObject', `arn:aws:s3:us-east-1:${account}:accesspoint/mail/object/*`))],
    }),
    reads: 'undecided',
    why: 'granted may allow it, for some messages, under a condition or by an access point',
  },
  {
    name: 'patterns that are too complex',
    observed: undeployed({ policies: [complex] }),
    reads: 'undecided',
    why: 'its policies are too complex to analyse',
  },
  {
    name: 'patterns that are too complex, beside a policy that is enough',
    observed: undeployed({ policies: [complex, granted(allow('s3:*', '*'))] }),
    reads: true,
  },
  {
    name: 'a policy that AWS does not show',
    observed: undeployed({ unreadable: [{ name: 'hidden', arn: 'arn', why: 'AWS denied hidden' }] }),
    reads: 'undecided',
    why: 'AWS denied hidden',
  },
  {
    name: 'a policy that AWS does not show, beside one that is enough',
    observed: undeployed({
      policies: [granted(allow('s3:*', '*'))],
      unreadable: [{ name: 'hidden', arn: 'arn', why: 'AWS denied hidden' }],
    }),
    reads: true,
  },
  {
    name: 'a bucket policy that AWS does not show',
    observed: undeployed({}, { policyDenied: true }),
    reads: 'undecided',
    why: 'AWS denied s3:GetBucketPolicy on the bucket',
  },
  {
    name: 'a bucket policy that is none',
    observed: undeployed({}, { policy: '{}' }),
    reads: 'undecided',
    why: "the bucket policy can't be parsed",
  },
];

t.test('what the policies show decides, where nothing was recorded', async (t) => {
  for (const { name, observed, reads, why } of cases) {
    const found = accessOf(observed);
    t.equal(found.reads, reads, name);
    if (why !== undefined) t.match(found.said, [`unknown whether the broker reads inbound/: ${why}; `], name);
    if (reads === false) t.match(found.said, [/gets no access to inbound\/.*--broker-reads-inbound/], name);
    if (reads === true) t.strictSame(found.said, [], name);
    t.equal(accessOf(observed, { brokerReadsInbound: true }).reads, true, `${name}, with --broker-reads-inbound`);
    t.equal(accessOf(observed, { brokerReadsInbound: false }).reads, false, `${name}, with --no-broker-reads-inbound`);
  }
});

const denyAlone = document(deny('s3:*', `${bucketArn}/bots/*/inbound/*`), {
  Effect: 'Deny',
  Action: ['s3:ListBucket', 's3:ListBucketVersions'],
  Resource: bucketArn,
  Condition: { StringLike: { 's3:prefix': ['bots/*/inbound', 'bots/*/inbound/*'] } },
});
const withDeny = [inline(own, policyText(denyAlone))];
const reading = ({ broker }: Deployed) => ({ broker: { role: { ...broker.role, tags: {} } } });
const reads = (value: string) => ({ [tagKey]: value });
const fullOfTags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`tag-${index}`, '']));
const turnedOff = `remove from ${brokerName}: Allow s3:GetObject on ${mail}; Allow s3:ListBucket on ${bucketArn} when s3:prefix StringLike inbound/*`;
const [turnedOn, put, tag] = [
  `let ${brokerName} list and read inbound/ of ${bucket}`,
  'iam:PutRolePolicy',
  'iam:TagRole',
];

const decisions: Array<{
  name: string;
  observed: (stack: Deployed) => object;
  setting?: boolean;
  vault?: boolean;
  /** The calls. */
  writes: string[];
  /** Whether the policy that is put lets the broker read. */
  reads?: boolean;
  destroys?: string;
  widens?: string;
  note?: string;
}> = [
  {
    name: 'recorded as true, and the policy is gone',
    observed: undeployed({ tags: reads('true') }),
    writes: [put],
    reads: true,
  },
  {
    name: 'recorded as false: announced once',
    observed: undeployed({ tags: reads('false') }),
    writes: [put],
    reads: false,
  },
  {
    name: 'a tag with another value',
    observed: undeployed({ tags: reads('maybe') }),
    writes: [tag, put],
    reads: false,
    note: 'gets no access',
  },
  {
    name: 'the policy is gone, and the record of a removed grant is there',
    observed: undeployed({ tags: { [detachedTagKey(fullAccess, stackNames())]: fullAccess } }),
    writes: [tag, put],
    reads: true,
  },
  {
    name: 'the policy is gone, and what was kept of a removed grant is there',
    observed: undeployed({ policies: [inline(`${own}-retained`, policyText(document(allow('sqs:*', '*'))))] }),
    writes: [tag, put],
    reads: true,
  },
  { name: 'the policy of an earlier version, in sync: it is recorded', observed: reading, writes: [tag] },
  { name: 'the same, with the setting: it is recorded', observed: reading, setting: true, writes: [tag] },
  {
    name: 'recorded as false, in sync',
    observed: undeployed({ tags: reads('false'), policies: withDeny }),
    writes: [],
    note: 'gives no access to inbound/ (--broker-reads-inbound does)',
  },
  {
    name: 'turned on, where it surely could not read',
    observed: undeployed({ tags: reads('false'), policies: withDeny }),
    setting: true,
    writes: [tag, put],
    reads: true,
    widens: turnedOn,
  },
  {
    name: 'on from the start',
    observed: undeployed({}),
    setting: true,
    writes: [tag, put],
    reads: true,
    widens: turnedOn,
  },
  {
    name: 'on from the start, where it may read already: the setting is the answer',
    observed: undeployed({}, { policyDenied: true }),
    setting: true,
    writes: [tag, put],
    reads: true,
  },
  {
    name: 'turned off',
    observed: (stack) => ({ broker: stack.broker }),
    setting: false,
    writes: [tag, put],
    reads: false,
    destroys: turnedOff,
  },
  {
    name: 'turned off, while the Deny is widened to secrets',
    observed: (stack) => ({ broker: stack.broker }),
    setting: false,
    vault: true,
    writes: [tag, put],
    reads: false,
    destroys: turnedOff,
  },
  {
    name: 'no room for the record, and the broker reads',
    observed: undeployed({ tags: fullOfTags, policies: [granted(allow('s3:*', '*'))] }),
    writes: [put],
    reads: true,
  },
  {
    name: 'no room for the record, without which the next run would let the broker read',
    observed: undeployed({ tags: fullOfTags }),
    writes: [],
    note: 'does not fit: it takes one more tag on the role, which already has the maximum; make room, then run this again',
  },
];

t.test('what was recorded stands until the setting changes it', async (t) => {
  for (const one of decisions) {
    const settings = {
      ...(one.setting === undefined ? {} : { brokerReadsInbound: one.setting }),
      vault: one.vault === true,
    };
    const entries = entriesOf({ observed: one.observed, settings }).filter(
      ({ resource }) => resource === 'broker policy',
    );
    const writes = entries.flatMap((entry) => entry.writes);
    t.strictSame(
      writes.map(({ call }) => call),
      one.writes,
      one.name,
    );
    const texts = writes.flatMap((write) => (write.call === 'iam:PutRolePolicy' ? [write.input.PolicyDocument] : []));
    if (one.reads !== undefined)
      t.strictSame(
        texts.map((text) => text?.includes('ReadInbound')),
        [one.reads],
        one.name,
      );
    t.equal(entries.flatMap(({ destroys = [] }) => destroys).join(), one.destroys ?? '', one.name);
    t.equal(entries.flatMap(({ widens = [] }) => widens).join(), one.widens ?? '', one.name);
    t.match(entries.flatMap(({ note = [] }) => note).join(), one.note ?? /^$/, one.name);
  }
});

t.test('a teardown says what is kept, and forgets the decision with the policy', async (t) => {
  const denied = undeployed({ tags: reads('false'), policies: withDeny });
  t.match(
    linesOf(entriesOf({ observed: denied, command: 'teardown' })).join('\n'),
    'kept: it denies the broker routed mail',
  );
  const off = ({ observed }: { observed: (stack: Deployed) => object }) =>
    entriesOf({ observed, command: 'teardown', settings: { teardownBroker: true } }).filter(
      ({ resource }) => resource === 'broker policy',
    );
  const calls = (entries: Entry[]) => entries.flatMap(({ writes }) => writes.map(({ call }) => call));
  t.strictSame(calls(off({ observed: denied })), ['iam:DeleteRolePolicy', 'iam:UntagRole']);
  t.strictSame(
    off({ observed: denied }).map(({ destroys }) => destroys),
    [`remove ${brokerName}'s deny on routed mail`],
  );
  t.strictSame(calls(off({ observed: reading })), ['iam:DeleteRolePolicy'], 'there is no record of an earlier version');
  const interrupted = off({ observed: undeployed({ tags: reads('true') }) });
  t.strictSame(calls(interrupted), ['iam:UntagRole'], 'the policy is gone already');
  t.strictSame(linesOf(interrupted), [`~ broker policy   ${brokerName}`, `    - tag ${tagKey}: true`]);
});

t.test('a broker that does not read mail needs no key', async (t) => {
  const notes = (change: Partial<BrokerRole>) => {
    const observed = (stack: Deployed) => ({ ...undeployed(change)(stack), bucket: { kmsKey: 'key' } });
    return entriesOf({ observed }).filter(({ resource }) => resource === 'broker role').length;
  };
  t.equal(notes({}), 0);
  t.equal(notes({ tags: reads('true') }), 1);
});

t.test('a policy that AWS does not show is reported', async (t) => {
  const observed = ({ broker }: Deployed) => ({
    broker: { role: { ...broker.role, unreadable: [{ name: 'hidden', arn: 'arn', why: 'AWS denied hidden' }] } },
  });
  t.strictSame(linesOf(entriesOf({ observed }).filter(({ resource }) => resource === 'broad grant')), [
    `! broad grant     ${brokerName}/hidden`,
    '    unknown what it grants: AWS denied hidden',
  ]);
});
