import t from 'tap';
import { AwsRefusal } from '../../../src/sandbox/operation.js';
import { json, jsonValue, queryCompatibleJson } from '../../../src/sandbox/protocols/json.js';
import { operation, request } from './support.js';

const putRule = operation('events', 'PutRule');
const target = (name: string) => ({ 'x-amz-target': `AWSEvents.${name}` });

t.test('decodes an operation and its input', async (t) => {
  const decoded = json.decode(request({ headers: target('PutRule'), body: '{"Name":"a"}' }), [putRule]);
  t.strictSame(decoded, { name: 'PutRule', operation: putRule, input: { Name: 'a' } });
});

t.test('an empty body is an empty input; an operation that is not there is named', async (t) => {
  const decoded = json.decode(request({ headers: target('ListRules') }), [putRule]);
  t.strictSame(decoded, { name: 'ListRules', operation: undefined, input: {} });
});

t.test('rejects a body that is not JSON', async (t) => {
  const decode = () => json.decode(request({ headers: target('PutRule'), body: '{' }), [putRule]);
  t.throws(decode, { code: 'SerializationException', message: /^The body is not JSON: SyntaxError/ });
});

t.test('a request without a target names nothing', async (t) => {
  t.match(json.decode(request(), [putRule]), { name: 'undefined', operation: undefined });
});

const values: Array<[what: string, value: unknown, expected: unknown]> = [
  ['times in seconds', { at: new Date(1500) }, { at: 1.5 }],
  ['blobs in base64', [new Uint8Array([1, 2]), Buffer.from('x')], ['AQI=', 'eA==']],
  ['nested values', { a: [{ b: null }], c: true }, { a: [{ b: null }], c: true }],
];
for (const [what, value, expected] of values) {
  t.test(`writes ${what}`, async (t) => t.strictSame(jsonValue(value), expected));
}

t.test('encodes an output, or an empty body', async (t) => {
  t.match(json.encode(putRule, { RuleArn: 'arn', Missing: undefined }, request()), {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'request-1' },
    body: '{"RuleArn":"arn"}',
  });
  t.equal(json.encode(putRule, undefined, request()).body, '');
});

t.test('encodes a refusal', async (t) => {
  t.match(json.refuse(new AwsRefusal('Code', 'Words', 400, { Detail: 'd' }), request()), {
    status: 400,
    headers: { 'x-amzn-errortype': 'Code' },
    body: '{"__type":"Code","message":"Words","Detail":"d"}',
  });
});

t.test('a service that once had the query protocol says its errors’ old codes too', async (t) => {
  const cases: Array<[status: number, fault: string]> = [
    [400, 'Sender'],
    [500, 'Receiver'],
  ];
  for (const [status, fault] of cases) {
    t.match(queryCompatibleJson.refuse(new AwsRefusal('Code', 'Words', status), request()), {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `Code;${fault}` },
      body: '{"__type":"Code","message":"Words"}',
    });
  }
  t.notOk('x-amzn-query-error' in json.refuse(new AwsRefusal('Code', 'Words'), request()).headers);
});
