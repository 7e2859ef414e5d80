/**
 * A bucket that keeps versions, and messages with tags: routed by the same permissions as any others.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { routedKeys } from '../../../../src/commands/demo/mail.js';
import {
  delivered,
  deployed,
  expectedKeys,
  failedKeys,
  inboundKeys,
  keysIn,
  messages,
  outcomes,
  startRouting,
} from '../../../support/mail.js';
import { type Operator, startOperator } from '../../../support/operator.js';

const roleName = 'agentkeys-ses-routing-role';
const byEnvelope = messages.filter(({ routed }) => routed?.by === 'envelope');

async function keepingVersions({ aws, bucket }: Operator, ...states: Array<'Enabled' | 'Suspended'>): Promise<void> {
  for (const Status of states)
    await aws.s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
}

async function versionsIn({ aws, bucket }: Operator) {
  const { Versions = [], DeleteMarkers = [] } = await aws.s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  const keys = (some: Array<{ Key?: string }>) => some.map(({ Key = '' }) => Key).sort();
  return { versions: keys(Versions), markers: keys(DeleteMarkers) };
}

/** What the execution role may do. */
function allowed({ sandbox }: Operator): string[] {
  const policy = JSON.parse(sandbox.state.iam.roles.get(roleName)?.inline.get(`${roleName}-inline`) ?? '');
  return policy.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
}

const states: Array<{ name: string; states: Array<'Enabled' | 'Suspended'> }> = [
  { name: 'with versioning', states: ['Enabled'] },
  { name: 'with versioning suspended', states: ['Enabled', 'Suspended'] },
];

for (const { name, states: given } of states) {
  t.test(`${name}, all mail is routed, without permissions on versions`, async (t) => {
    const operator = await startOperator(t);
    await keepingVersions(operator, ...given);
    await deployed(operator);
    await delivered(operator);
    t.strictSame(await keysIn(operator), expectedKeys);
    t.strictSame(failedKeys(operator), []);
    t.strictSame(
      allowed(operator).filter((action) => /version|tagging/i.test(action)),
      [],
    );
    t.strictSame(await versionsIn(operator), { versions: expectedKeys, markers: [] }, 'one version of each');

    await t.test('delivered again, the message has another version, and its copies have none', async (t) => {
      await delivered(operator);
      t.strictSame(await keysIn(operator), expectedKeys);
      const again = given.includes('Suspended') ? [] : inboundKeys;
      t.strictSame(await versionsIn(operator), { versions: [...expectedKeys, ...again].sort(), markers: [] });
    });
  });

  t.test(`${name}, --delete-source leaves a delete marker, and an event after that finds nothing`, async (t) => {
    const operator = await startOperator(t);
    await keepingVersions(operator, ...given);
    await deployed(operator, '--delete-source');
    // The events are kept, to come a second time: EventBridge promises no less than once.
    const events: unknown[] = [];
    const { enqueue } = operator.sandbox.state;
    operator.sandbox.state.enqueue = (fn, event) => {
      events.push(event);
      return enqueue(fn, event);
    };
    await delivered(operator);
    const gone = byEnvelope.map(({ key }) => key).sort();
    const left = expectedKeys.filter((key) => !gone.includes(key));
    t.strictSame(await keysIn(operator), left);
    const { versions, markers } = await versionsIn(operator);
    t.strictSame(markers, gone);
    t.strictSame(versions, given.includes('Suspended') ? left : expectedKeys, 'below the marker the message is kept');

    const late = () => outcomes(operator).flatMap(({ key, Reason }) => (Reason === 'gone' ? [key] : []));
    t.strictSame(late(), []);
    for (const event of events) await enqueue('agentkeys-ses-routing', event);
    t.strictSame(late().sort(), gone);
    t.strictSame(failedKeys(operator), []);
    t.strictSame(await versionsIn(operator), { versions, markers }, 'and changes nothing');
  });
}

t.test('a copy that was deleted is made again when the message comes again: a delete marker is no copy', async (t) => {
  const operator = await startOperator(t);
  const { aws, bucket } = operator;
  await keepingVersions(operator, 'Enabled');
  await deployed(operator);
  const [signup] = byEnvelope;
  if (signup === undefined) return t.fail('no such fixture');
  const [copy = ''] = routedKeys(signup);
  await delivered(operator, [signup]);
  await aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: copy }));
  t.strictSame(await keysIn(operator), [signup.key]);
  await delivered(operator, [signup]);
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key: copy }));
  t.ok(signup.raw.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)));
  t.strictSame(await versionsIn(operator), {
    versions: [copy, copy, signup.key, signup.key].sort(),
    markers: [copy],
  });
});

t.test('the event names the version; the function uses the key', async (t) => {
  const operator = await startOperator(t);
  await keepingVersions(operator, 'Enabled');
  await deployed(operator);
  const events: unknown[] = [];
  const { enqueue } = operator.sandbox.state;
  operator.sandbox.state.enqueue = (fn, event) => {
    events.push(event);
    return enqueue(fn, event);
  };
  await delivered(operator, byEnvelope.slice(0, 1));
  t.match(events, [{ detail: { object: { 'version-id': /^[\w-]{32}$/ } } }]);
});

t.test('messages with tags are routed without permissions on tags, and their copies have none', async (t) => {
  for (const flags of [[], ['--delete-source']]) {
    const operator = await startRouting(t, ...flags);
    const { aws, bucket, sandbox } = operator;
    for (const { key, raw } of messages)
      await aws.s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: raw, Tagging: 'expire=30d&owner=mail%20team' }),
      );
    await sandbox.settled();
    t.strictSame(failedKeys(operator), []);
    const gone = flags.length === 0 ? [] : byEnvelope.map(({ key }) => key);
    const keys = await keysIn(operator);
    t.strictSame(
      keys,
      expectedKeys.filter((key) => !gone.includes(key)),
    );
    t.strictSame(
      allowed(operator).filter((action) => /tagging/i.test(action)),
      [],
    );
    for (const Key of keys) {
      const { TagSet = [] } = await aws.s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }));
      t.equal(TagSet.length, Key.startsWith('inbound/') ? 2 : 0, Key);
    }
  }
});
