import t from 'tap';
import { AwsRefusal, RestAnswer, type Route } from '../../../src/sandbox/operation.js';
import { restJson } from '../../../src/sandbox/protocols/rest-json.js';
import { operation, request } from './support.js';

const functions = '/2015-03-31/functions';
const routes: Record<string, Route> = {
  CreateFunction: { method: 'POST', path: `${functions}/`, status: 201 },
  GetFunction: { method: 'GET', path: `${functions}/{FunctionName}`, query: { Qualifier: 'Qualifier' } },
  GetPolicy: { method: 'GET', path: `${functions}/{FunctionName}/policy` },
  Invoke: {
    method: 'POST',
    path: `${functions}/{FunctionName}/invocations`,
    headers: { 'x-amz-invocation-type': 'InvocationType', 'x-amz-log-type': 'LogType' },
    payload: 'Payload',
  },
  UntagResource: { method: 'DELETE', path: '/2017-03-31/tags/{Resource}', query: { tagKeys: 'TagKeys[]' } },
};
const operations = Object.entries(routes).map(([name, route]) => operation('lambda', name, route));

const requests: Array<[request: Parameters<typeof request>[0], name: string, input: object]> = [
  [{ method: 'POST', path: functions, body: '{"FunctionName":"f"}' }, 'CreateFunction', { FunctionName: 'f' }],
  [{ method: 'POST', path: `${functions}/`, body: '{"FunctionName":"f"}' }, 'CreateFunction', { FunctionName: 'f' }],
  [{ method: 'GET', path: `${functions}/f` }, 'GetFunction', { FunctionName: 'f' }],
  [
    { method: 'GET', path: `${functions}/f`, query: 'Qualifier=1&Other=2' },
    'GetFunction',
    { FunctionName: 'f', Qualifier: '1' },
  ],
  [{ method: 'GET', path: `${functions}/f/policy` }, 'GetPolicy', { FunctionName: 'f' }],
  [
    {
      method: 'POST',
      path: `${functions}/f/invocations`,
      headers: { 'x-amz-invocation-type': 'Event' },
      body: 'not JSON',
    },
    'Invoke',
    { Payload: Buffer.from('not JSON'), InvocationType: 'Event', FunctionName: 'f' },
  ],
  [
    { method: 'DELETE', path: '/2017-03-31/tags/arn%3Aaws%3Alambda%3A1%2F2', query: 'tagKeys=a&tagKeys=b' },
    'UntagResource',
    { TagKeys: ['a', 'b'], Resource: 'arn:aws:lambda:1/2' },
  ],
  [{ method: 'DELETE', path: '/2017-03-31/tags/a' }, 'UntagResource', { TagKeys: [], Resource: 'a' }],
];
for (const [parts, name, input] of requests) {
  t.test(`decodes ${parts?.method} ${parts?.path}?${parts?.query ?? ''}`, async (t) => {
    const decoded = restJson.decode(request(parts), operations);
    t.equal(decoded.operation?.name, name);
    t.strictSame(decoded.input, input);
  });
}

t.test('names a missing operation by method and path', async (t) => {
  const decoded = restJson.decode(request({ method: 'GET', path: `${functions}/f/aliases` }), operations);
  t.strictSame(decoded, { name: 'GET /2015-03-31/functions/f/aliases', input: undefined });
});

const outputs: Array<[operation: string, output: unknown, answer: object]> = [
  ['CreateFunction', { State: 'Active' }, { status: 201, body: '{"State":"Active"}' }],
  ['GetFunction', { Timeout: 3 }, { status: 200, body: '{"Timeout":3}' }],
  ['UntagResource', undefined, { status: 200, body: '' }],
  [
    'Invoke',
    new RestAnswer(202, { 'x-amz-function-error': 'Unhandled' }, Buffer.from('x')),
    {
      status: 202,
      headers: { 'x-amz-function-error': 'Unhandled', 'x-amzn-requestid': 'request-1' },
      body: Buffer.from('x'),
    },
  ],
];
for (const [name, output, answer] of outputs) {
  t.test(`encodes the answer to ${name}`, async (t) => {
    t.match(restJson.encode(operation('lambda', name, routes[name]), output, request()), answer);
  });
}

t.test('a RestAnswer is empty by default', async (t) => {
  t.match(restJson.encode(operation('lambda', 'Invoke', routes.Invoke), new RestAnswer(204), request()), {
    status: 204,
    body: '',
  });
});

t.test('encodes a refusal', async (t) => {
  t.match(
    restJson.refuse(
      new AwsRefusal('ResourceNotFoundException', 'Function not found', 404, { Type: 'User' }),
      request(),
    ),
    {
      status: 404,
      headers: { 'x-amzn-errortype': 'ResourceNotFoundException', 'content-type': 'application/json' },
      body: '{"__type":"ResourceNotFoundException","message":"Function not found","Type":"User"}',
    },
  );
});
