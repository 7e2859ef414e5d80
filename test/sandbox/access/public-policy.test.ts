import t from 'tap';
import { parsePolicy, type Statement } from '../../../src/policy/document.js';
import { isPublicPolicy } from '../../../src/sandbox/access/public-policy.js';
import { policy } from '../support.js';

const open = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::mail/*' };
const role = 'arn:aws:iam::111122223333:role/reader';
const when = (Condition: Statement['Condition']) => ({ ...open, Condition });
const from = (...cidrs: string[]) => when({ IpAddress: { 'aws:SourceIp': cidrs } });
const through = (accessPoint: string) => when({ ArnLike: { 's3:DataAccessPointArn': accessPoint } });

const cases: Array<[what: string, statements: object[], expected: boolean]> = [
  ['no statement', [], false],
  ['everybody', [open], true],
  ['everybody, the other way to write it', [{ ...open, Principal: { AWS: '*' } }], true],
  ['everybody among others', [{ ...open, Principal: { AWS: [role, '*'] } }], true],
  ['everybody but one', [{ ...open, Principal: undefined, NotPrincipal: { AWS: role } }], true],
  ['what is denied to everybody', [{ ...open, Effect: 'Deny' }], false],
  ['a role', [{ ...open, Principal: { AWS: role } }], false],
  ['an account', [{ ...open, Principal: { AWS: '444455556666' } }], false],
  ['a service', [{ ...open, Principal: { Service: 'ses.amazonaws.com' } }], false],
  ['one statement for a role, one for everybody', [{ ...open, Principal: { AWS: role } }, open], true],
  ['a denial does not make it less public', [open, { ...open, Effect: 'Deny', Resource: '*' }], true],

  ['from one VPC', [when({ StringEquals: { 'aws:SourceVpc': 'vpc-91237329' } })], false],
  ['from any VPC', [when({ StringLike: { 'aws:SourceVpc': 'vpc-*' } })], true],
  ['from one of two VPCs', [when({ StringEquals: { 'aws:SourceVpc': ['vpc-1', 'vpc-2'] } })], false],
  ['from one VPC or any like it', [when({ StringLike: { 'aws:SourceVpc': ['vpc-1', 'vpc-2?'] } })], true],
  ['the key in another case', [when({ stringequals: { 'AWS:SourceAccount': '111122223333' } })], false],
  ['whose account is the tag’s', [when({ StringEquals: { 'aws:SourceAccount': `\${aws:PrincipalTag/a}` } })], true],
  ['from everywhere but one VPC', [when({ StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } })], true],
  ['from one VPC, or from none at all', [when({ StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } })], true],
  ['of one organization', [when({ 'ForAnyValue:StringEquals': { 'aws:PrincipalOrgID': 'o-1' } })], false],
  ['for all values, and so for none', [when({ 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-1' } })], true],
  ['a session’s id', [when({ StringEquals: { 'aws:userid': 'AIDA1' } })], false],
  ['any session’s id', [when({ StringLike: { 'aws:userid': 'AROA1:*' } })], true],
  ['a key that says nothing of who asks', [when({ Bool: { 'aws:SecureTransport': 'true' } })], true],
  [
    'such a key and another one',
    [when({ Bool: { 'aws:SecureTransport': 'true' }, ArnEquals: { 'aws:SourceArn': role } })],
    false,
  ],

  ['from a network', [from('192.0.2.0/24', '2001:db8::/32')], false],
  ['from an address', [from('192.0.2.1')], false],
  ['from an eighth of a network', [from('10.0.0.0/8')], false],
  ['from half the state', [from('0.0.0.0/1')], true],
  ['from a network and half the state', [from('192.0.2.0/24', '128.0.0.0/1')], true],
  ['from half the new state', [from('2000::/3')], true],

  ['through any access point of an account', [through('arn:aws:s3:us-west-2:123456789012:accesspoint/*')], false],
  ['through any access point', [through('arn:aws:s3:us-west-2:*:accesspoint/*')], true],
];

t.test('a policy is public when one of its grants is', async (t) => {
  for (const [what, statements, expected] of cases) {
    t.equal(isPublicPolicy(parsePolicy(policy(...statements))), expected, what);
  }
});
