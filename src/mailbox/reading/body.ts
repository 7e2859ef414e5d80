/**
 * The parts of a message as a reader sees them: which text is shown, and what of its HTML.
 */
import { decodeText, encodingOf } from './charset.js';
import { parameter } from './content-type.js';
import { type HtmlContent, readHtml } from './html.js';
import type { Leaf, Part } from './mime.js';
import { joinUrls, looksLikeHtml, unflow, withPlainSpaces } from './plain-text.js';

/** One part of HTML. */
export interface Page extends HtmlContent {
  /** The HTML, decoded. */
  source: string;
}

/** What there is to be read in a message. */
export interface Body {
  /** The text; of an alternative the plain one, unless it is blank. */
  text: string;
  /** All of the plain text. */
  plain: string;
  pages: Page[];
}

const NOTHING: Body = { text: '', plain: '', pages: [] };

/** Reads a message's body. Parts that are no text, and attachments, are passed over. */
export function readBody(part: Part): Body {
  if (!('parts' in part)) return readLeaf(part);
  const bodies = part.parts.map(readBody);
  const plain = joined(bodies.map((body) => body.plain));
  const pages = bodies.flatMap((body) => body.pages);
  if (part.subtype !== 'alternative') return { text: joined(bodies.map((body) => body.text)), plain, pages };
  const shown = bodies.filter(({ text }) => !isBlank(text));
  const chosen = shown.find((body) => body.pages.length === 0) ?? shown[0];
  return { text: chosen?.text ?? '', plain, pages };
}

/** Text of an unknown kind is plain text (RFC 2046 §4.1.4), but for the kinds that are there for programs. */
const FOR_PROGRAMS = /^text\/(?:calendar|x-amp-html|css|javascript|csv|vcard|x-vcard|directory)$/;

function readLeaf({ type, parameters, attachment, bytes }: Leaf): Body {
  if (attachment || !/^(?:text\/|application\/xhtml\+xml$)/.test(type) || FOR_PROGRAMS.test(type)) return NOTHING;
  const label = parameter(parameters, 'charset');
  const isHtml = /html/.test(type);
  const charset = isAscii(label) || encodingOf(label) === undefined ? charsetInHtml(bytes) : label;
  if (isHtml) return pageOf(decoded(bytes, charset));
  const text = decoded(bytes, label);
  if (looksLikeHtml(text)) return pageOf(charset === label ? text : decoded(bytes, charset));
  const isFlowed = parameter(parameters, 'format').toLowerCase() === 'flowed';
  const lines = isFlowed ? unflow(text, parameter(parameters, 'delsp').toLowerCase() === 'yes') : text;
  const plain = joinUrls(withPlainSpaces(lines));
  return { text: plain, plain, pages: [] };
}

function decoded(bytes: Uint8Array, label: string): string {
  // As a whole: `/\r+\n/` would start anew at each of many carriage returns that no line feed follows.
  return decodeText(bytes, label).replace(/\r+\n?/g, (run) => (run.endsWith('\n') ? '\n' : '\n'.repeat(run.length)));
}

function pageOf(source: string): Body {
  const page = { ...readHtml(source), source };
  return { text: page.text, plain: '', pages: [page] };
}

/** Bytes beyond ASCII contradict this label. */
function isAscii(label: string): boolean {
  return /ascii/i.test(label);
}

/** What the HTML itself names, when the field doesn't; also in XHTML's declaration. https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding */
function charsetInHtml(bytes: Buffer): string {
  const [, charset = ''] =
    /<(?:meta\b[^>]{0,200}charset|\?xml\b[^>]{0,200}encoding)\s*=\s*["']?([^\s"'/>;]+)/i.exec(
      bytes.toString('latin1', 0, 1024),
    ) ?? [];
  // It was found by reading bytes as ASCII: no such encoding.
  return /^utf-?16/i.test(charset) ? 'utf-8' : charset;
}

function joined(texts: string[]): string {
  return texts.filter((text) => !isBlank(text)).join('\n');
}

function isBlank(text: string): boolean {
  return /^[\s\p{Default_Ignorable_Code_Point}]*$/u.test(text);
}
