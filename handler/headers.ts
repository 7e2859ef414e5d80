/**
 * Splits the header block of a message into its fields (RFC 5322 §2.2), from as many bytes as have been read so far.
 */

/** One header field. */
export interface HeaderField {
  /** In lower case. */
  name: string;
  /** Unfolded: the line breaks taken out, the white space after them left (RFC 5322 §2.2.3). */
  value: string;
}

/** The part of a header block that some bytes hold. */
export interface HeaderBlock {
  /** The fields known to be whole, in the order they stand in. */
  fields: HeaderField[];
  /** Whether these are all of the message's fields. */
  complete: boolean;
}

/** Printable US-ASCII but the colon (RFC 5322 `ftext`); white space before the colon is obsolete, but read. */
const FIELD = /^([!-9;-~]+)[ \t]*:(.*)$/s;

/** The empty line after the last field, with the line break that ends the field. */
const END = /(?:^|\n)\r?\n/;

/** Everything up to the last line that begins a field: what comes before it can't be continued any more. */
const WHOLE_FIELDS = /^.*\n(?=[^ \t])/s;

/**
 * Reads header fields until the empty line that ends the block. Lines may end in CRLF or in a bare LF. A line that is
 * neither a field nor the continuation of one is passed over, along with its own continuations.
 *
 * @param bytes The message from its first byte on. They are read as ISO 8859-1, which never fails and keeps positions:
 *   nothing that is routed by has anything but US-ASCII in it.
 * @param wholeMessage Whether the message ends where the bytes do. When it does not, the last field within them is left
 *   out, since it may go on.
 */
export function readHeaderBlock(bytes: Uint8Array, wholeMessage: boolean): HeaderBlock {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const end = text.search(END);
  if (end !== -1) return { fields: fieldsOf(text.slice(0, end)), complete: true };
  if (wholeMessage) return { fields: fieldsOf(text), complete: true };
  const [whole = ''] = WHOLE_FIELDS.exec(text) ?? [];
  return { fields: fieldsOf(whole), complete: false };
}

function fieldsOf(block: string): HeaderField[] {
  const unfolded = block.replace(/\r?\n(?=[ \t])/g, '');
  return unfolded.split('\n').flatMap((line) => {
    const match = FIELD.exec(line);
    if (match === null) return [];
    const [, name = '', value = ''] = match;
    return [{ name: name.toLowerCase(), value: value.trim() }];
  });
}
