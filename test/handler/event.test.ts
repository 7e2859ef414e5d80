import { readFileSync } from 'node:fs';
import t from 'tap';
import { batchOf, LARGEST_BATCH, type NewObject, readEvent, UnknownEventError } from '../../handler/event.js';

const BUCKET = 'agentkeys-mail-111122223333';
const ID = 'jsj8ehfd70nqi6tn50oaic5jne9ichtfbn9t91ee';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/events/${name}.json`, import.meta.url), 'utf8'));

const withKey = (key: unknown) => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: BUCKET }, object: { key } },
});

t.test('an event names an object', async (t) => {
  const cases: Record<string, NewObject> = {
    'object-created': { key: `inbound/${ID}`, messageId: ID },
    'copy-object': { key: `inbound/${ID}`, messageId: ID },
    'key-with-spaces-plus-unicode': {
      key: 'inbound/a b+c%2Fd/é 漢字 (1).eml',
      messageId: 'a b+c%2Fd/é 漢字 (1).eml',
    },
    'set-up-notice': {
      key: 'inbound/AMAZON_SES_SETUP_NOTIFICATION',
      messageId: 'AMAZON_SES_SETUP_NOTIFICATION',
      skip: 'set-up-notice',
    },
  };
  for (const [name, object] of Object.entries(cases)) t.strictSame(readEvent(fixture(name), BUCKET), object, name);

  for (const name of ['other-prefix', 'prefix-itself']) {
    t.match(readEvent(fixture(name), BUCKET), { skip: 'outside-inbound' }, name);
  }
});

t.test('an object without a valid message id is skipped', async (t) => {
  for (const id of ['folder/', 'a\nb', '../a']) {
    const key = `inbound/${id}`;
    t.strictSame(readEvent(withKey(key), BUCKET), { key, messageId: id, skip: 'outside-inbound' }, key);
  }
  t.strictSame(readEvent(withKey('inbound/2026/a'), BUCKET), { key: 'inbound/2026/a', messageId: '2026/a' });
});

t.test('a batch names several objects', async (t) => {
  const keys = ['inbound/a', 'inbound/AMAZON_SES_SETUP_NOTIFICATION', 'reports/b'];
  t.strictSame(readEvent(JSON.parse(JSON.stringify(batchOf(BUCKET, keys))), BUCKET), [
    { key: 'inbound/a', messageId: 'a' },
    { key: keys[1], messageId: 'AMAZON_SES_SETUP_NOTIFICATION', skip: 'set-up-notice' },
    { key: 'reports/b', messageId: 'b', skip: 'outside-inbound' },
  ]);
  const full = Array.from({ length: LARGEST_BATCH }, (_, n) => `inbound/${n}`);
  t.equal([readEvent(batchOf(BUCKET, full), BUCKET)].flat().length, LARGEST_BATCH);
});

t.test('any other payload is rejected', async (t) => {
  const cases: Array<[name: string, event: unknown, fault: string]> = [
    ['another bucket', fixture('malformed-other-bucket'), `its detail.bucket.name is not "${BUCKET}"`],
    ['another detail type', fixture('malformed-object-deleted'), 'its detail-type is not "Object Created"'],
    ['another source', fixture('malformed-other-source'), 'its source is not "aws.s3"'],
    ['no object', fixture('malformed-no-object'), 'it has no detail.object.key'],
    ['an empty key', fixture('malformed-empty-key'), 'it has no detail.object.key'],
    ['a detail that is text', fixture('malformed-detail'), `its detail.bucket.name is not "${BUCKET}"`],
    ['an S3 notification', fixture('malformed-s3-notification'), 'its source is not "aws.s3"'],
    ['the test message of a notification', fixture('malformed-s3-test-event'), 'its source is not "aws.s3"'],
    [
      'a key that is no Unicode',
      withKey('inbound/\ud800'),
      'its detail.object.key is not Unicode of at most 1024 bytes',
    ],
    [
      'a key that is longer than S3 has them',
      withKey(`inbound/${'é'.repeat(509)}`),
      'its detail.object.key is not Unicode of at most 1024 bytes',
    ],
    ['a key that is no text', withKey(7), 'it has no detail.object.key'],
    ['a batch for another bucket', batchOf('another', ['inbound/a']), `its detail.bucket.name is not "${BUCKET}"`],
    ['an empty batch', batchOf(BUCKET, []), 'its detail.keys is not a list of 1 to 25'],
    [
      'a batch that is too large',
      batchOf(BUCKET, Array(26).fill('inbound/a')),
      'its detail.keys is not a list of 1 to 25',
    ],
    [
      'a batch without keys',
      { ...batchOf(BUCKET, []), detail: { bucket: { name: BUCKET } } },
      'its detail.keys is not a list of 1 to 25',
    ],
    ['a batch with what is no key', batchOf(BUCKET, ['inbound/a', '']), 'it has no detail.keys'],
    ['something else of ours', { source: 'agentkeys-ses-routing' }, 'its detail-type is not "Backfill"'],
    ['null', null, 'its source is not "aws.s3"'],
    ['nothing', undefined, 'its source is not "aws.s3"'],
    ['text', 'aws.s3', 'its source is not "aws.s3"'],
    ['a list', [], 'its source is not "aws.s3"'],
  ];
  for (const [name, event, fault] of cases) {
    t.throws(() => readEvent(event, BUCKET), new UnknownEventError(fault), name);
  }
  t.match(new UnknownEventError('it is blue'), {
    name: 'UnknownEventError',
    message:
      'not an EventBridge "Object Created" event of this function\'s bucket: it is blue. Check what invokes the function',
  });
});
