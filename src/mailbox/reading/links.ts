/**
 * The links of a message.
 *
 * Not a library's work: linkify-it keeps `。`, `”`, `…` and `）` as part of an address, and takes minutes on a megabyte of `http://a.b/(`.
 */
import { withoutInvisible } from './layout.js';

/** No white space, and nothing that encloses an address in text (RFC 3986 appendix C). */
const URL_IN_TEXT = /https?:\/\/[^\s<>"`\p{Cc}]+/giu;

/**
 * Where an address in text ends: before punctuation, brackets and symbols beyond ASCII; and where text in a script without spaces goes
 * on directly after a letter or digit. `/wiki/日本` is an address as a whole, `/verify?t=a1をクリック` is not.
 */
const END =
  /[^\P{P}\p{ASCII}]|[^\P{S}\p{ASCII}]|(?<=[0-9A-Za-z_=-])[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const OPENING = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/**
 * The web addresses that a message leads to, each once. Those of `href` attributes come first, for they are exact; then those that stand
 * bare in the text, where a full stop may have become part of them.
 */
export function linksOf(hrefs: string[], texts: string[]): string[] {
  return [...new Set([...hrefs.flatMap(webAddress), ...texts.flatMap(urlsIn)])];
}

/**
 * An `href` as a browser takes it: without line breaks and tabs and the space around it, and with spaces encoded. One with other control
 * characters, which might get to a terminal, is none. https://url.spec.whatwg.org/#concept-basic-url-parser
 */
function webAddress(href: string): string[] {
  const url = href
    .replace(/[\t\n\r]+/g, '')
    .trim()
    .replaceAll(' ', '%20');
  return /^https?:\P{Cc}*$/iu.test(url) && URL.canParse(url) ? [url] : [];
}

/** Characters that end an address, as entities: some senders put HTML into plain text. */
const END_AS_ENTITY = /&(?:nbsp|quot|apos|lt|gt|#(?:34|39|60|62|160));/i;

/** An ampersand that is an entity was meant for HTML: no address has one. */
function urlsIn(text: string): string[] {
  const found = new Set(withoutInvisible(text).match(URL_IN_TEXT));
  return [...found].flatMap((url) => webAddress(endOfUrl(beforeOtherText(url)).replace(/&(?:amp|#38|#x26);/gi, '&')));
}

function beforeOtherText(url: string): string {
  const [address = ''] = url.split(END_AS_ENTITY, 1);
  const end = /\P{ASCII}/u.test(address) ? address.search(END) : -1;
  return end === -1 ? address : address.slice(0, end);
}

/** A sentence's end is not the address's, nor is a bracket that was opened before it. */
function endOfUrl(url: string): string {
  const open: string[] = [];
  let end = 0;
  for (; end < url.length; end++) {
    const character = url.charAt(end);
    const opening = OPENING.get(character);
    if (opening === undefined && /[([{]/.test(character)) open.push(character);
    if (opening !== undefined && open.pop() !== opening) break;
  }
  while (/[.,;:!?'*|([{]/.test(url.charAt(end - 1))) end -= 1;
  return url.slice(0, end);
}
