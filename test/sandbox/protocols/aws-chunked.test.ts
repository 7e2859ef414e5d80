import t from 'tap';
import { awsChunked } from '../../../src/sandbox/protocols/aws-chunked.js';

const bodies: Array<[what: string, sha256: string | undefined, body: string, expected: string]> = [
  ['a plain body', 'e3b0', '5\r\nhello\r\n', '5\r\nhello\r\n'],
  ['an unsigned body', undefined, 'hello', 'hello'],
  ['pieces', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', '5\r\nhello\r\n8\r\n, \r\n you\r\n0\r\n\r\n', 'hello, \r\n you'],
  [
    'a checksum after them',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'A\r\n0123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
    '0123456789',
  ],
  [
    'signatures',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    '2;chunk-signature=ab\r\nhi\r\n0;chunk-signature=cd\r\n\r\n',
    'hi',
  ],
  ['an empty body', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', '0\r\n\r\n', ''],
];
for (const [what, sha256, body, expected] of bodies) {
  t.test(`decodes ${what}`, async (t) => {
    const headers: Record<string, string> = sha256 === undefined ? {} : { 'x-amz-content-sha256': sha256 };
    t.equal(awsChunked({ headers, body: Buffer.from(body) }).toString(), expected);
  });
}
