/**
 * Where a set that is a little too large or too small would be a false proof, or a false alarm.
 */
import t from 'tap';
import {
  analyse,
  type Fact,
  type PrincipalClass,
  type Question,
  sets,
  TooComplexError,
} from '../../../src/policy/access/index.js';
import type { Statement } from '../../../src/policy/document.js';

const account = '111122223333';
const role = `arn:aws:iam::${account}:role/r`;
const session = `arn:aws:sts::${account}:assumed-role/r/`;
const tag = 'aws:PrincipalTag/t';
const own = `a/\${${tag}}`;
const anyTag: Fact = { own: sets.anySegment };
const examples = { actions: ['s:Get'], resources: [], values: { [tag.toLowerCase()]: ['kk', 'x'] }, keys: {} };

interface Given {
  allow: Partial<Statement>;
  deny?: Partial<Statement>;
  /** More of them, whole. */
  denies?: Statement[];
  boundary?: Partial<Statement>;
  permitted?: Partial<Statement>;
  harm?: Partial<Statement>;
  facts?: Record<string, Fact>;
  /** Whether the Allow stands in the resource's policy, with its Principal. */
  resource?: true;
}

const statement = (Effect: Statement['Effect'], more: Partial<Statement>): Statement => ({
  Effect,
  Action: 's:Get',
  ...('NotResource' in more ? {} : { Resource: '*' }),
  ...more,
});

const policy = (name: string, ...Statement: Statement[]) => ({ name, document: { Version: '2012-10-17', Statement } });

function judge({ allow, deny, denies: more = [], boundary, permitted, harm, facts = {}, resource }: Given) {
  const denies = [...(deny === undefined ? [] : [statement('Deny', deny)]), ...more];
  const allows = statement('Allow', allow);
  const asked: PrincipalClass = {
    principal: (name) => ({ arn: session + name, roleArn: role, account }),
    picksSession: true,
    facts: new Map<string, Fact>([
      [' session', { among: { absent: false, several: false, texts: sets.anySession } }],
      ...Object.entries(facts).map(([key, fact]) => [key.toLowerCase(), fact] as const),
    ]),
    identity: [policy('identity', ...denies, ...(resource ? [] : [allows]))],
    ...(boundary && { boundary: policy('boundary', statement('Allow', boundary)) }),
    resources: resource ? [{ ...policy('resource', allows), resources: ['*'] }] : [],
    resourceAccount: account,
  };
  const question: Question = {
    harm: [statement('Allow', { Action: '*', ...harm })],
    permitted: permitted === undefined ? [] : [statement('Allow', { Action: '*', ...permitted })],
  };
  return analyse(asked, examples)(question);
}

const cases: Array<[what: string, verdict: 'inside' | 'outside' | 'not shown' | 'nothing', given: Given]> = [
  [
    'the own folder',
    'inside',
    { allow: { Resource: `${own}/*` }, permitted: { Resource: `${own}/*` }, facts: { [tag]: anyTag } },
  ],
  [
    'its parent',
    'outside',
    { allow: { Resource: 'a/*' }, permitted: { Resource: `${own}/*` }, facts: { [tag]: anyTag } },
  ],
  [
    'a folder by two conditions on one key, of which one has the tag',
    'outside',
    {
      allow: { Condition: { StringLike: { 's3:prefix': 'a/x*' }, StringEquals: { 's3:prefix': own } } },
      facts: { [tag]: anyTag },
    },
  ],
  [
    'a boundary that spells the folder',
    'outside',
    { allow: { Resource: `${own}/b` }, boundary: { Resource: 'a/k?/*' }, facts: { [tag]: anyTag } },
  ],
  [
    'a boundary that does not meet the folder',
    'nothing',
    { allow: { Resource: `${own}/b` }, boundary: { Resource: 'b/*' }, facts: { [tag]: anyTag } },
  ],
  [
    'harm that spells the folder',
    'outside',
    { allow: { Resource: `${own}/b` }, harm: { Resource: 'a/k?/*' }, facts: { [tag]: anyTag } },
  ],
  [
    'a Deny of names of one length, which are not all tags',
    'outside',
    { allow: { Resource: own }, deny: { Resource: 'a/?' }, facts: { [tag]: anyTag } },
  ],
  [
    // Not every text that spells the tag can be distinguished from it. This is a false alarm, not a false proof.
    'a Deny of everything but the own folder',
    'not shown',
    { allow: {}, deny: { NotResource: `${own}/*` }, permitted: { Resource: `${own}/*` }, facts: { [tag]: anyTag } },
  ],
  [
    'a Deny of everything but a folder by a tag that is not known',
    'outside',
    { allow: {}, deny: { NotResource: `b/\${aws:PrincipalTag/u}` }, permitted: { Resource: `${own}/*` } },
  ],
  [
    'a Deny by a tag that is not known',
    'outside',
    { allow: { Resource: 'a/k' }, deny: { Resource: 'a/${aws:userid}' } },
  ],
  ['a Deny by an operator that is not known', 'not shown', { allow: {}, deny: { Condition: { Odd: { k: 'v' } } } }],
  ['a Deny on a number', 'outside', { allow: {}, deny: { Condition: { NumericLessThan: { 'x:count': '5' } } } }],
  [
    'a Deny on a number that is known',
    'inside',
    { allow: {}, deny: { Condition: { NumericLessThan: { 'x:count': '5' } } }, facts: { 'x:count': { is: '3' } } },
  ],
  [
    'an Allow on a number that is known',
    'nothing',
    { allow: { Condition: { NumericLessThan: { 'x:count': '5' } } }, facts: { 'x:count': { is: '7' } } },
  ],
  ['an Allow on an address', 'outside', { allow: { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } } }],
  [
    'an Allow on a later time',
    'outside',
    { allow: { Condition: { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } } } },
  ],
  [
    'an Allow and a Deny on the same unknown value',
    'inside',
    {
      allow: { Condition: { StringEquals: { 'aws:SourceVpce': 'v' } } },
      deny: { Condition: { StringEquals: { 'aws:SourceVpce': 'v' } } },
    },
  ],
  [
    'a Deny that a missing key meets',
    'outside',
    { allow: {}, deny: { Condition: { StringNotEquals: { 'aws:SourceVpce': 'v' } } } },
  ],
  [
    'a Deny that a missing key meets, and surely missing',
    'inside',
    {
      allow: {},
      deny: { Condition: { StringNotEquals: { 'aws:SourceVpce': 'v' } } },
      facts: { 'aws:SourceVpce': { is: undefined } },
    },
  ],
  [
    'a Deny with IfExists',
    'inside',
    { allow: {}, deny: { Condition: { StringEqualsIfExists: { k: 'v' } } }, facts: { k: { is: undefined } } },
  ],
  [
    'several values, which are not modelled',
    'not shown',
    {
      allow: {},
      deny: { Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': '*' }, Null: { 'aws:TagKeys': 'false' } } },
      permitted: { Condition: { Null: { 'aws:TagKeys': 'true' } } },
    },
  ],
  [
    'an ARN of which one part is open',
    'inside',
    {
      allow: { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:*:1:x' } } },
      permitted: { Condition: { StringLike: { 'aws:SourceArn': 'arn:aws:s3:*:1:x' } } },
    },
  ],
  [
    'an ARN is narrower than a text',
    'outside',
    {
      allow: { Condition: { StringLike: { 'aws:SourceArn': 'arn:aws:s3:*:1:x' } } },
      permitted: { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:*:1:x' } } },
    },
  ],
  ['less than an ARN', 'nothing', { allow: { Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws' } } } }],
  [
    'a text in any case',
    'inside',
    {
      allow: { Condition: { StringEquals: { 'aws:SourceArn': 'kK' } } },
      permitted: { Condition: { StringEqualsIgnoreCase: { 'aws:SourceArn': 'Kk' } } },
    },
  ],
  [
    'other letters in any case are not distinguished',
    'not shown',
    {
      allow: { Condition: { StringEqualsIgnoreCase: { 'aws:SourceArn': 'ä' } } },
      permitted: { Condition: { StringEqualsIgnoreCase: { 'aws:SourceArn': 'ä' } } },
    },
  ],
  [
    'the session that a statement names',
    'outside',
    { resource: true, allow: { Principal: { AWS: `${session}mallory` } } },
  ],
  [
    'the session of another role',
    'nothing',
    { resource: true, allow: { Principal: { AWS: `${session.replace('/r/', '/other/')}mallory` } } },
  ],
  ['everybody but one session', 'outside', { resource: true, allow: { NotPrincipal: { AWS: `${session}mallory` } } }],
];

t.test('the verdicts', async (t) => {
  for (const [what, expected, given] of cases) {
    const judgements = judge(given);
    t.equal(judgements[0]?.verdict ?? 'nothing', expected, what);
    if (expected === 'outside') t.not(judgements[0]?.requests.length, 0, `${what}: a request that is allowed`);
  }
});

t.test('policies that are too large prove nothing', async (t) => {
  const patterns = Array.from({ length: 18 }, (_, index) => `*${String.fromCodePoint(97 + index)}??????????*${index}`);
  t.throws(() => judge({ allow: { Resource: patterns } }), TooComplexError);
  t.strictSame(
    judge({ allow: {}, permitted: { Resource: 'x' }, harm: { Resource: 'x' } }).map(({ verdict }) => verdict),
    ['inside'],
  );
  // Each Deny on two keys leaves two cases of each case before it.
  const denies = Array.from({ length: 12 }, (_, index) =>
    statement('Deny', { Condition: { StringEquals: { [`a${index}`]: 'x', [`b${index}`]: 'x' } } }),
  );
  const many = judge({ allow: {}, denies });
  t.match(many, [{ verdict: 'not shown', requests: [] }], 'too many cases');
  t.throws(() => judge({ allow: {}, denies: [null as never] }), TypeError, 'another error is not taken for it');
});

t.test('a witness where every usual character is permitted', async (t) => {
  const usual = [...'abcdefghijklmnopqrstuvwxyz0123456789-_.\u0100'];
  const [found] = judge({ allow: { Resource: '?' }, permitted: { Resource: usual } });
  t.equal(found?.verdict, 'outside');
  t.notOk(usual.includes(String(found?.requests[0]?.resource)));
});

t.test('the requests name what the caller may choose', async (t) => {
  const named = judge({ resource: true, allow: { Principal: { AWS: `${session}mallory` }, Resource: 'a' } });
  t.match(named[0]?.requests, [{ principal: { arn: `${session}mallory` }, action: 's:Get', resource: 'a' }]);
});
