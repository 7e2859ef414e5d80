/**
 * Messages built to be costly to read: each one shape, as often as it fits.
 */

/** Pieces of HTML, repeated. */
const HTML_PIECES = [
  '<a>',
  '<li>',
  '<p>',
  '<b>',
  '<div><p>',
  '<table>',
  '<tr><td>',
  '<td',
  '<pre>\n',
  '<br>',
  '</b>',
  '</p>',
  '</table>',
  '<b></b> ',
  '<!--',
  '<!-- -->',
  '<!',
  '<?',
  '<![CDATA[',
  '<style>',
  '<style>a{',
  '<style></style>',
  '<script>',
  '<title>',
  '<textarea>',
  '<svg>',
  '<template>',
  '<a href="',
  '<a href=https://a.example/>',
  '<a href="https://a.example/&amp;',
  '<a b c d e f>',
  '<a b="c" ',
  '<p hidden>',
  '<p style="display:none">',
  '<p style="a:b;',
  '<p class="a b c d">',
  '<input value=1>',
  '<input>',
  '&',
  '&#',
  '&#x',
  '&amp;',
  '&zwnj;',
  '&notanentity',
  '<',
  '>',
  '1<p>',
  '1 ',
  '1<b>-</b>',
  '<b>1</b>',
  '<td>1<td>-',
  ' \u200b',
  '\ufdd1',
  '\u00ad',
  '\n',
  ' ',
  '\t\n',
  'x',
];

/** Pieces of plain text, repeated. */
const TEXT_PIECES = [
  '\n',
  '\r',
  '\r\n',
  ' ',
  ' \n',
  'x',
  '1',
  '1 ',
  '1 - ',
  '12345 ',
  '\u200b',
  '\u00a0',
  '=',
  '>',
  '>\n',
  '>\n>>\n',
  '> <https://a\n',
  '４',
  '٤ ',
  '4-8-',
  'https://a.example/&quot;',
  'https://a.example/&#38;',
  '<https://a\n',
  '<https://a>\n',
  '<URL:https://',
  'https://a.example/',
  'https://a.example/ ',
  'https://a.example/)',
  'https://a.example/((((',
  'http://a.b/(',
  'https://é。',
  'https://[::1]/',
  '((((',
  '<a@b',
];

/** How long a header can be for the message to be read; bytes. */
const LONGEST_HEADER = 255 * 1024;

/**
 * Makes one message of each shape.
 *
 * @param size of each, bytes; those of a header alone are no longer than a header may be.
 */
export function hostileMessages(size: number): Array<[shape: string, raw: Buffer]> {
  const longestHeader = Math.min(size, LONGEST_HEADER);
  const fill = (piece: string, length = size) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  const many = (count: number, make: (n: number) => string, between = '') =>
    Array.from({ length: count }, (_, n) => make(n)).join(between);
  const message = (fields: string, body: string) => `${fields}\r\n\r\n${body}`;
  const html = (body: string) => message('Content-Type: text/html; charset=utf-8', body);
  const plain = (body: string, more = '') => message(`Content-Type: text/plain; charset=utf-8${more}`, body);
  const encoded = (encoding: string, type: string, body: string) =>
    message(`Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}`, body);
  const charset = (name: string, piece: string) => message(`Content-Type: text/plain; charset=${name}`, fill(piece));
  const multipart = (boundary: string, body: string) =>
    message(`Content-Type: multipart/mixed; boundary="${boundary}"`, body);
  const css = (body: string) => html(`<style>${body}</style><p class="a1 a2">x`);
  const classes = many(2_000, (n) => `a${n}`, ' ');
  const named = (kind: string, pieces: string[], make: (body: string) => string): Array<[shape: string, raw: string]> =>
    pieces.map((piece) => [`${kind}: ${JSON.stringify(piece)}`, make(fill(piece))]);
  const shapes: Array<[shape: string, raw: string]> = [
    ...named('html', HTML_PIECES, html),
    ...named('text', TEXT_PIECES, plain),
    ...named('flowed', ['x \n', '<https://a \n', '> x \n', '>>>> \n'], (body) => plain(body, '; format=flowed')),
    ['html: links, each another', html(many(size / 26, (n) => `<a href=https://a.example/${n}>`))],
    ['text: links, each another', plain(many(size / 20, (n) => `https://a.example/${n} `))],
    ['html: one link', html(`<a href="https://a.example/${fill('a')}`)],
    ['text: one link', plain(`https://a.example/${fill('a')}`)],
    ['html: elements in turn', html(fill('<ul><li><ol><li><dl><dt><dd><table><tr><td><select><option>'))],
    ['html: 200 deep, then closed', html(fill(`${'<div>'.repeat(200)}x${'</div>'.repeat(200)}`))],
    ['html: deep, and paragraphs', html(`${'<b>'.repeat(190)}${fill('<p>x')}`)],
    ['html: deep, and end tags', html(`${'<b>'.repeat(190)}<p>${fill('<table></p></table>')}`)],
    ['html: end tags that a table keeps in', html(`<i><table>${fill('<b>', size / 2)}${fill('</i>')}`)],
    ['html: end tags of what is far out', html(`<i>${fill('<b>', size / 2)}${fill('</u></i>')}`)],
    ['html: attributes, each another', html(`<a ${many(size / 8, (n) => `a${n}=b `)}>`)],
    ['css: rules, each another', css(many(size / 26, (n) => `.a${n}{display:none}`))],
    ['css: one rule, many selectors', css(`${many(size / 10, (n) => `.a${n}`, ',')}{display:none}`)],
    ['css: one rule, many declarations', css(`.a1{${fill('display:none;')}}`)],
    ['css: comments', css(fill('/* x */'))],
    ['css: open comments', css(fill('/*'))],
    ['css: braces', css(fill('{'))],
    ['css: @media', css(fill('@media x{'))],
    ['css: the same selector', css(fill('.a1{display:none}'))],
    ['css: style sheets', html(fill('<style>.a{display:none}</style>'))],
    ['css: many classes on many elements', html(`<style>.a1{display:none}</style>${fill(`<p class="${classes}">x`)}`)],
    ['css: zeros', html(`<p style="font-size:${fill('0')}x!">x`)],
    ['css: colors', html(`<p style="color:rgba(${fill(',0 ')}x)">x`)],
    ['css: transparent colors', html(fill('<p style="color:rgba(0,0,0,0)">x'))],
    ['css: long style attributes', html(fill(`<p style="${'display:none;'.repeat(500)}">x`))],
    ...named('quoted-printable', ['=', '=\r\n', '=3D', '=3', '= ', '= \r', '=0A'], (body) =>
      encoded('quoted-printable', 'text/plain', body),
    ),
    ['quoted-printable: HTML', encoded('quoted-printable', 'text/html', fill('=3Cli=3E'))],
    ...named('base64', ['=', 'A', 'AA==', '\r\n', '!', 'PGxp', 'PGxpPg=='], (body) =>
      encoded('base64', 'text/html', body),
    ),
    ['utf-8: continuation bytes', charset('utf-8', '\x80')],
    ['utf-8: lead bytes', charset('us-ascii', 'Ã¶\xc3')],
    ['windows-1252: all of it', charset('windows-1252', '\x80\xe9')],
    ['iso-2022-jp: escape sequences', charset('iso-2022-jp', '\x1b$B\x1b(B')],
    ['iso-2022-jp: one mode', charset('iso-2022-jp', `\x1b$B$3$`)],
    ['gb18030: four bytes', charset('gb18030', '\x810\x810')],
    ['gb18030: broken', charset('gb18030', '\x81')],
    ['shift_jis', charset('shift_jis', '\x82\xa0')],
    ['big5: broken', charset('big5', '\xfe\xfe\x81')],
    ['euc-kr', charset('euc-kr', '\xb0\xa1')],
    ['utf-7: shifts', charset('utf-7', '+AGE-')],
    ['utf-7: one shift', message('Content-Type: text/plain; charset=utf-7', `+${fill('AGEA')}`)],
    ['utf-7: plus signs', charset('utf-7', '+')],
    ['utf-16', charset('utf-16', '\xd8\x00')],
    ['koi8-r', charset('koi8-r', '\xc1\xd2 ')],
    ['boundary: its delimiters', multipart('b', fill('--b\r\n'))],
    ['boundary: its ends', multipart('b', `--b\r\n\r\n${fill('\r\n--b--x')}`)],
    ['boundary: almost', multipart('b'.repeat(70), fill(`\r\n--${'b'.repeat(69)}`))],
    ['boundary: white space', multipart('b', fill(`\r\n--b${' '.repeat(300)}x`))],
    ['boundary: within lines', multipart('b', fill('x--b'))],
    ['boundary: another', multipart('a', fill('\r\n--b\r\nx'))],
    ['boundary: others in turn', multipart('a', fill('--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n'))],
    ['boundary: long lines', multipart('a', fill(`\n--${'b'.repeat(250)}`))],
    ['boundary: dashes', multipart('-', fill('-'))],
    [
      'parts: 500 of links',
      multipart(
        'b',
        many(500, () => `--b\r\n\r\n${fill('https://a.example/ ', 2_000)}\r\n`),
      ),
    ],
    [
      'parts: 500 pages',
      multipart(
        'b',
        many(500, (n) => `--b\r\nContent-Type: text/html\r\n\r\n<li>${n}\r\n`),
      ),
    ],
    [
      'parts: nested',
      many(31, (n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`) + fill('\r\n--b'),
    ],
    ['parts: text without an empty line', multipart('b', fill('--b\r\nX: y;\r\nz\r\n'))],
    ['parts: a header each', multipart('b', fill(`--b\r\n${'X: y\r\n'.repeat(100)}\r\n`))],
    ['header: fields', fill('X: y\r\n', longestHeader)],
    ['header: fields without an end', fill('X: y\r\n')],
    ['header: one field', `X: ${fill('y', longestHeader)}`],
    ['header: folds', `X: y${fill('\r\n y', longestHeader)}`],
    ['header: carriage returns', `X: y${fill('\r', longestHeader - 10)}y`],
    ['header: tabs', `X: y${fill('\t', longestHeader - 10)}y`],
    ['header: colons', fill(':', longestHeader)],
    ['header: received', fill('Received: from a by b for <c@d>; e\r\n', longestHeader)],
    ['header: content type', `Content-Type: text/html; ${fill('a=b; ', longestHeader)}`],
    ['header: colons in parameters', `Content-Type: text/html; ${fill('a:b:', longestHeader)}`],
    ['header: transfer encoding', `Content-Transfer-Encoding: ${fill('(', longestHeader)}`],
    ['header: unindented parameters', `Content-Type: text/html;${fill('\r\na=b;', longestHeader)}`],
    ['header: quotes', `Content-Type: text/html; a="${fill('\\"', longestHeader)}`],
    ['header: pieces', `Content-Type: text/html; ${many(size / 104, (n) => `charset*${n}=a;`)}`],
    ['header: semicolons', `Content-Type: text/html${fill(';', longestHeader)}`],
    ['header: white space', `Content-Type: text/html${fill(' ', longestHeader)}`],
    ['subject: encoded words', `Subject: ${fill('=?utf-8?Q?=C3=A9?= ', longestHeader)}`],
    ['subject: charsets in turn', `Subject: ${fill('=?big5?B?pEA=?= =?koi8-r?B?wdI=?= ', longestHeader)}`],
    ['subject: starts of words', `Subject: ${fill('=?a?Q?', longestHeader)}`],
    ['subject: question marks', `Subject: =?a?Q?${fill('?', longestHeader)}`],
    ['subject: digits', `Subject: ${fill('1 ', longestHeader)}x`],
    ['subject: one word', `Subject: =?utf-8?B?${fill('w6nD', longestHeader)}?=`],
    ['from: addresses', `From: ${fill('a@b, ', longestHeader)}`],
    ['from: angle brackets', `From: ${fill('<', longestHeader)}`],
    ['from: comments', `From: ${fill('(', longestHeader)}`],
    ['from: quotes', `From: ${fill('"', longestHeader)}`],
    ['from: groups', `From: ${fill('g:a@b;', longestHeader)}`],
    ['from: encoded words', `From: ${fill('=?utf-8?Q?a?=, ', longestHeader)}`],
  ];
  return shapes.map(([shape, raw]) => [shape, bytesOf(raw).subarray(0, size)]);
}

/** Text beyond ISO 8859-1 is UTF-8. */
function bytesOf(raw: string): Buffer {
  return Buffer.from(raw, /[^\p{ASCII}\x80-\xff]/u.test(raw) ? 'utf-8' : 'latin1');
}
