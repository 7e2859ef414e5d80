/**
 * Splits the header block of a message into its fields (RFC 5322 §2.2), from as many bytes as have been read so far.
 */

/** One header field. */
export interface HeaderField {
  /** In lower case. */
  name: string;
  /** Unfolded: the line breaks taken out, the white space after them left (RFC 5322 §2.2.3). Begins after the white space that follows the colon. */
  value: string;
}

/** The part of a header block that some bytes hold. */
export interface HeaderBlock {
  /** The fields known to be whole, in the order they stand in. */
  fields: HeaderField[];
  /** Whether these are all of the message's fields. */
  complete: boolean;
}

/**
 * The name, of printable US-ASCII but the colon (RFC 5322 `ftext`), and what precedes the value. White space before the colon is
 * obsolete, but read (§4.5).
 */
const FIELD_START = /^([!-9;-~]+)[ \t]*:[ \t]*/;

/** UTF-8's byte order mark, read as ISO 8859-1. SES writes none; without this, one would hide the first field. */
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Reads header fields until the empty line that ends the block. A line ends in LF, and carriage returns directly before it belong to
 * the line break: CRLF, a bare LF, and the CR CR LF of mailers that convert twice, all end a line and a block alike, so that a body is
 * never read as header fields. A carriage return anywhere else is text. A line that is neither a field nor the continuation of one, as
 * mbox's "From " line, is passed over, along with its own continuations.
 *
 * Each byte is looked at a fixed number of times, however long the lines are.
 *
 * @param bytes The message from its first byte on. They are read as ISO 8859-1, which never fails and keeps positions:
 *   nothing that is routed by has anything but US-ASCII in it.
 * @param wholeMessage Whether the message ends where the bytes do. When it does not, the last field within them is left
 *   out, since it may go on.
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

/** By hand: `/\r+$/` would start anew at each of 64 kB of carriage returns that no line feed follows. */
function withoutTrailingReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(0, end);
}

/** @returns Nothing for no lines, and for lines that are no field. */
function fieldOf([first = '', ...continuations]: string[]): HeaderField[] {
  const match = FIELD_START.exec(first);
  if (match === null) return [];
  const [start, name = ''] = match;
  return [{ name: name.toLowerCase(), value: [first.slice(start.length), ...continuations].join('') }];
}
