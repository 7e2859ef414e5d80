import { readFile } from 'node:fs/promises';
import t from 'tap';
import { match } from '../../../src/mailbox/match.js';
import { readMessage } from '../../../src/mailbox/reading/message.js';
import { verdictsOf } from '../../../src/mailbox/reading/verdict.js';
import { mail } from '../support.js';

const headers = (...lines: string[]) =>
  lines.map((line) => {
    const [name = '', value = ''] = line.split(': ');
    return { name, value };
  });

const own = 'Received: from a by inbound-smtp.us-east-1.amazonaws.com';
const spam = (verdict: string) => `X-SES-Spam-Verdict: ${verdict}`;
const virus = (verdict: string) => `x-ses-virus-verdict: ${verdict}`;

t.test("only SES's own verdicts count", async (t) => {
  const cases: Array<[what: string, lines: string[], verdicts: object]> = [
    ["SES's", ['Return-Path: x', own, spam('PASS'), virus(' fail '), 'From: x'], { spam: 'PASS', virus: 'FAIL' }],
    ['none', [own, 'From: x', 'Subject: y'], {}],
    ['a header of nothing else', [own, spam('GRAY')], { spam: 'GRAY' }],
    [
      'a field of a receipt rule above',
      ['X-Rule: x', own, 'X-Rule: y', spam('FAIL'), 'DKIM-Signature: x'],
      { spam: 'FAIL' },
    ],
    [
      "a forged PASS hides no FAIL of SES's",
      [own, spam('FAIL'), spam('PASS'), 'From: x', spam('PASS')],
      { spam: 'FAIL' },
    ],
    ["among the sender's fields", [own, 'From: x', spam('FAIL')], {}],
    ["another SES's", [own, 'X-SES-RECEIPT: x', 'Received: from b by c', spam('FAIL')], {}],
    ['without a Received', [spam('FAIL'), 'From: x'], { spam: 'FAIL' }],
  ];
  for (const [what, lines, expected] of cases) t.strictSame(verdictsOf(headers(...lines)), expected, what);
});

t.test('only FAIL excludes a message', async (t) => {
  const matched = async (...top: string[]) => {
    const read = await readMessage({ id: 'x', arrived: new Date() }, mail({ top }), true);
    const found = match(read, {});
    return typeof found === 'string' ? found : 'found';
  };
  t.equal(await matched(spam('FAIL')), 'spam');
  t.equal(await matched(virus('FAIL')), 'virus');
  t.equal(await matched(spam('FAIL'), virus('FAIL')), 'virus');
  for (const verdict of ['PASS', 'GRAY', 'PROCESSING_FAILED', 'DISABLED'])
    t.equal(await matched(spam(verdict)), 'found', verdict);
});

t.test('verdicts in a message as SES stores it', async (t) => {
  const raw = await readFile('fixtures/messages/routed-signup.eml');
  const { message } = await readMessage({ id: 'x', arrived: new Date() }, raw, true);
  t.strictSame(message.verdicts, { spam: 'PASS', virus: 'PASS' });
});
