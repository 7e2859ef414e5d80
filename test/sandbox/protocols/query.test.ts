import t from 'tap';
import { AwsRefusal } from '../../../src/sandbox/operation.js';
import { query } from '../../../src/sandbox/protocols/query.js';
import { operation, request } from './support.js';

const createRole = operation('iam', 'CreateRole');

const inputs: Array<[body: string, input: object]> = [
  ['RoleName=a&Version=2010-05-08', { RoleName: 'a' }],
  ['Description=a+b%26', { Description: 'a b&' }],
  [
    'Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=l&Tags.member.2.Value=w',
    {
      Tags: [
        { Key: 'k', Value: 'v' },
        { Key: 'l', Value: 'w' },
      ],
    },
  ],
  ['TagKeys.member.2=b&TagKeys.member.10=c&TagKeys.member.1=a', { TagKeys: ['a', 'b', 'c'] }],
  ['Tags=', { Tags: '' }],
  ['Tags=&Tags.member.1=a', { Tags: ['a'] }],
  ['A.B.C=1&A.B.D=2', { A: { B: { C: '1', D: '2' } } }],
];
for (const [body, input] of inputs) {
  t.test(`decodes ${body}`, async (t) => {
    const decoded = query.decode(request({ body: `Action=CreateRole&${body}` }), [createRole]);
    t.strictSame(decoded, { name: 'CreateRole', operation: createRole, input });
  });
}

t.test('names the operation that is not there', async (t) => {
  const decoded = query.decode(request({ body: 'Action=ListRoles' }), [createRole]);
  t.strictSame(decoded, { name: 'ListRoles', operation: undefined, input: {} });
});

t.test('encodes an output', async (t) => {
  const answer = query.encode(createRole, { Role: { RoleName: 'a' } }, request());
  t.equal(answer.status, 200);
  t.equal(
    answer.body,
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<CreateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">' +
      '<CreateRoleResult><Role><RoleName>a</RoleName></Role></CreateRoleResult>' +
      '<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></CreateRoleResponse>',
  );
});

const refusals = [
  { status: 404, type: 'Sender' },
  { status: 500, type: 'Receiver' },
];
for (const { status, type } of refusals) {
  t.test(`a refusal with ${status} is the ${type}’s fault`, async (t) => {
    const answer = query.refuse(new AwsRefusal('Code', 'Words', status, { Detail: 'd' }), request());
    t.equal(answer.status, status);
    t.equal(
      answer.body,
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        `<ErrorResponse><Error><Type>${type}</Type><Code>Code</Code><Message>Words</Message><Detail>d</Detail></Error>` +
        '<RequestId>request-1</RequestId></ErrorResponse>',
    );
  });
}
