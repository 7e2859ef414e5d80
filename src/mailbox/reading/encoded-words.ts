/**
 * Header fields as a reader sees them: RFC 2047 encoded words, and text beyond ASCII as it is (RFC 6532).
 */
import { decodeText } from './charset.js';
import { decodeBase64, decodeQuotedPrintable } from './transfer.js';

/**
 * One encoded word. The language that RFC 2231 §5 allows is passed over. A few question marks that should have been encoded are let
 * through: a bounded number, so that the time stays linear.
 */
const ENCODED_WORD = /=\?([^?\s*]{1,100})(?:\*[^?\s]{0,100})?\?([QqBb])\?([^?]*(?:\?(?!=)[^?]*){0,3})\?=/g;

interface EncodedWord {
  charset: string;
  bytes: Buffer;
  start: number;
  end: number;
}

/**
 * Decodes the encoded words of a field.
 *
 * White space between two of them is not part of the text (RFC 2047 §6.2). Neighbours of one character set are decoded together: senders
 * split in the midst of characters, although §5 forbids it.
 *
 * @param value the field's value, as {@link decodeField} gives it.
 * @param as what to put in place of a run of encoded words: by default its text.
 */
export function decodeWords(value: string, as = (text: string): string => text): string {
  let result = '';
  let end = 0;
  for (const run of runsOf(value)) {
    result += value.slice(end, run[0]?.start) + as(textOf(run));
    end = run.at(-1)?.end as number;
  }
  return result + value.slice(end);
}

/** Reads the bytes of a field's value, which are held as ISO 8859-1. */
export function decodeField(value: string): string {
  return /[\x80-\xff]/.test(value) ? decodeText(Buffer.from(value, 'latin1')) : value;
}

/** Encoded words with nothing but white space between them. */
function runsOf(value: string): EncodedWord[][] {
  const runs: EncodedWord[][] = [];
  let end = -1;
  for (const { index: start, 0: word, 1: charset = '', 2: encoding = '', 3: text = '' } of value.matchAll(
    ENCODED_WORD,
  )) {
    const encoded = Buffer.from(text);
    const bytes =
      encoding.toUpperCase() === 'B'
        ? decodeBase64(encoded)
        : decodeQuotedPrintable(Buffer.from(text.replaceAll('_', ' ')));
    if (end === -1 || value.slice(end, start).trim() !== '') runs.push([]);
    end = start + word.length;
    runs.at(-1)?.push({ charset: charset.toLowerCase(), bytes, start, end });
  }
  return runs;
}

function textOf(run: EncodedWord[]): string {
  let text = '';
  for (let index = 0; index < run.length; ) {
    const { charset } = run[index] as EncodedWord;
    const same: Buffer[] = [];
    for (; run[index]?.charset === charset; index++) same.push((run[index] as EncodedWord).bytes);
    text += decodeText(Buffer.concat(same), charset);
  }
  return text;
}
