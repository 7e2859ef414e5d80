import t from 'tap';
import { AwsRefusal, RestAnswer, type Route } from '../../../src/sandbox/operation.js';
import { awsChunked, restXml } from '../../../src/sandbox/protocols/rest-xml.js';
import { operation, request } from './support.js';

const routes: Record<string, Route> = {
  CreateBucket: { method: 'PUT', path: '/{Bucket}' },
  PutBucketPolicy: { method: 'PUT', path: '/{Bucket}', subresource: 'policy', status: 204 },
  ListObjectsV2: { method: 'GET', path: '/{Bucket}', subresource: 'list-type' },
  GetObject: { method: 'GET', path: '/{Bucket}/{Key+}' },
  PutObject: { method: 'PUT', path: '/{Bucket}/{Key+}' },
  CopyObject: { method: 'PUT', path: '/{Bucket}/{Key+}', header: 'x-amz-copy-source' },
};
const operations = Object.entries(routes).map(([name, route]) => operation('s3', name, route));
const requests: Array<[request: Parameters<typeof request>[0], name: string, bucket: string, key: string]> = [
  [{ method: 'PUT', path: '/b' }, 'CreateBucket', 'b', ''],
  [{ method: 'PUT', path: '/b.c-d/' }, 'CreateBucket', 'b.c-d', ''],
  [{ method: 'PUT', path: '/b', query: 'policy' }, 'PutBucketPolicy', 'b', ''],
  [{ method: 'GET', path: '/b', query: 'list-type=2&prefix=a' }, 'ListObjectsV2', 'b', ''],
  [{ method: 'GET', path: '/b/a/b%20c%2Bd' }, 'GetObject', 'b', 'a/b c+d'],
  [{ method: 'PUT', path: '/b/k', query: 'x-id=PutObject' }, 'PutObject', 'b', 'k'],
  [{ method: 'PUT', path: '/b/k', headers: { 'x-amz-copy-source': 'b/s' } }, 'CopyObject', 'b', 'k'],
];
for (const [parts, name, bucket, key] of requests) {
  t.test(`decodes ${parts?.method} ${parts?.path}?${parts?.query ?? ''} for ${name}`, async (t) => {
    const decoded = restXml.decode(request(parts), operations);
    t.equal(decoded.operation?.name, name);
    t.match(decoded.input, { Bucket: bucket, Key: key });
  });
}

t.test('tells the region that the request was signed for', async (t) => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host';
  const decoded = restXml.decode(request({ method: 'GET', path: '/b/k', headers: { authorization } }), operations);
  t.match(decoded.input, { region: 'eu-west-1' });
});

const unknown: Array<[request: Parameters<typeof request>[0], name: string]> = [
  [{ method: 'GET', path: '/b/k', query: 'acl' }, 'GET /b/k?acl'],
  [{ method: 'GET', path: '/b' }, 'GET /b'],
  [{ method: 'GET', path: '/', query: 'x-id=ListBuckets' }, 'ListBuckets'],
];
for (const [parts, name] of unknown) {
  t.test(`does not take ${name} for another operation`, async (t) => {
    t.strictSame(restXml.decode(request(parts), operations), { name, input: undefined });
  });
}

const outputs: Array<[operation: string, output: RestAnswer | undefined, answer: object]> = [
  ['PutBucketPolicy', undefined, { status: 204, body: '' }],
  ['CreateBucket', undefined, { status: 200, body: '' }],
  [
    'GetObject',
    new RestAnswer(206, { etag: 'e' }, 'x'),
    { status: 206, headers: { etag: 'e', 'x-amz-request-id': 'request-1' }, body: 'x' },
  ],
];
for (const [name, output, answer] of outputs) {
  t.test(`encodes the answer to ${name}`, async (t) => {
    t.match(restXml.encode(operation('s3', name, routes[name]), output, request()), answer);
  });
}

const error =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>Code</Code><Message>Words</Message><Key>k</Key><RequestId>request-1</RequestId></Error>';
for (const { method, body } of [
  { method: 'GET', body: error },
  { method: 'HEAD', body: '' },
]) {
  t.test(`encodes a refusal of ${method}`, async (t) => {
    const refusal = new AwsRefusal('Code', 'Words', 301, { Key: 'k' }, { 'x-amz-bucket-region': 'eu-west-1' });
    const answer = restXml.refuse(refusal, request({ method }));
    t.match(answer, { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' }, body });
  });
}

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
