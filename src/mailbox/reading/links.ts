/**
 * The links of a message.
 */
import type { HtmlContent } from './html.js';

/** No white space, and nothing that encloses an address in text (RFC 3986 appendix C). */
const URL_IN_TEXT = /https?:\/\/[^\s<>"`\p{Cc}]+/giu;

const CLOSING = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/**
 * The web addresses that a message leads to, each once. Those of `href` attributes come first, for they are exact; then those that stand
 * bare in the text, where a line that was broken or a full stop may have become part of them.
 */
export function linksOf(html: HtmlContent, text: string): string[] {
  const found = [...html.hrefs.flatMap(webAddress), ...urlsIn(html.unlinked), ...urlsIn(text)];
  return [...new Set(found)];
}

/**
 * An `href` as a browser takes it: without line breaks and tabs, and the space around it. One with other control characters, which might
 * get to a terminal, is none. https://url.spec.whatwg.org/#concept-basic-url-parser
 */
function webAddress(href: string): string[] {
  const url = href.replace(/[\t\n\r]+/g, '').trim();
  return /^https?:\P{Cc}*$/iu.test(url) && URL.canParse(url) ? [url] : [];
}

function urlsIn(text: string): string[] {
  return [...text.matchAll(URL_IN_TEXT)].flatMap(([url]) => webAddress(withoutPunctuation(url)));
}

/** A sentence's end is not the address's, nor is a bracket that was opened before it. */
function withoutPunctuation(url: string): string {
  const open = new Map([...CLOSING].map(([close, opening]) => [close, count(url, opening) - count(url, close)]));
  let end = url.length;
  for (; ; end -= 1) {
    const last = url.charAt(end - 1);
    const unopened = open.get(last);
    if (unopened !== undefined && unopened < 0) open.set(last, unopened + 1);
    else if (!/[.,;:!?'*]/.test(last)) return url.slice(0, end);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
