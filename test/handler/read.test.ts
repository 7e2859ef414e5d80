import { createHash } from 'node:crypto';
import t from 'tap';
import type { Decision } from '../../handler/mail/decide.js';
import { readAndDecide } from '../../handler/read.js';
import { headersOf, startAccount } from './account.js';
import { bytesOf } from './messages.js';

const one = `0x${'1'.repeat(40)}`;
const two = `0x${'2'.repeat(40)}`;
const addressOf = (wallet: string) => `or-${wallet}-1756409000@bots.litentry.org`;
const routed = (wallet: string, by: 'envelope' | 'headers' = 'headers'): Decision => ({
  kind: 'route',
  wallets: [wallet],
  by,
});
const stays = (reason: Extract<Decision, { kind: 'stay' }>['reason']): Decision => ({ kind: 'stay', reason });

const withoutFor = (file: string) =>
  Buffer.from(
    bytesOf(file)
      .toString('latin1')
      .replace(/\r\n for [^;]+;/, ';'),
    'latin1',
  );
const toOneAt = (position: number) => `X-Filler: ${'x'.repeat(position - 12)}\r\nTo: ${addressOf(one)}\r\n`;
/** A header block of so many bytes, without the empty line that would end it. */
const headerOf = (length: number) => toOneAt(length - toOneAt(12).length + 12);

const ranges = [
  'GetObject bytes=0-2047',
  'GetObject bytes=2048-4095',
  'GetObject bytes=4096-8191',
  'GetObject bytes=8192-16383',
  'GetObject bytes=16384-32767',
  'GetObject bytes=32768-65535',
];

t.test('reads no more than the decision needs, each byte once', async (t) => {
  const account = await startAccount(t);
  const cases: Record<string, [body: string | Buffer, decision: Decision, ranges: number, bytes?: number]> = {
    'the envelope recipient, To: past byte 8192': [bytesOf('outlook-arc-8k.eml'), routed(one, 'envelope'), 1],
    'a whole message in the first range': [`To: ${addressOf(one)}\r\n\r\n`, routed(one), 1],
    'To: past byte 2048': [withoutFor('google-to-past-2048.eml'), routed(two), 2],
    'To: past byte 8192': [withoutFor('outlook-arc-8k.eml'), routed(one), 4],
    'an object that ends one byte before a range does, in its header': [headerOf(2047), routed(one), 1],
    'an object that ends with a range, in its header: S3 returns its size': [headerOf(2048), routed(one), 1],
    'an object that ends one byte after a range does, in its header': [headerOf(2049), routed(one), 2],
    'a header of the maximum length': [`${headerOf(65534)}\r\nbody`, routed(one), 6],
    'a header one byte longer': [`${headerOf(65535)}\r\nbody`, stays('header-too-long'), 6],
    'an empty object': ['', stays('empty-object'), 1],
    'one byte': ['x', stays('no-recipient-found'), 1],
  };
  for (const [name, [body, decision, count]] of Object.entries(cases)) {
    await account.put(`inbound/${name}`, body);
    const read = await readAndDecide(account.s3, `inbound/${name}`, account.settings);
    const headerBytesRead = Math.min(2048 * 2 ** (count - 1), Buffer.byteLength(body));
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    // Every range of an empty object is past its end: S3 answers 416, without an ETag.
    const header = Buffer.from(body).subarray(0, headerBytesRead);
    t.strictSame(read, { decision, headerBytesRead, header, etag: body === '' ? undefined : etag }, name);
    t.strictSame(account.calls(), ranges.slice(0, count), name);
  }
});

t.test('a range that is answered with the whole object is cut', async (t) => {
  // As a proxy does that does not support ranges. Of the large messages it sends the first 200 kB and then nothing: reading the whole
  // body would hang.
  const large = (header: string) => Buffer.concat([Buffer.from(`${header}\r\n`), Buffer.alloc(40_000_000, 'x')]);
  const stall = { kind: 'stall', bytes: 200_000 } as const;
  const cases: Record<string, [body: string | Buffer, decision: Decision, ranges: number, bytes: number]> = {
    'a message of 40 MB': [large(toOneAt(12)), routed(one), 1, 2048],
    'its header beyond the first range': [large(toOneAt(5000)), routed(one), 3, 8192],
    'a message shorter than the range': [`To: ${addressOf(one)}\r\n\r\n`, routed(one), 1, 82],
    'one that ends with its header, beyond the first range': [headerOf(3000), routed(one), 2, 3000],
    'an empty object': ['', stays('empty-object'), 1, 0],
  };
  for (const [name, [body, decision, count, headerBytesRead]] of Object.entries(cases)) {
    const account = await startAccount(t);
    account.meet('GetObject', (call) => {
      delete Object(call.input).headers.range;
      return Buffer.byteLength(body) > stall.bytes ? stall : undefined;
    });
    await account.put('inbound/abc', body);
    const read = await readAndDecide(account.s3, 'inbound/abc', account.settings);
    t.match(read, { decision, headerBytesRead }, name);
    t.strictSame(account.calls(), ranges.slice(0, count), name);
  }
});

t.test('every read has the expected bucket owner', async (t) => {
  const account = await startAccount(t);
  const owners: unknown[] = [];
  account.meet('GetObject', (call) => {
    owners.push(headersOf(call)['x-amz-expected-bucket-owner']);
    return undefined;
  });
  await account.put('inbound/abc', headerOf(3000));
  await readAndDecide(account.s3, 'inbound/abc', account.settings);
  t.strictSame(owners, ['111122223333', '111122223333']);
});
