/**
 * A message: from the bytes that SES stored to what is to be read in it.
 */
import { type Address, addressParser } from 'postal-mime';
import { readBody } from './body.js';
import { decodeWords } from './encoded-words.js';
import type { MailHeader } from './header.js';
import { codesIn, withoutInvisible } from './layout.js';
import { linksOf } from './links.js';
import { parseMessage } from './mime.js';
import { type Verdicts, verdictsOf } from './verdict.js';

/** A message as it lies in a wallet's folder. What the sender wrote is the sender's word: `From` too. */
export interface MailMessage {
  /** SES's message id: the last part of the object's key. */
  id: string;
  /** When it was routed to the wallet, as S3 has it, to the second. */
  arrived: Date;
  /** The sender, decoded: `Name <address>`. */
  from: string;
  to: string;
  /** Decoded. */
  subject: string;
  headers: MailHeader[];
  /** SES's verdicts. */
  verdicts: Verdicts;
  /** The text; where there is HTML only, what a reader sees of it. */
  text: string;
  html?: string;
  /** The web addresses in it, each once: of `href` attributes first, then of the text. */
  links: string[];
  /** Whether the message is longer than what is read of it. */
  truncated: boolean;
}

/** The texts in which a code is searched for. */
export interface SearchedText {
  subject: string;
  /** In turn: the decoded text, what a reader sees of the HTML, the links (one a line), and the decoded HTML source. */
  body: string[];
}

/** A message, and the texts in which a code is searched for. */
export interface ReadMessage {
  message: MailMessage;
  searched: SearchedText;
}

/**
 * How much is read of a message; bytes. SES takes 40 MB of attachments; the text comes first, and the longest of sign-up mails are a tenth of this.
 * https://docs.aws.amazon.com/ses/latest/dg/quotas.html
 */
export const LONGEST_READ: number = 1024 * 1024;

/** Where a message lies, and since when. */
export type StoredAt = Pick<MailMessage, 'id' | 'arrived'>;

/** How much is read of a field with addresses; characters. */
const LONGEST_ADDRESSES = 64 * 1024;

/**
 * Parses a message.
 *
 * @param bytes its first bytes.
 * @param whole whether these are all.
 * @throws {Error} when its parts are nested too deeply, or its header is too long.
 */
export async function readMessage(place: StoredAt, bytes: Uint8Array, whole: boolean): Promise<ReadMessage> {
  const { headers, body, truncated } = parseMessage(bytes);
  const field = (name: string) => headers.find((header) => header.name.toLowerCase() === name)?.value ?? '';
  // A field may be folded before a tab: to a reader it is a space.
  const subject = decodeWords(field('subject')).replace(/[^\S \ufeff]/g, ' ');
  const { text, plain, pages } = readBody(body);
  const visible = pages.map((page) => page.text).join('\n');
  const source = pages.map((page) => page.source).join('\n');
  const links = linksOf(
    pages.flatMap((page) => page.hrefs),
    [...pages.map((page) => page.unlinked), plain],
  );
  const message: MailMessage = {
    ...place,
    from: shownAddresses(field('from')),
    to: shownAddresses(field('to')),
    subject,
    headers,
    verdicts: verdictsOf(headers),
    text,
    ...(pages.length === 0 ? {} : { html: source }),
    links,
    truncated: !whole || truncated,
  };
  const searched = [
    [subject, ...codesIn(subject)],
    [plain, ...codesIn(plain)],
    [visible, ...pages.flatMap((page) => page.separated), ...codesIn(visible)],
  ].map((texts) => withoutInvisible(texts.join('\n')));
  return {
    message,
    searched: { subject: searched[0] as string, body: [...searched.slice(1), links.join('\n'), source] },
  };
}

/** The addresses of a field, their names decoded. The parser of addresses is given encoded words of UTF-8 alone. */
function shownAddresses(field: string): string {
  const asUtf8 = decodeWords(
    field.slice(0, LONGEST_ADDRESSES),
    (text) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`,
  );
  return addressParser(asUtf8).map(shown).join(', ');
}

function shown({ name, address, group }: Address): string {
  if (group !== undefined) return `${name}: ${group.map(shown).join(', ')};`;
  return name === '' || address === '' ? name + address : `${name} <${address}>`;
}
