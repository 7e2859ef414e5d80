/**
 * Content transfer encodings (RFC 2045 §6): what a part's bytes are. Linear, whatever the input.
 */

/**
 * Decodes a part's body.
 *
 * @param encoding the value of Content-Transfer-Encoding. For one that is unknown the bytes are left as they are.
 */
export function decodeTransfer(body: Buffer, encoding: string): Buffer {
  const name = encoding
    .toLowerCase()
    .replace(/\([^()]*\)/g, '')
    .replace(/[^a-z0-9]/g, '');
  if (name.startsWith('base64')) return isBase64(body) ? decodeBase64(body) : body;
  return name.startsWith('quotedprintable') ? decodeQuotedPrintable(body) : body;
}

/** By its first line: a footer in plain text may follow. Some senders label plain text as base64. */
function isBase64(body: Buffer): boolean {
  const [first = ''] = /\S.*/.exec(body.toString('latin1', 0, 1024)) ?? [];
  return /^[\w+/=\s-]*$/.test(first);
}

const [EQUALS, LF, CR, SPACE, TAB] = [0x3d, 0x0a, 0x0d, 0x20, 0x09] as const;

/** The value of each hexadecimal digit, of either case; else undefined. */
const HEX = new Map([...'0123456789abcdefABCDEF'].map((digit) => [digit.charCodeAt(0), Number.parseInt(digit, 16)]));

/**
 * Decodes quoted-printable (RFC 2045 §6.7). What is not valid is left as it is; white space that a relay has put after a soft line
 * break's `=` belongs to the break.
 */
export function decodeQuotedPrintable(source: Uint8Array): Buffer {
  const decoded = Buffer.alloc(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] as number;
    if (byte === EQUALS) {
      const high = HEX.get(source[at + 1] as number);
      const low = HEX.get(source[at + 2] as number);
      if (high !== undefined && low !== undefined) {
        decoded[length++] = high * 16 + low;
        at += 2;
        continue;
      }
      const end = endOfSoftBreak(source, at + 1);
      if (end !== undefined) {
        at = end;
        continue;
      }
    }
    decoded[length++] = byte;
  }
  return decoded.subarray(0, length);
}

/** @returns the index of the last byte of a soft line break that goes on here; undefined when there is none. */
function endOfSoftBreak(source: Uint8Array, start: number): number | undefined {
  let at = start;
  while (source[at] === SPACE || source[at] === TAB || source[at] === CR) at += 1;
  return source[at] === LF || at >= source.length ? at : undefined;
}

/** The value of each base64 digit, those of the URL-safe alphabet among them; else undefined. */
export const BASE64: ReadonlyMap<number, number> = new Map(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'].map((digit, index) => [
    digit.charCodeAt(0),
    index < 64 ? index : index - 2,
  ]),
);

/** Decodes base64 (RFC 2045 §6.8). Other characters are passed over; padding ends a unit, not the text: some mailers pad each line. */
export function decodeBase64(source: Uint8Array): Buffer {
  const decoded = Buffer.alloc(Math.ceil((source.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (const byte of source) {
    const value = BASE64.get(byte);
    if (value === undefined) {
      if (byte === EQUALS) held = 0;
      continue;
    }
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      decoded[length++] = bits >> held;
    }
  }
  return decoded.subarray(0, length);
}
