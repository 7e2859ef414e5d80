import t from 'tap';
import { element, xmlBody, xmlDocument, xmlList, xmlText } from '../../../src/sandbox/protocols/xml.js';

const out: Array<[what: string, value: unknown, list: 'member' | 'flat', expected: string]> = [
  ['text, escaped', 'a<b>&"c"\r\n', 'flat', '<E>a&lt;b&gt;&amp;&quot;c&quot;&#xD;&#xA;</E>'],
  ['numbers and booleans', { A: 1, B: false }, 'flat', '<E><A>1</A><B>false</B></E>'],
  ['times', new Date(0), 'flat', '<E>1970-01-01T00:00:00.000Z</E>'],
  ['nothing for what is undefined', { A: undefined }, 'flat', '<E></E>'],
  ['null as its name', null, 'flat', '<E>null</E>'],
  [
    'lists of the query services',
    { L: ['a', { K: 'b' }] },
    'member',
    '<E><L><member>a</member><member><K>b</K></member></L></E>',
  ],
  ['empty lists of the query services', { L: [] }, 'member', '<E><L></L></E>'],
  ['lists of S3', { L: ['a', { K: 'b' }] }, 'flat', '<E><L>a</L><L><K>b</K></L></E>'],
];
for (const [what, value, list, expected] of out) {
  t.test(`writes ${what}`, async (t) => t.equal(element('E', value, list), expected));
}

t.test('attributes of the root do not end it', async (t) => {
  t.equal(xmlDocument('R xmlns="urn:x"', {}, 'flat'), '<?xml version="1.0" encoding="UTF-8"?>\n<R xmlns="urn:x"></R>');
});

t.test('reads elements, single ones like lists', async (t) => {
  const body = Buffer.from(
    '<?xml version="1.0"?>\n<R xmlns="urn:x">\n <A>1</A>\n <A> x&amp;&#xA;</A><B><C>007</C></B><D/></R>',
  );
  const root = xmlBody(body, 'R');
  t.strictSame(xmlList(root, 'A'), ['1', ' x&\n']);
  t.strictSame(
    xmlList(root, 'B').map((b) => xmlText(b, 'C')),
    ['007'],
  );
  t.equal(xmlText(root, 'D'), '');
  t.equal(xmlText(root, 'B'), undefined);
  t.strictSame(xmlList(root, 'Z'), []);
  t.strictSame(xmlList('text', 'Z'), []);
});

t.test('refuses another root', async (t) => {
  t.throws(() => xmlBody(Buffer.from('<X/>'), 'R'), { code: 'MalformedXML', status: 400 });
});
