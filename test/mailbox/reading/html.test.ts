/**
 * HTML reduced to text, and the links of a message.
 */
import t from 'tap';
import { readHtml } from '../../../src/mailbox/reading/html.js';
import { withoutInvisible } from '../../../src/mailbox/reading/layout.js';
import { linksOf } from '../../../src/mailbox/reading/links.js';

t.test('text', async (t) => {
  const cases: Array<[html: string, text: string]> = [
    ['', ''],
    ['plain', 'plain'],
    ['<p>one</p><p>two</p>', 'one\ntwo'],
    ['one<br>two<BR/>three', 'one\ntwo\nthree'],
    ['  a \n\t b&nbsp;&nbsp;c ', 'a b c'],
    ['12<b>34</b><i></i>56', '123456'],
    ['12 <b>34</b>', '12 34'],
    ['<td>your code</td><td>12</td>', 'your code 12'],
    ['<div>1</div><div>2</div><div>3</div><div>4</div>', '1234'],
    ['<div>1</div><div>2</div><div>3</div>', '1\n2\n3'],
    ['code: <b>1</b> <b>2</b> <b>3</b> <b>4</b> <b>5</b>. Bye', 'code: 12345. Bye'],
    ['<p>code:</p><p><b>A</b> <b>2</b> <b>3</b> <b>4</b></p><p>Bye</p>', 'code:\nA234\nBye'],
    ['a b c d e', 'a b c d e'],
    ['<style>p{}</style><script>1</script><title>2</title><template>3</template>x', 'x'],
    ['<STYLE>p</STYLE>x<!-- 1 --><?php 2 ?><!DOCTYPE 3><![CDATA[4]]>', 'x'],
    ['<script>unclosed <p>x</p>', ''],
    ['<script>a</script></script>x', 'x'],
    ['&lt;b&gt;&#65;&#x42;&copy;&bogus;&amp', '<b>AB©&bogus;&'],
    ['1&zwnj;2&shy;3\u200b4\u20605', '12345'],
    ['a\ufdd1b&#xfdd2;c', 'abc'],
    ['<input type=text/>x', 'x'],
  ];
  for (const [html, text] of cases) t.equal(readHtml(html).text, text, html);
  t.equal(withoutInvisible('A\u00adB\u2063C\ufe0f'), 'ABC');
});

t.test('links', async (t) => {
  const links = (html: string, text = '') => {
    const { hrefs, unlinked } = readHtml(html);
    return linksOf(hrefs, [unlinked, text]);
  };
  const cases: Array<[html: string, text: string, links: string[]]> = [
    [
      '<a href="https://a.example/x">y</a><area href=http://b.example/>',
      '',
      ['https://a.example/x', 'http://b.example/'],
    ],
    ['<link href="https://a.example/"><base href="https://b.example"><a name="https://c.example">x</a>', '', []],
    ['<a href="HTTPS://A.example/?a&amp;b&#61;&reg=1">x</a>', '', ['HTTPS://A.example/?a&b=&reg=1']],
    ['<a href=" https://a.example/\n\tb ">x</a>', '', ['https://a.example/b']],
    ['<a href="javascript:x">x</a><a href="mailto:a@b.c">x</a><a href="/y">x</a><a href="https://">x</a>', '', []],
    ['<a href="https://a.example/\u001b[2J">x</a>', '', []],
    [
      '<a href="https://a.example/">https://shown.example/</a> https://bare.example/',
      '',
      ['https://a.example/', 'https://bare.example/'],
    ],
    [
      '<a href="https://a.example/">x</a>',
      'https://t.example/ https://a.example/ https://t.example/',
      ['https://a.example/', 'https://t.example/'],
    ],
    [
      '',
      'See <https://a.example/x>, (https://b.example/y_(z)) or "https://c.example/".',
      ['https://a.example/x', 'https://b.example/y_(z)', 'https://c.example/'],
    ],
    [
      '',
      'https://a.example/x?y=z_... [https://b.example/]] {https://c.example/}!?',
      ['https://a.example/x?y=z_', 'https://b.example/', 'https://c.example/'],
    ],
    ['', 'https://... http://!', []],
  ];
  for (const [html, text, expected] of cases) t.strictSame(links(html, text), expected, html || text);
});
