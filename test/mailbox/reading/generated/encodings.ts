/**
 * Transfer encodings (RFC 2045 §6) and encoded words (RFC 2047), written as senders write them.
 */
import { encode } from './charsets.js';
import type { Trait } from './traits.js';

export const CRLF = '\r\n';

export const TRANSFERS = ['8bit', 'quoted-printable', 'quoted-printable lower', 'base64', 'base64 short'];

export const WORD_FORMS = ['B', 'Q', 'b', 'B split', 'Q language', 'raw'];

/** @param encoding one of {@link TRANSFERS}. */
export function transferred(bytes: Buffer, encoding: string): { name: string; body: string } {
  if (encoding.startsWith('base64')) {
    const line = encoding === 'base64' ? /.{1,76}/g : /.{1,10}/g;
    return { name: 'base64', body: (bytes.toString('base64').match(line) ?? []).join(CRLF) };
  }
  if (!encoding.startsWith('quoted')) return { name: '8bit', body: bytes.toString('latin1') };
  const escaped = (byte: string) => {
    const hex = byte.charCodeAt(0).toString(16).padStart(2, '0');
    return `=${encoding.endsWith('lower') ? hex : hex.toUpperCase()}`;
  };
  const lines = bytes
    .toString('latin1')
    .split(CRLF)
    .map((line) => {
      const units = line.replace(/ $/, '=20').match(/=20$|[\s\S]/g) ?? [];
      let result = '';
      let width = 0;
      for (const unit of units) {
        const written = /^(?:=20|[ -<>-~])$/.test(unit) ? unit : escaped(unit);
        if (width + written.length > 70) {
          result += `=${CRLF}`;
          width = 0;
        }
        result += written;
        width += written.length;
      }
      return result;
    });
  return { name: 'quoted-printable', body: lines.join(CRLF) };
}

/** A field's text as it is sent. */
export interface Field {
  sent: string;
  traits: Trait[];
}

export function encodedWords(text: string, label: string, encoding: string, form: string): Field {
  if (form === 'raw') {
    const sent = Buffer.from(text).toString('latin1');
    return { sent, traits: sent.endsWith('\xa0') ? ['unencoded subject that ends with byte A0'] : [] };
  }
  const word = (part: Buffer) =>
    form.startsWith('Q')
      ? `=?${label}${form === 'Q language' ? '*en' : ''}?Q?${[...part].map(quoted).join('')}?=`
      : `=?${label}?${form.charAt(0)}?${part.toString('base64')}?=`;
  const bytes = encode(text, encoding);
  // Within characters, as some senders split; or by whole ones, as RFC 2047 §5 has it.
  const parts =
    form === 'B split'
      ? pieces(bytes.length, 15).map(([start, end]) => bytes.subarray(start, end))
      : pieces(text.length, 12).map(([start, end]) => encode(text.slice(start, end), encoding));
  const isSplit = form === 'B split' && parts.length > 1 && /\P{ASCII}/u.test(text);
  return { sent: parts.map(word).join(`${CRLF} `), traits: isSplit ? ['split character'] : [] };
}

function quoted(byte: number): string {
  if (byte === 0x20) return '_';
  const character = String.fromCharCode(byte);
  return /[0-9A-Za-z]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function pieces(length: number, size: number): Array<[start: number, end: number]> {
  return Array.from({ length: Math.ceil(length / size) }, (_, n) => [n * size, Math.min(length, (n + 1) * size)]);
}
