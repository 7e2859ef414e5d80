/**
 * Splits the header block of a message into its fields (RFC 5322 §2.2), from the bytes read so far.
 */

/** One header field. */
export interface HeaderField {
  /** In lower case. */
  name: string;
  /** Unfolded: without line breaks, with the white space after them (RFC 5322 §2.2.3), and without the white space after the colon. */
  value: string;
}

/** The part of a header block that has been read. */
export interface HeaderBlock {
  /** The complete fields, in their order. */
  fields: HeaderField[];
  /** Whether these are all fields of the message. */
  complete: boolean;
}

/**
 * The name, of printable US-ASCII without the colon (RFC 5322 `ftext`), and everything before the value. White space before the colon is
 * obsolete, but accepted (§4.5).
 */
const FIELD_START = /^([!-9;-~]+)[ \t]*:[ \t]*/;

/** UTF-8's byte order mark, read as ISO 8859-1. SES writes none; unless skipped, one would hide the first field. */
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Reads header fields until the empty line that ends the block. A line ends in LF, and carriage returns directly before it belong to
 * the line break: CRLF, a bare LF, and the CR CR LF of mailers that convert twice, all end a line and a block, so that a body is never
 * read as header fields. A carriage return anywhere else is text. A line that is neither a field nor a continuation, such as mbox's
 * "From " line, is skipped with its own continuations.
 *
 * Each byte is read a fixed number of times, however long the lines are.
 *
 * @param bytes The first bytes of the message. They are read as ISO 8859-1, which never fails and keeps positions: what routing depends
 *   on is US-ASCII.
 * @param wholeMessage Whether these are all bytes of the message. Otherwise the last field is omitted, because it may continue.
 */
export function readHeaderBlock(bytes: Uint8Array, wholeMessage: boolean): HeaderBlock {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const fields: HeaderField[] = [];
  let lines: string[] = [];
  const endField = () => {
    fields.push(...fieldOf(lines));
    lines = [];
  };

  for (let start = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0; start < text.length; ) {
    const isContinuation = text[start] === ' ' || text[start] === '\t';
    if (!isContinuation) endField();
    const lineBreak = text.indexOf('\n', start);
    if (lineBreak === -1 && !wholeMessage) return { fields, complete: false };
    const end = lineBreak === -1 ? text.length : lineBreak;
    const line = withoutTrailingReturns(text.slice(start, end));
    if (line === '') return { fields, complete: true };
    lines.push(line);
    start = end + 1;
  }

  if (wholeMessage) endField();
  return { fields, complete: wholeMessage };
}

/** Not `/\r+$/`, which takes quadratic time on 64 kB of carriage returns without a line feed. */
function withoutTrailingReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(0, end);
}

/** @returns empty for no lines, and for lines that are not a field. */
function fieldOf([first = '', ...continuations]: string[]): HeaderField[] {
  const match = FIELD_START.exec(first);
  if (match === null) return [];
  const [start, name = ''] = match;
  return [{ name: name.toLowerCase(), value: [first.slice(start.length), ...continuations].join('') }];
}
