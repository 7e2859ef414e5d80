/**
 * A message: from the bytes that SES stored to what is to be read in it.
 */
import PostalMime, { type Address } from 'postal-mime';
import type { MailHeader } from './header.js';
import { readHtml, withoutInvisible } from './html.js';
import { linksOf } from './links.js';
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
  /** Whether the message is longer than what is read of it: {@link LONGEST_READ}, {@link MOST_LINES}. */
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

/**
 * How many lines are read of it. The parser keeps each line by itself: a megabyte of nothing but line ends would take it half a minute and
 * 1.5 GB; these take a second. A megabyte of base64 has 14,000.
 */
export const MOST_LINES: number = 20_000;

/** Far more than mail has, and little enough to be parsed at once. */
const LIMITS = { maxNestingDepth: 32, maxHeadersSize: 256 * 1024, maxRfc822NestingDepth: 2 };

/** Where a message lies, and since when. */
export type StoredAt = Pick<MailMessage, 'id' | 'arrived'>;

/**
 * Parses a message.
 *
 * @param bytes its first bytes.
 * @param whole whether these are all.
 * @throws {Error} when its parts are nested too deeply, or its header is too long.
 */
export async function readMessage(place: StoredAt, bytes: Uint8Array, whole: boolean): Promise<ReadMessage> {
  const read = firstLines(bytes);
  const parsed = await PostalMime.parse(read, LIMITS);
  const headers = parsed.headers.map(({ originalKey: name, value }) => ({ name, value }));
  const { html, text, subject = '' } = parsed;
  const seen = readHtml(html ?? '');
  const links = linksOf(seen, text ?? '');
  const message: MailMessage = {
    ...place,
    from: [parsed.from ?? []].flat().map(shown).join(', '),
    to: (parsed.to ?? []).map(shown).join(', '),
    subject,
    headers,
    verdicts: verdictsOf(headers),
    text: text ?? seen.text,
    ...(html === undefined ? {} : { html }),
    links,
    truncated: !whole || read.length < bytes.length,
  };
  const body = [text ?? '', seen.text].map(withoutInvisible);
  return { message, searched: { subject: withoutInvisible(subject), body: [...body, links.join('\n'), html ?? ''] } };
}

/** A part that is cut off is read as far as it goes. */
function firstLines(bytes: Uint8Array): Uint8Array {
  let end = -1;
  for (let line = 0; line < MOST_LINES; line++) {
    end = bytes.indexOf(0x0a, end + 1);
    if (end === -1) return bytes;
  }
  return bytes.subarray(0, end + 1);
}

function shown({ name, address, group }: Address): string {
  if (group !== undefined) return `${name}: ${group.map(shown).join(', ')};`;
  return name === '' ? address : `${name} <${address}>`;
}
