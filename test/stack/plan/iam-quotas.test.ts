/** IAM's quotas for the broker's role: what would not fit is noted, not written. */
import t from 'tap';
import { stackNames } from '../../../src/agentkeys/names.js';
import { parsePolicy } from '../../../src/policy/document.js';
import { detachedTagKey, narrowedTagKey } from '../../../src/stack/broker/remove-grant.js';
import type { BrokerPolicy } from '../../../src/stack/broker/state.js';
import { account, brokerName, bucket, type Deployed, entriesOf, inline, notesOn } from './support.js';

const statement = (Action: string, Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource });
const text = (...Statement: object[]) => JSON.stringify({ Statement });
const wide = text(statement('s3:*', '*'));
/** A policy of about this many characters, on no bucket. */
const filler = (size: number) =>
  inline('filler', text(statement('sqs:*', `arn:aws:sqs:us-east-1:${account}:${'q'.repeat(size)}`)));
const managed = (name: string, policy = wide): BrokerPolicy => ({
  kind: 'managed',
  name,
  arn: `arn:aws:iam::aws:policy/${name}`,
  text: policy,
  document: parsePolicy(policy),
});
const fullAccess = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const savedArn = `arn:aws:iam::${account}:policy/agentkeys-ses-routing/saved-0123456789abcdef`;

const tagsOf = (count: number, prefix = 'theirs-') =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, 'x']));

interface QuotaCase {
  name: string;
  policies: BrokerPolicy[];
  tags?: Record<string, string>;
  command?: 'teardown';
  /** The notes by entry: what is not written, and why. */
  notes: Record<string, string>;
}

const more = `grants more on ${bucket} than reading inbound/; `;
const grant = (name: string) => `broad grant ${brokerName}/${name}`;
const tooLarge = `${more}it is too large to be saved as a managed policy: narrow it by hand`;
const totals = (size: number) =>
  `${more}it can't be narrowed automatically: the role's inline policies would total ${size} characters, and IAM allows 10240; narrow it by hand`;
const noTag = `${more}removing it takes one more tag on the role, which already has the maximum: delete a tag first`;
const saved = { [narrowedTagKey('mail', stackNames())]: savedArn };

const cases: QuotaCase[] = [
  { name: 'a policy that fits', policies: [inline('wide', wide)], notes: {} },
  {
    name: 'a document that is too large for a managed policy',
    policies: [
      inline(
        'wide',
        text(
          statement('s3:*', ['*', ...Array.from({ length: 200 }, (_, n) => `arn:aws:s3:::a-bucket-of-some-name-${n}`)]),
        ),
      ),
    ],
    notes: { [grant('wide')]: tooLarge },
  },
  {
    name: 'a document whose text is too long for one',
    policies: [inline('wide', wide.replace('"*"', `["*","arn:aws:s3:::${'\\u0061'.repeat(1_050)}"]`))],
    notes: { [grant('wide')]: tooLarge },
  },
  {
    name: "a narrowed policy, longer by the bucket's name, does not fit",
    policies: [inline('wide', wide), filler(8_900)],
    notes: { [grant('wide')]: totals(10_334) },
  },
  {
    name: 'what a detached policy grants elsewhere does not fit',
    policies: [
      managed('AmazonS3FullAccess', text(statement('s3:*', '*'), statement('s3-object-lambda:*', '*'))),
      filler(8_900),
    ],
    notes: { [grant('AmazonS3FullAccess')]: totals(10_421) },
  },
  {
    name: 'the maximum number of tags',
    policies: [inline('wide', wide)],
    tags: tagsOf(50),
    notes: { [grant('wide')]: noTag },
  },
  {
    // One is for the record of whether the broker reads inbound/.
    name: 'two tags fewer: the first of two grants is removed',
    policies: [inline('a', wide), inline('b', wide)],
    tags: tagsOf(48),
    notes: { [grant('b')]: noTag },
  },
  {
    name: 'tags with the aws: prefix do not count',
    policies: [inline('wide', wide)],
    tags: { ...tagsOf(48), ...tagsOf(9, 'aws:cloudformation:') },
    notes: {},
  },
  {
    name: "restoring: ten managed policies are attached, IAM's default quota",
    command: 'teardown',
    policies: Array.from({ length: 10 }, (_, n) => managed(`Theirs${n}`, text(statement('sqs:*', '*')))),
    tags: { [detachedTagKey(fullAccess, stackNames())]: fullAccess },
    notes: {
      [grant('AmazonS3FullAccess')]:
        `not reattached: 10 managed policies are attached, which is IAM's default quota; detach one, or attach ${fullAccess} yourself`,
      [`broker policy ${brokerName}/agentkeys-ses-routing-broker`]: 'kept until everything is restored',
    },
  },
  {
    name: 'restoring: one slot is left',
    command: 'teardown',
    policies: Array.from({ length: 9 }, (_, n) => managed(`Theirs${n}`, text(statement('sqs:*', '*')))),
    tags: { [detachedTagKey(fullAccess, stackNames())]: fullAccess },
    notes: {},
  },
  {
    name: 'restoring: the saved document does not fit',
    command: 'teardown',
    policies: [filler(10_100)],
    tags: saved,
    notes: {
      [grant('mail')]:
        `not restored: the role's inline policies would total 10868 characters, and IAM allows 10240; make room, then run this again (it stays saved as ${savedArn})`,
      [`broker policy ${brokerName}/agentkeys-ses-routing-broker`]: 'kept until everything is restored',
    },
  },
];

const observedOf =
  ({ policies, tags = {} }: Pick<QuotaCase, 'policies' | 'tags'>) =>
  ({ broker: { role } }: Deployed) => ({
    broker: {
      role: {
        ...role,
        tags,
        policies: [...role.policies, ...policies],
        saved: [{ arn: savedArn, name: 'mail', text: wide }],
      },
    },
  });

for (const { name, command, notes, ...role } of cases)
  t.test(name, async (t) => {
    const settings = command === 'teardown' ? { teardownBroker: true } : { removeBroadGrants: true };
    const observed = observedOf(role);
    const noted = notesOn(['broad grant', 'broker policy'], { observed, settings, ...(command && { command }) });
    t.strictSame(Object.fromEntries(noted.map((entry) => [`${entry.resource} ${entry.name}`, entry.note])), notes);
  });

t.test("this tool's own policy does not fit", async (t) => {
  const observed = ({ broker: { role } }: Deployed) => ({ broker: { role: { ...role, policies: [filler(9_900)] } } });
  const [entry] = notesOn(['broker policy'], { observed });
  t.match(
    entry?.note,
    /^does not fit: the role's inline policies would total \d+ characters, and IAM allows 10240; make room, then/,
  );
});

t.test("what fits only without this tool's own policies is restored after they are deleted", async (t) => {
  const observed = observedOf({ policies: [filler(9_600)], tags: saved });
  const entries = entriesOf({ observed, settings: { teardownBroker: true }, command: 'teardown' });
  const calls = entries.flatMap(({ resource, writes }) =>
    resource.startsWith('bro') ? writes.map(({ call }) => call) : [],
  );
  t.strictSame(calls, ['iam:DeleteRolePolicy', 'iam:PutRolePolicy', 'iam:DeletePolicy', 'iam:UntagRole']);
});
