/**
 * AgentKeys' cases for its mail call, written anew: what is in the bucket, what is waited for, what comes of it. They are run through
 * `fetchViaSesS3` with a test double and with the embedded AWS.
 */

/** AgentKeys' option type, as its callers use it. */
export interface FetchOpts {
  from: RegExp;
  subject: RegExp;
  codeRegex: RegExp;
  timeoutMs: number;
  pollIntervalMs?: number;
  freshnessGraceMs?: number;
  walletPrefix?: string;
  imapClientFactory?: () => { connect(): Promise<void> };
}

export interface ProvisionerCase {
  name: string;
  /** The first was stored first. */
  messages: Array<{ raw: string /** Seconds before the call. */; age?: number }>;
  options: Pick<FetchOpts, 'from' | 'subject' | 'codeRegex'>;
  /** The code or link; */
  found?: string;
  /** or else what the error counts. */
  reasons?: Record<string, number>;
}

const lines = (...parts: string[]) => parts.join('\r\n');

function plain(from: string, subject: string, body: string): string {
  return lines(`From: ${from}`, `Subject: ${subject}`, 'Content-Type: text/plain', '', body);
}

const code = { from: /accounts@service\.example/, subject: /one-time code/i, codeRegex: /(\d{6})/ };
const accounts = 'Service <accounts@service.example>';

/** A URL expression as the OpenRouter scraper's: a link of the sign-in provider's, whole, as group 1. */
const link = {
  from: /@openrouter\.ai|clerk/i,
  subject: /sign.?up.*link|verif|confirm/i,
  codeRegex: /(https:\/\/[^\s<>"')]*(?:clerk|\/verify|ticket=|verification)[^\s<>"')]*)/i,
};
const openrouter = 'OpenRouter <notifications@openrouter.ai>';
const verify =
  'https://clerk.openrouter.ai/v1/verify?__clerk_ticket=eyJ0ZXN0IjoxfQ&redirect=https%3A%2F%2Fopenrouter.ai%2F';

/** The link only in an `href`, its punctuation encoded, with soft line breaks inside it. */
const html = lines(
  `From: ${openrouter}`,
  'Subject: Your sign-up link',
  'MIME-Version: 1.0',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  '<html><body><p>Press the button to go on.</p>',
  '<a href=3D"https=3A=2F=2Fclerk=2Eopenrouter=2Eai=2Fv1=2Fverify=3F__cler=',
  'k_ticket=3DeyJ0ZXN0IjoxfQ&amp;redirect=3Dhttps=253A=252F=252Fopenrou=',
  'ter=2Eai=252F">Go on</a></body></html>',
  '',
);

const token = (name: string) => `https://clerk.openrouter.ai/v1/verify?token=${name}`;
const withToken = (name: string) => plain(openrouter, 'Your sign-up link', `Go to ${token(name)}`);

export const cases: ProvisionerCase[] = [
  {
    name: 'the code is found',
    messages: [{ raw: plain(accounts, 'Your one-time code', 'Enter 480215 to go on.') }],
    options: code,
    found: '480215',
  },
  {
    name: 'another sender',
    messages: [{ raw: plain('x@elsewhere.example', 'Your one-time code', 'Enter 111111.') }],
    options: code,
    reasons: { from_rejected: 1, matched: 0 },
  },
  {
    name: 'another subject',
    messages: [{ raw: plain(accounts, 'News', 'Enter 222222.') }],
    options: code,
    reasons: { subject_rejected: 1, matched: 0 },
  },
  { name: 'nothing in the bucket', messages: [], options: code, reasons: { stale: 0, matched: 0 } },
  {
    name: 'several messages',
    messages: [
      { raw: plain('x@elsewhere.example', 'Sale', 'none'), age: 2 },
      { raw: plain(accounts, 'Your one-time code', 'Enter 733901.') },
    ],
    options: code,
    found: '733901',
  },
  { name: 'a link in an href, quoted-printable', messages: [{ raw: html }], options: link, found: verify },
  {
    name: 'other mail of the same sender',
    messages: [{ raw: plain(openrouter, 'Your credits', 'You have 12 left.') }],
    options: link,
    reasons: { subject_rejected: 1 },
  },
  {
    name: '&amp; in a text part is left to the caller',
    messages: [
      {
        raw: plain(
          openrouter,
          'Your sign-up link',
          'Go to https://clerk.openrouter.ai/v1/verify?v=5.1&amp;token=eyJh.eyJl.c2ln ok',
        ),
      },
    ],
    options: link,
    found: 'https://clerk.openrouter.ai/v1/verify?v=5.1&amp;token=eyJh.eyJl.c2ln',
  },
  { name: 'stale only', messages: [{ raw: withToken('OLD'), age: 3_600 }], options: link, reasons: { stale: 1 } },
  {
    name: 'stale and fresh',
    messages: [{ raw: withToken('OLD'), age: 3_600 }, { raw: withToken('NEW') }],
    options: link,
    found: token('NEW'),
  },
  {
    name: 'a retry two minutes after a failed sign-up',
    messages: [{ raw: withToken('FAILED'), age: 120 }],
    options: link,
    reasons: { stale: 1 },
  },
  {
    name: 'the real one among other mail',
    messages: [
      { raw: plain('Cloud <no-reply@cloud.example>', 'Set-up notification', 'It works.'), age: 6 },
      { raw: plain('agent@other.example', 'A note', 'see https://other.example/verify'), age: 4 },
      { raw: html, age: 2 },
      { raw: plain(openrouter, 'Your weekly report', 'All is well.') },
    ],
    options: link,
    found: verify,
  },
  {
    name: 'an expression without a group never matches',
    messages: [{ raw: plain(accounts, 'Your one-time code', 'Enter 480215.') }],
    options: { ...code, codeRegex: /\d{6}/ },
    reasons: { regex_no_match: 1 },
  },
  {
    name: 'the body only: not the subject',
    messages: [{ raw: plain(accounts, 'Your one-time code 480215', 'See above.') }],
    options: code,
    reasons: { regex_no_match: 1 },
  },
  {
    name: 'the raw header fields: an encoded subject is not decoded',
    messages: [{ raw: plain(accounts, '=?utf-8?q?Your_one-time_code?=', 'Enter 480215.') }],
    options: code,
    reasons: { subject_rejected: 1 },
  },
  {
    name: 'no sender at all',
    messages: [{ raw: lines('Subject: Your one-time code', 'Content-Type: text/plain', '', 'Enter 222222.') }],
    options: code,
    reasons: { from_rejected: 1, matched: 0 },
  },
];
