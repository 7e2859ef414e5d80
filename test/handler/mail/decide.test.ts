import t from 'tap';
import { type Decision, decide, MOST_WALLETS } from '../../../handler/mail/decide.js';
import { bytesOf, mailDomain, messages, prefixes } from '../messages.js';

const settings = { mailDomain, prefixes };
const one = `0x${'1'.repeat(40)}`;
const two = `0x${'2'.repeat(40)}`;
const three = `0x${'3'.repeat(40)}`;
const of = (wallet: string, domain = mailDomain) => `or-${wallet}-1756409000@${domain}`;

const RETURN_PATH = 'Return-Path: <bounce@example.com>\r\n';
const trace = (clause: string) =>
  `Received: from a (b [192.0.2.10])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id abc${clause};\r\n Thu, 28 Aug 2025 19:24:08 +0000 (UTC)\r\n`;
const OTHER_TRACE = `Received: from a (b [192.0.2.10]) by mx.example.com with SMTP id abc for <${of(two)}>; Thu, 28 Aug 2025 19:24:08 +0000\r\n`;

const stay = (reason: Extract<Decision, { kind: 'stay' }>['reason']): Decision => ({
  kind: 'stay',
  reason,
});
const byEnvelope = (...wallets: string[]): Decision => ({ kind: 'route', wallets, by: 'envelope' });
const byHeaders = (...wallets: string[]): Decision => ({ kind: 'route', wallets, by: 'headers' });

for (const { file, about, routed, stays } of messages.filter(({ file }) => file !== 'setup-notice.eml')) {
  t.test(`${file}: ${about}`, async (t) => {
    const expected = routed === undefined ? { kind: 'stay', reason: stays } : { kind: 'route', ...routed };
    t.strictSame(decide(bytesOf(file), true, settings), expected);
    if (routed?.by !== 'headers')
      t.strictSame(decide(bytesOf(file).subarray(0, 353), false, settings), expected, '353 bytes');
  });
}

t.test("SES's envelope recipient decides alone", async (t) => {
  const rest = `To: ${of(two)}\r\nCc: login@${mailDomain}\r\nDelivered-To: ${of(three)}\r\n\r\n`;
  const cases: Record<string, [recipient: string, decision: Decision]> = {
    'a routed address': [of(one), byEnvelope(one)],
    'the login address': [`login@${mailDomain}`, stay('not-a-routed-address')],
    'another domain': [of(one, 'example.com'), stay('not-a-routed-address')],
    'a subdomain of the mail domain': [of(one, `x.${mailDomain}`), stay('not-a-routed-address')],
    'a prefix that is not configured': [of(one).replace('or-', 'gh-'), stay('not-a-routed-address')],
    'a routed address quoted in another': [`"${of(one)}"@${mailDomain}`, stay('not-a-routed-address')],
    'a routed local part in quotes': [`"${of(one).replace('@', '"@')}`, stay('not-a-routed-address')],
    'a routed local part after a no-break space': [`\xa0${of(one)}`, stay('not-a-routed-address')],
    'a trace header in its quoted local part, up to the id': [
      `"x by inbound-smtp.us-east-1.amazonaws.com with SMTP id y"@${mailDomain}`,
      stay('not-a-routed-address'),
    ],
    'a trace header in its quoted local part, up to a recipient': [
      `"x by inbound-smtp.us-east-1.amazonaws.com with SMTP id y for ${of(one)}; z"@${mailDomain}`,
      stay('not-a-routed-address'),
    ],
    'a domain literal': [of(one, '[192.0.2.1]'), stay('not-a-routed-address')],
  };
  for (const [name, [recipient, decision]] of Object.entries(cases)) {
    const message = `${RETURN_PATH}${trace(`\r\n for ${recipient}`)}${OTHER_TRACE}${rest}`;
    t.strictSame(decide(Buffer.from(message, 'latin1'), true, settings), decision, name);
  }
});

t.test("SES's trace header is the first Received, whatever stands above it", async (t) => {
  const sesTrace = trace(`\r\n for ${of(one)}`);
  const rest = `${trace(`\r\n for ${of(two)}`)}To: ${of(three)}\r\n\r\n`;
  const cases: Record<string, [message: string, decision: Decision]> = {
    'at the very top': [sesTrace + rest, byEnvelope(one)],
    'after fields of SES and of a receipt rule': [
      `X-SES-Spam-Verdict: PASS\r\nX-Added: yes\r\n${RETURN_PATH}${sesTrace}${rest}`,
      byEnvelope(one),
    ],
    "after mbox's From line": [`From a@example.com Thu Aug 28\r\n${RETURN_PATH}${sesTrace}${rest}`, byEnvelope(one)],
    'after a byte order mark': [`\xef\xbb\xbf${sesTrace}${rest}`, byEnvelope(one)],
    'with a name in capitals, and white space after it': [
      sesTrace.replace('Received', 'RECEIVED \t') + rest,
      byEnvelope(one),
    ],
    'with bare LF': [(RETURN_PATH + sesTrace + rest).replaceAll('\r\n', '\n'), byEnvelope(one)],
    'with CR CR LF': [(RETURN_PATH + sesTrace + rest).replaceAll('\r\n', '\r\r\n'), byEnvelope(one)],
    'but not after another Received': [RETURN_PATH + OTHER_TRACE + sesTrace + rest, byHeaders(three)],
    'but not after an empty Received': [`${RETURN_PATH}Received:\r\n${sesTrace}${rest}`, byHeaders(three)],
    'but not within another field': [`X-Trace: ${sesTrace}To: ${of(three)}\r\n\r\n`, byHeaders(three)],
    'but not in the body': [`To: ${of(three)}\r\n\r\n${sesTrace}`, byHeaders(three)],
    'but not in the body, CR CR LF': [`To: ${of(three)}\r\r\n\r\r\n${sesTrace}`, byHeaders(three)],
  };
  for (const [name, [message, decision]] of Object.entries(cases))
    t.strictSame(decide(Buffer.from(message, 'latin1'), true, settings), decision, name);
});

t.test("without it, the sender's fields decide", async (t) => {
  const cases: Record<string, [fields: string, decision: Decision]> = {
    To: [`To: ${of(one)}\r\n`, byHeaders(one)],
    'each of the fields, each wallet once': [
      `X-Original-To: ${of(one)}\r\nDelivered-To: ${of(two)}\r\nCc: <${of(three)}>\r\nTo: ${of(two).toUpperCase()}\r\n`,
      byHeaders(one, two, three),
    ],
    'two To fields': [`To: ${of(one)}\r\nTo: ${of(two)}\r\n`, byHeaders(one, two)],
    'a routed address among others': [
      `To: login@${mailDomain}, "Doe, Jane" <jane@example.com>,\r\n (a comment) ${of(one)}\r\n`,
      byHeaders(one),
    ],
    'a group': [`To: Agents: ${of(one)}, "B" <${of(two)}>;\r\n`, byHeaders(one, two)],
    'names that look like addresses': [`To: "${of(one)}" <login@${mailDomain}>\r\n`, stay('not-a-routed-address')],
    'comments that look like addresses': [`To: login@${mailDomain} (${of(one)})\r\n`, stay('not-a-routed-address')],
    'other fields': [`From: ${of(one)}\r\nReply-To: ${of(two)}\r\nBcc: ${of(three)}\r\n`, stay('no-recipient-found')],
    'no recipient named': ['To: undisclosed-recipients:;\r\nCc: Somebody\r\n', stay('no-recipient-found')],
    'another domain': [`To: ${of(one, 'example.com')}\r\n`, stay('not-a-routed-address')],
    'a routed address in an encoded word': [
      `To: =?utf-8?Q?=3C${of(one).replace('@', '=40')}=3E?=\r\n`,
      stay('no-recipient-found'),
    ],
    'a routed local part in quotes': [`To: "${of(one).replace('@', '"@')}\r\n`, stay('not-a-routed-address')],
    'a route, folded': [`To: <@x.example,\r\n @y.example:${of(one)}>\r\n`, byHeaders(one)],
    'comments and white space within it': [`To: ${of(one).replace('@', ' (a (b)) @ (c) ')}\r\n`, byHeaders(one)],
    'domain literals': [
      `To: ${of(one, '[192.0.2.1]')}, ${of(one, '[IPv6:2001:db8::1]')}\r\n`,
      stay('not-a-routed-address'),
    ],
    'one ambiguous list, and one that is not': [`To: "${of(one)}\r\nCc: ${of(two)}\r\n`, byHeaders(two)],
    'a display name in ISO 8859-1': [`To: Gr\xfcn <${of(one)}>\r\n`, byHeaders(one)],
    'fields with no value': ['To:\r\nCc: \r\nDelivered-To:\r\n \r\n', stay('no-recipient-found')],
    'nothing after CR alone': [`To: login@${mailDomain}\rCc: ${of(one)}\r\n`, stay('no-recipient-found')],
    'nothing in the body': [`\r\nTo: ${of(one)}\r\n`, stay('no-recipient-found')],
  };
  for (const [name, [fields, decision]] of Object.entries(cases)) {
    for (const [kind, head] of Object.entries({
      'no for clause': RETURN_PATH + trace(''),
      "another server's trace header first": RETURN_PATH + OTHER_TRACE + trace(`\r\n for ${of(three)}`),
      'no trace header': RETURN_PATH,
    })) {
      t.strictSame(
        decide(Buffer.from(`${head}${fields}\r\nbody`, 'latin1'), true, settings),
        decision,
        `${name}: ${kind}`,
      );
    }
  }
});

t.test('a message for more than ten wallets is for none of them', async (t) => {
  const wallets = (count: number) => Array.from({ length: count }, (_, n) => `0x${String(n).padStart(40, '0')}`);
  const list = (some: string[]) => some.map((wallet) => of(wallet)).join(', ');
  const ten = wallets(MOST_WALLETS);
  const eleven = wallets(MOST_WALLETS + 1);
  t.equal(ten.length, 10);
  const cases: Record<string, [fields: string, decision: Decision]> = {
    ten: [`To: ${list(ten)}\r\n`, byHeaders(...ten)],
    'ten, each of them twice': [`To: ${list(ten)}\r\nCc: ${list(ten)}\r\n`, byHeaders(...ten)],
    'ten, and others who are no wallets': [
      `To: ${list(ten)}\r\nCc: ${eleven.map((wallet) => of(wallet, 'example.com')).join(', ')}\r\n`,
      byHeaders(...ten),
    ],
    eleven: [`To: ${list(eleven)}\r\n`, stay('too-many-wallets')],
    'eleven in two fields': [`To: ${list(ten)}\r\nDelivered-To: ${list(eleven)}\r\n`, stay('too-many-wallets')],
    '944, in 64 kB': [`To: ${list(wallets(944)).replaceAll(', ', ',')}\r\n`, stay('too-many-wallets')],
  };
  for (const [name, [fields, decision]] of Object.entries(cases)) {
    t.strictSame(decide(Buffer.from(`${RETURN_PATH}${trace('')}${fields}\r\n`), true, settings), decision, name);
  }
  const named = Buffer.from(`${RETURN_PATH}${trace(`\r\n for ${of(one)}`)}To: ${list(eleven)}\r\n\r\n`);
  t.strictSame(decide(named, true, settings), byEnvelope(one), "SES's recipient is one, whatever To names");
});

t.test('the configured settings', async (t) => {
  const gh = of(two).replace('or-', 'gh-');
  const message = Buffer.from(`To: ${of(one, 'example.com')}, ${gh}, ${of(three)}\r\n\r\n`);
  t.strictSame(decide(message, true, { mailDomain: '', prefixes: ['or'] }), byHeaders(one, three), 'any domain');
  t.strictSame(decide(message, true, { mailDomain, prefixes: ['gh'] }), byHeaders(two), 'another prefix');
  t.strictSame(decide(message, true, { mailDomain, prefixes: ['or', 'gh'] }), byHeaders(two, three), 'two prefixes');
});

t.test('asks for more bytes only while they can change the decision', async (t) => {
  const needMore: Decision = { kind: 'need-more' };
  const envelope = Buffer.from(`${RETURN_PATH}${trace(`\r\n for ${of(one)}`)}To: ${of(two)}\r\n\r\n`);
  const headers = Buffer.from(`${RETURN_PATH}${trace('')}To: ${of(two)}\r\nCc: ${of(three)}\r\n\r\nbody`);
  const traceEnd = RETURN_PATH.length + trace(`\r\n for ${of(one)}`).length;
  for (let length = 0; length <= envelope.length; length++) {
    const expected = length > traceEnd ? byEnvelope(one) : needMore;
    t.strictSame(decide(envelope.subarray(0, length), false, settings), expected, `envelope, ${length} bytes`);
  }
  const headerEnd = headers.indexOf('\r\n\r\n') + 4;
  for (let length = 0; length <= headers.length; length++) {
    const expected = length >= headerEnd ? byHeaders(two, three) : needMore;
    t.strictSame(decide(headers.subarray(0, length), false, settings), expected, `headers, ${length} bytes`);
  }
});

t.test('messages of any size', async (t) => {
  const needMore: Decision = { kind: 'need-more' };
  const head = `${RETURN_PATH}${trace('')}`;
  const padded = (length: number, rest: string) =>
    `${head}X-Padding: ${'p'.repeat(length - head.length - rest.length - 11)}${rest}`;
  const range = 2048;
  const cases: Record<string, [message: string, complete: boolean, decision: Decision]> = {
    'nothing at all': ['', true, stay('empty-object')],
    'nothing yet': ['', false, needMore],
    'a line break alone': ['\r\n', true, stay('no-recipient-found')],
    'a header of exactly the range, its empty line the last of it': [
      padded(range, `\r\nTo: ${of(one)}\r\n\r\n`),
      false,
      byHeaders(one),
    ],
    'a header one byte longer than the range': [
      padded(range + 1, `\r\nTo: ${of(one)}\r\n\r\n`).slice(0, range),
      false,
      needMore,
    ],
    'a whole message of exactly the range, not known to be whole': [
      padded(range, `\r\nTo: ${of(one)}`),
      false,
      needMore,
    ],
    'a whole message of exactly the range': [padded(range, `\r\nTo: ${of(one)}`), true, byHeaders(one)],
    'no empty line in 64 kB': [padded(65_536, `\r\nTo: ${of(one)}`), false, needMore],
    'no line break in 64 kB': ['x'.repeat(65_536), false, needMore],
    'no line break in 64 kB, the whole message': ['x'.repeat(65_536), true, stay('no-recipient-found')],
    '64 kB of NUL': ['\0'.repeat(65_536), true, stay('no-recipient-found')],
    'a line of 100 kB before the recipient': [padded(100_000, `\r\nTo: ${of(one)}\r\n\r\n`), true, byHeaders(one)],
    'a recipient at the end of 100 kB of them': [
      `To: ${`login@${mailDomain}, `.repeat(4_000)}${of(one)}\r\n\r\n`,
      true,
      byHeaders(one),
    ],
  };
  for (const [name, [message, complete, decision]] of Object.entries(cases))
    t.strictSame(decide(Buffer.from(message, 'latin1'), complete, settings), decision, name);
});

t.test("an id in brackets and a dot after the domain are SES's form, too: a forged To: does not decide", async (t) => {
  const forged = `To: ${of(two)}\r\nDelivered-To: ${of(three)}\r\n\r\n`;
  const bracketed = (recipient: string) =>
    RETURN_PATH + trace(` for ${recipient}`).replace('id abc', 'id <abc>') + forged;
  const cases: Array<[recipient: string, decision: Decision]> = [
    [of(one), byEnvelope(one)],
    [`${of(one)}.`, byEnvelope(one)],
    [`login@${mailDomain}`, stay('not-a-routed-address')],
  ];
  for (const [recipient, decision] of cases)
    t.strictSame(decide(Buffer.from(bracketed(recipient)), true, settings), decision, recipient);
});
