import t from 'tap';
import { EventPatternError, parseEventPattern } from '../../../src/sandbox/delivery/event-pattern.js';

const event = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  resources: ['arn:aws:s3:::mail', 'arn:aws:s3:::other'],
  detail: {
    bucket: { name: 'mail' },
    object: { key: 'inbound/a.b*c\\d', size: 42, deleted: null, encrypted: true },
    parts: [
      { number: 1, state: 'done' },
      { number: 2, state: 'open' },
    ],
    none: [],
  },
};

const key = (rule: unknown) => ({ detail: { object: { key: [rule] } } });
const size = (...rules: unknown[]) => ({ detail: { object: { size: rules } } });

const cases: Array<[pattern: unknown, matches: boolean, what: string]> = [
  [{ source: ['aws.s3'], detail: { bucket: { name: ['mail'] } } }, true, 'every field matches'],
  [{ source: ['aws.s3'], detail: { bucket: { name: ['elsewhere'] } } }, false, 'one field does not'],
  [{ source: ['aws.ec2', 'aws.s3'] }, true, 'one of several values'],
  [{ resources: ['arn:aws:s3:::other'] }, true, 'one value of a list in the event'],
  [{ detail: { parts: { number: [1], state: ['done'] } } }, true, 'fields of one member of a list'],
  [{ detail: { parts: { number: [1], state: ['open'] } } }, false, 'fields of two different members'],
  [size(42), true, 'an exact number'],
  [size('42'), false, 'a number is not its text'],
  [{ detail: { object: { deleted: [null], encrypted: [true] } } }, true, 'null and true'],
  [{ detail: { bucket: ['mail'] } }, false, 'an object is not a leaf'],
  [key({ prefix: 'inbound/' }), true, 'prefix'],
  [key({ prefix: 'bots/' }), false, 'another prefix'],
  [key({ prefix: { 'equals-ignore-case': 'INBOUND/A' } }), true, 'prefix, any case'],
  [size({ prefix: '4' }), false, 'a number has no prefix'],
  [size({ prefix: { 'equals-ignore-case': '4' } }), false, 'nor one in any case'],
  [key({ suffix: 'd' }), true, 'suffix'],
  [key({ suffix: { 'equals-ignore-case': 'D' } }), true, 'suffix, any case'],
  [key({ suffix: '.eml' }), false, 'another suffix'],
  [{ source: [{ 'equals-ignore-case': 'AWS.S3' }] }, true, 'equal but for case'],
  [{ source: [{ 'equals-ignore-case': 'AWS' }] }, false, 'not equal even so'],
  [key({ wildcard: '*/a.b*' }), true, 'wildcard'],
  [key({ wildcard: 'inbound/axb*' }), false, 'a dot in a wildcard pattern is a dot'],
  [key({ wildcard: 'inbound/a.b\\*c\\\\d' }), true, 'escaped asterisk and backslash'],
  [key({ wildcard: '*\u{1f4ee}*' }), false, 'a character of two code units'],
  [key({ wildcard: 'inbound/\\**' }), false, 'an escaped asterisk is itself'],
  [key({ 'anything-but': 'x' }), true, 'anything but a value'],
  [size({ 'anything-but': [41, 42] }), false, 'anything but a list that has it'],
  [size({ 'anything-but': [1, 2] }), true, 'anything but a list that lacks it'],
  [key({ 'anything-but': { prefix: 'inbound/' } }), false, 'anything but a prefix it has'],
  [key({ 'anything-but': { prefix: ['bots/', 'x'] } }), true, 'anything but prefixes it lacks'],
  [key({ 'anything-but': { suffix: '.eml' } }), true, 'anything but a suffix'],
  [key({ 'anything-but': { wildcard: '*/a*' } }), false, 'anything but a wildcard'],
  [{ absent: [{ 'anything-but': 'x' }] }, false, 'anything-but wants the field to be there'],
  [size({ numeric: ['=', 42] }), true, 'numeric ='],
  [size({ numeric: ['>', 0, '<=', 42] }), true, 'numeric range'],
  [size({ numeric: ['>=', 43] }), false, 'numeric >='],
  [size({ numeric: ['<', 42] }), false, 'numeric <'],
  [key({ numeric: ['=', 42] }), false, 'text is not numeric'],
  [{ detail: { object: { key: [{ exists: true }] } } }, true, 'exists'],
  [{ detail: { object: { version: [{ exists: false }] } } }, true, 'absent'],
  [{ detail: { object: { key: [{ exists: false }] } } }, false, 'not absent'],
  [{ detail: { absent: { deeper: [{ exists: false }] } } }, true, 'absent with all above it'],
  [{ detail: { none: [{ exists: true }] } }, false, 'an empty list is nothing'],
  [{ detail: { bucket: [{ exists: true }] } }, false, 'exists works on leaves'],
  [{ detail: { source: { deeper: ['x'] } } }, false, 'a leaf has no fields'],
  [{ $or: [{ source: ['aws.ec2'] }, { detail: { bucket: { name: ['mail'] } } }] }, true, '$or, the second'],
  [{ $or: [{ source: ['aws.ec2'] }, { source: ['aws.iam'] }] }, false, '$or, neither'],
  [{ 'detail-type': ['x'], $or: [{ source: ['aws.s3'] }, { source: ['aws.iam'] }] }, false, '$or and another field'],
  [{ toString: [{ exists: true }] }, false, 'an inherited name is no field'],
];

t.test('matching', async (t) => {
  for (const [pattern, matches, what] of cases) {
    t.equal(parseEventPattern(JSON.stringify(pattern))(event), matches, `${what}: ${JSON.stringify(pattern)}`);
  }
});

const faults: Array<[text: string, reason: string]> = [
  ['{', 'Invalid JSON'],
  ['["aws.s3"]', 'Filter is not an object'],
  ['{}', 'Empty objects are not allowed'],
  ['{"detail":{}}', 'Empty objects are not allowed'],
  ['{"source":[]}', 'Empty arrays are not allowed'],
  ['{"source":"aws.s3"}', '"source" must be an object or an array'],
  ['{"source":[["aws.s3"]]}', 'Only one key allowed in match expression'],
  ['{"source":[{"prefix":"a","suffix":"b"}]}', 'Only one key allowed in match expression'],
  ['{"source":[{"cidr":"10.0.0.0/24"}]}', 'Unrecognized match type cidr'],
  ['{"source":[{"constructor":1}]}', 'Unrecognized match type constructor'],
  ['{"source":[{"prefix":1}]}', 'prefix match pattern must be a string'],
  ['{"source":[{"prefix":{"wildcard":"a"}}]}', 'prefix match pattern must be a string'],
  ['{"source":[{"suffix":{"equals-ignore-case":1}}]}', 'suffix match pattern must be a string'],
  ['{"source":[{"equals-ignore-case":{"prefix":"a"}}]}', 'equals-ignore-case match pattern must be a string'],
  ['{"source":[{"wildcard":"a**"}]}', 'Consecutive wildcard characters'],
  ['{"source":[{"exists":"yes"}]}', 'exists match pattern must be either true or false.'],
  ['{"source":[{"anything-but":{"numeric":["=",1]}}]}', 'Unsupported anything-but pattern: numeric'],
  ['{"source":[{"anything-but":[]}]}', 'Value of anything-but must be an array of strings or numbers, or one of them'],
  [
    '{"source":[{"anything-but":[{"a":1}]}]}',
    'Value of anything-but must be an array of strings or numbers, or one of them',
  ],
  ['{"source":[{"numeric":[]}]}', 'Value of numeric must be an array.'],
  ['{"source":[{"numeric":5}]}', 'Value of numeric must be an array.'],
  ['{"source":[{"numeric":["~",5]}]}', 'Invalid member in numeric match: ["~",5]'],
  ['{"source":[{"numeric":["=","5"]}]}', 'Invalid member in numeric match: ["=","5"]'],
  ['{"$or":[{"source":["a"]}]}', '"$or" must be an array of at least two objects'],
  ['{"$or":{"source":["a"]}}', '"$or" must be an array of at least two objects'],
  ['{"$or":[{"source":["a"]},"b"]}', '"$or" must be an array of at least two objects'],
];

t.test('faults', async (t) => {
  for (const [text, reason] of faults) {
    t.throws(() => parseEventPattern(text), new EventPatternError(reason), `${text}`);
  }
});
