/**
 * Generates sign-up mail: character sets, encoded words, transfer encodings, multiparts, links and codes of many forms; and what a reader
 * must read in each, known from how it was made.
 */
import fc from 'fast-check';
import { encode } from './charsets.js';
import { CRLF, encodedWords, TRANSFERS, transferred, WORD_FORMS } from './encodings.js';
import { LANGUAGES, type Language } from './languages.js';
import type { Trait } from './traits.js';

/** How a code or link is written, and what readers are known to take differently in it. */
type Form = [write: (text: string) => string, trait?: Trait];

export interface GeneratedMessage {
  /** Its bytes, as ISO 8859-1. */
  raw: string;
  subject: string;
  from: { name: string; address: string };
  /** Lines of what is to be read. */
  text: string;
  html?: string;
  links: string[];
  code: string;
  /** The name of the body's encoding, for those who look into a failure. */
  charset: string;
  traits: Set<Trait>;
}

/** Charset labels under which UTF-8 is sent although they say something else, or nothing that a standard knows. */
const WRONG: Array<[label: string, trait: Trait]> = [
  ['us-ascii', 'mislabelled'],
  ['iso-8859-1', 'mislabelled'],
  ['windows-1252', 'mislabelled'],
  ['', 'mislabelled'],
  ['x-unknown', 'label no standard has'],
];

const sentence = (words: string[]) =>
  fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }).map((chosen) => chosen.join(' '));

const token = fc.string({ unit: fc.constantFrom(...'abcdefghkmABCDEFGHKM0123456789'), minLength: 4, maxLength: 24 });

const link = fc
  .record({
    scheme: fc.constantFrom('https', 'https', 'http'),
    host: fc.constantFrom('example.com', 'app.example.org:8443', 'xn--bcher-kva.example', 'click.example.net'),
    path: fc.constantFrom('/verify', '/a/b/verify.php', '/wiki/Code_(x)', '/v/%E3%81%82', '/x~y/+z/'),
    query: fc.constantFrom('ticket', 'token', 'u'),
    token,
    more: fc.constantFrom('', '&lang=en', '&copy=1&reg=2', '&a=b%26c', '#top', '&e=a@b.example'),
  })
  .map(({ scheme, host, path, query, token, more }) => `${scheme}://${host}${path}?${query}=${token}x${more}`);

/** How an address stands in text. */
const inText = (after: string | undefined) =>
  fc.constantFrom<Form[]>(
    [(url) => url],
    [(url) => `(${url})`, 'parenthesis after url'],
    [(url) => `<${url}>`],
    [(url) => `${url}.`, 'punctuation after url'],
    [(url) => `"${url}"`],
    [(url) => `<${url.slice(0, 12)}${CRLF}${url.slice(12)}>`, 'broken url'],
    ...(after === undefined ? [] : [[(url) => `${url}${after}`, 'text after url'] satisfies Form]),
  );

/** How an address stands in an `href`. */
const inHref = fc.constantFrom<Form[]>(
  [(url) => `"${url.replaceAll('&', '&amp;')}"`],
  [(url) => `'${url.replaceAll('&', '&#38;')}'`],
  [(url) => `"${url.replaceAll('&', '&#x26;')}"`],
  [(url) => `"${url}"`, 'bare ampersand'],
);

/** How a code stands in HTML. */
const codeInHtml = fc.constantFrom<Form[]>(
  [(code) => code],
  [(code) => `<b>${code}</b>`],
  [(code) => `<b>${code.slice(0, 3)}</b><i>${code.slice(3)}</i>`],
  [(code) => `${code.slice(0, 3)}<!-- x -->${code.slice(3)}`],
  [(code) => [...code].map((digit) => `<span>${digit}</span>`).join(' '), 'boxes'],
  [(code) => `<table><tr>${[...code].map((digit) => `<td>${digit}</td>`).join('')}</tr></table>`, 'boxes'],
  [(code) => `${code.slice(0, 3)}&#8203;${code.slice(3)}`, 'zero-width'],
);

const hidden = (decoy: string) =>
  fc.constantFrom(
    '',
    '',
    `<div style="display:none">${decoy}</div>`,
    `<span style="font-size:0px">${decoy}</span>`,
    `<div hidden>${decoy}</div>`,
  );

const transfer = fc.constantFrom(...TRANSFERS);

const wordForm = fc.constantFrom(...WORD_FORMS);

/** The structure of the message. */
const structure = fc.constantFrom(
  'text',
  'html',
  'alternative',
  'alternative',
  'mixed',
  'related',
  'signed',
  'attachment',
);

const languageCase = (language: Language) =>
  fc.record({
    charset: fc.constantFrom(...language.charsets),
    wrong: fc.option(fc.constantFrom(...WRONG), { freq: 5 }),
    subject: sentence(language.words),
    name: sentence(language.words),
    wordForm,
    nameForm: wordForm,
    greeting: sentence(language.words),
    bye: sentence(language.words),
    code: fc.integer({ min: 100_000, max: 999_999 }).map(String),
    decoy: fc.integer({ min: 100_000, max: 999_999 }).map(String),
    link,
    other: fc.option(link),
    inText: inText(language.after),
    inHref,
    codeInHtml,
    transfer,
    structure,
    flowed: fc.constantFrom('', '', '', 'flowed', 'delsp'),
  });

/** Messages of every form. */
export const message: fc.Arbitrary<GeneratedMessage> = fc
  .constantFrom(...LANGUAGES)
  .chain((language) => languageCase(language))
  .chain((made) => hidden(made.decoy).map((preheader) => ({ ...made, preheader })))
  .map((made) => build(made));

type Made = (ReturnType<typeof languageCase> extends fc.Arbitrary<infer T> ? T : never) & { preheader: string };

function build(made: Made): GeneratedMessage {
  const traits = new Set<Trait>();
  const note = (...some: Array<Trait | undefined>) => {
    for (const trait of some) if (trait !== undefined) traits.add(trait);
  };
  let [label, encoding] = made.charset;
  const { subject, name, greeting, bye, code } = made;
  if (made.wrong !== null && encoding === 'utf-8') {
    [label] = made.wrong;
    note(made.wrong[1]);
  }
  const hasText = made.structure !== 'html';
  const hasHtml = !['text', 'attachment'].includes(made.structure);

  // Plain text.
  const [form, linkTrait] = made.inText;
  const isFlowed = made.flowed !== '' && hasText;
  const flowedGreeting = greeting.includes(' ')
    ? greeting.replace(' ', made.flowed === 'delsp' ? `  ${CRLF}` : ` ${CRLF}`)
    : greeting;
  const plainLines = [isFlowed ? flowedGreeting : greeting, `${code}`, form(made.link), bye];
  const plainShown = [greeting, code, form(made.link).replace(CRLF, ''), bye].join('\n');
  if (hasText) {
    note(linkTrait);
    if (isFlowed && greeting.includes(' ')) note('flowed', made.flowed === 'delsp' ? 'delsp' : undefined);
  }

  // HTML.
  const [href, hrefTrait] = made.inHref;
  const [box, boxTrait] = made.codeInHtml;
  const html = [
    `<html><head><title>1</title></head><body>${made.preheader}`,
    `<p>${greeting}</p>`,
    `<div>${box(code)}</div>`,
    `<p><a href=${href(made.link)}>${made.greeting.split(' ')[0]}</a></p>`,
    ...(made.other === null ? [] : [`<a class=x href=${href(made.other)}>${bye.split(' ')[0]}</a>`]),
    `<p>${bye}</p></body></html>`,
  ].join(CRLF);
  if (hasHtml) {
    note(boxTrait, made.preheader === '' ? undefined : 'hidden');
    if (hrefTrait !== undefined && /&/.test(made.link + (made.other ?? ''))) note(hrefTrait);
  }
  const htmlShown = [
    greeting,
    code,
    made.greeting.split(' ')[0],
    ...(made.other === null ? [] : [bye.split(' ')[0]]),
    bye,
  ].join('\n');

  const parameters = isFlowed ? `; format=flowed${made.flowed === 'delsp' ? '; delsp=yes' : ''}` : '';
  const part = (type: string, text: string, more = '') => {
    const { name: cte, body } = transferred(encode(text, encoding), made.transfer);
    const charset = label === '' ? '' : `; charset=${/[^\w-]/.test(label) ? `"${label}"` : label}`;
    return `Content-Type: ${type}${charset}${more}${CRLF}Content-Transfer-Encoding: ${cte}${CRLF}${CRLF}${body}`;
  };
  const multipart = (subtype: string, boundary: string, parts: string[], more = '') =>
    `Content-Type: multipart/${subtype}; boundary="${boundary}"${more}${CRLF}${CRLF}${parts
      .map((one) => `--${boundary}${CRLF}${one}${CRLF}`)
      .join('')}--${boundary}--${CRLF}`;
  const text = part('text/plain', plainLines.join(CRLF), parameters);
  const page = part('text/html', html);
  const image = `Content-Type: image/png${CRLF}Content-Transfer-Encoding: base64${CRLF}Content-ID: <i@x>${CRLF}${CRLF}iVBORw0KGgo=`;
  const attached = `Content-Type: text/plain; name="a.txt"${CRLF}Content-Disposition: attachment; filename="a.txt"${CRLF}${CRLF}${made.decoy}`;
  const bodies: Record<string, () => string> = {
    text: () => text,
    html: () => page,
    alternative: () => multipart('alternative', 'b1', [text, page]),
    related: () => multipart('alternative', 'b1', [text, multipart('related', 'b2', [page, image])]),
    mixed: () => multipart('mixed', 'b1', [multipart('alternative', 'b2', [text, page]), attached]),
    signed: () =>
      multipart(
        'signed',
        'b1',
        [
          multipart('alternative', 'b2', [text, page]),
          `Content-Type: application/pkcs7-signature${CRLF}Content-Transfer-Encoding: base64${CRLF}${CRLF}AAAA`,
        ],
        '; micalg=sha-256; protocol="application/pkcs7-signature"',
      ),
    attachment: () => multipart('mixed', 'b1', [text, attached]),
  };
  if (!hasText) note('html only');
  if (encoding === 'windows-1252' && /[€’]/.test(made.subject + made.name + made.greeting + made.bye))
    note('windows-1252 beyond iso-8859-1');

  const wordsLabel = made.wrong !== null && encoding === 'utf-8' ? 'utf-8' : label;
  const subjectField = encodedWords(subject, wordsLabel, encoding, made.wordForm);
  const nameField = encodedWords(name, wordsLabel, encoding, made.nameForm);
  note(...subjectField.traits, ...nameField.traits);
  const raw = [
    `From: ${nameField.sent} <no-reply@example.com>`,
    'To: a@example.org',
    `Subject: ${subjectField.sent}`,
    'MIME-Version: 1.0',
    (bodies[made.structure] as () => string)(),
  ].join(CRLF);
  const links = [
    ...(hasHtml ? [made.link, ...(made.other === null ? [] : [made.other])] : []),
    ...(hasText ? [made.link] : []),
  ];
  return {
    raw,
    subject,
    from: { name, address: 'no-reply@example.com' },
    text: hasText ? plainShown : htmlShown,
    ...(hasHtml ? { html } : {}),
    links: [...new Set(links)],
    code,
    charset: `${label} (${encoding})`,
    traits,
  };
}
