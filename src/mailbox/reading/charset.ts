/**
 * Bytes to text, by the labels and the decoders of the WHATWG Encoding Standard. https://encoding.spec.whatwg.org/
 *
 * By a library: Node.js's own TextDecoder decodes windows-1252 and iso-8859-1 wrongly in many releases (nodejs/node#60888).
 */
import { getBOMEncoding, normalizeEncoding, TextDecoder } from '@exodus/bytes/encoding.js';
import { BASE64 } from './transfer.js';

/** What mail that names no usable character set is read as when it is not UTF-8. */
const FALLBACK = 'windows-1252';

/** Encodings that senders name by default, whatever the text is in. `us-ascii` and `iso-8859-1` are labels of the first. */
const OFTEN_WRONG = new Set(['windows-1252', 'iso-8859-15', 'macintosh']);

/** Encodings that no text can be decoded with: browsers refuse the first, and the second stands for any bytes. */
const UNUSABLE = new Set(['replacement', 'x-user-defined']);

/** Labels that senders write, and Microsoft's code pages, whose encodings the standard has under other labels. */
const ALIASES = new Map([
  ['euc-cn', 'gbk'],
  ['macroman', 'macintosh'],
  ['932', 'shift_jis'],
  ['936', 'gbk'],
  ['949', 'euc-kr'],
  ['950', 'big5'],
  ['874', 'windows-874'],
  ['28591', 'iso-8859-1'],
  ['50220', 'iso-2022-jp'],
  ['50221', 'iso-2022-jp'],
  ['51932', 'euc-jp'],
  ['65001', 'utf-8'],
]);

const ESCAPE = '\x1b';

/** An escape sequence of iso-2022-jp, directly before the next one. */
const EMPTY_RUN = new RegExp(`${ESCAPE}[$(][@BIJ](?=${ESCAPE})`, 'g');

/** The standard leaves it out, and mail has it (RFC 2152): links in it are broken unless it is decoded. */
const UTF_7 = 'utf-7';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/**
 * Finds the encoding for a label.
 *
 * @param label the parameter's value as the sender wrote it: quotes of any kind, case and punctuation don't matter, nor does what follows a
 *   semicolon, comma, slash or bracket.
 * @returns the encoding's name in lower case; undefined for an unknown label.
 */
export function encodingOf(label: string): string | undefined {
  const whole = label.slice(0, 100).toLowerCase();
  return nameOf(whole) ?? nameOf(whole.split(/[;,/(]/)[0] as string);
}

function nameOf(label: string): string | undefined {
  const plain = label.replace(/["'`<>;,\s]/g, '');
  if (/^(?:unicode-1-1-|x-)?utf-?7$/.test(plain)) return UTF_7;
  const [, codePage = ''] = /^(?:x-)?(?:windows|win|cp|ms|ibm)[-_]?(\d+)$/.exec(plain) ?? [];
  const candidates = [
    plain,
    ALIASES.get(codePage || plain),
    `windows-${codePage}`,
    plain.replace(/^x-/, ''),
    plain.replace(/^latin[-_]/, 'latin'),
    plain.replace(/^(?:x-)?(iso|utf|koi8|euc|big|gb|us)[-_]?/, '$1-').replaceAll('_', '-'),
    plain.replace(/^(iso[-_]?2022[-_]?jp).*$/, 'iso-2022-jp'),
    plain.replace(/^iso[-_]?8859[-_]?(\d+)\b.*$/, 'iso-8859-$1'),
  ];
  const names = candidates.map((candidate) => candidate && normalizeEncoding(candidate));
  const name = names.find(Boolean) ?? undefined;
  return name === undefined || UNUSABLE.has(name) ? undefined : name;
}

/**
 * Decodes text. Never fails: bytes that have no meaning become U+FFFD.
 *
 * A byte order mark decides before the label. UTF-8 that is labelled as ASCII, as a Western single-byte encoding, or not at all, is
 * detected: text in one of those is almost never valid UTF-8 by chance. Labelled as UTF-8 and none of it, the text is windows-1252. Labelled as
 * UTF-16 and without a null byte, it is UTF-8: each ASCII character has one in UTF-16.
 *
 * @param label what the sender calls the encoding; may be empty.
 */
export function decodeText(bytes: Uint8Array, label = ''): string {
  const mark = getBOMEncoding(bytes);
  if (mark !== null) return decoder(mark).decode(bytes);
  const name = encodingOf(label);
  if (name === 'utf-16le' && bytes[0] === 0 && bytes[1] !== 0) return decoder('utf-16be').decode(bytes);
  if (name === undefined || OFTEN_WRONG.has(name)) {
    const text = asUtf8(bytes);
    if (text === undefined) return decoder(name ?? FALLBACK).decode(bytes);
    // Japanese mail of old: 7-bit, with escape sequences, and often without a label.
    return text.includes(`${ESCAPE}$B`) || text.includes(`${ESCAPE}$@`) ? decodeJapanese(bytes) : text;
  }
  if (name === 'iso-2022-jp') return decodeJapanese(bytes);
  if (name === UTF_7) return decodeUtf7(bytes);
  if (name.startsWith('utf-16') && !bytes.includes(0)) return asUtf8(bytes) ?? decoder(name).decode(bytes);
  const text = decoder(name).decode(bytes);
  return name === 'utf-8' && !/[\x80-\ufffc]/.test(text) && text.includes('\ufffd')
    ? decoder(FALLBACK).decode(bytes)
    : text;
}

/**
 * Without escape sequences that nothing follows before the next one. Joined encoded words have them, and the standard's decoder takes each for an
 * error. https://encoding.spec.whatwg.org/#iso-2022-jp-decoder
 */
function decodeJapanese(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return decoder('iso-2022-jp').decode(Buffer.from(text.replace(EMPTY_RUN, ''), 'latin1'));
}

/** RFC 2152 §2: `+`, UTF-16 in base64, and often `-`. */
function decodeUtf7(bytes: Uint8Array): string {
  return decodeText(bytes).replace(/\+([A-Za-z0-9+/]*)-?/g, (_, digits: string) =>
    digits === '' ? '+' : utf16In(digits),
  );
}

/** By hand: a decoder for each of many short pieces takes ten times as long. */
function utf16In(digits: string): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (let at = 0; at < digits.length; at++) {
    bits = ((bits << 6) | (BASE64.get(digits.charCodeAt(at)) as number)) & 0x3fffff;
    held += 6;
    if (held < 16) continue;
    held -= 16;
    text += String.fromCharCode((bits >> held) & 0xffff);
  }
  return text;
}

/**
 * @returns undefined when it is not UTF-8. A character that is cut off at the end is left out, where there is another beyond ASCII: otherwise it
 *   may be the last letter of a word in a single-byte encoding.
 */
function asUtf8(bytes: Uint8Array): string | undefined {
  for (let cut = 0; cut < 4; cut++) {
    const end = bytes.length - cut;
    if (end < 0 || (cut > 0 && (bytes[end] as number) < 0x80)) return undefined;
    try {
      const text = UTF_8.decode(bytes.subarray(0, end));
      return cut === 0 || /[\x80-\uffff]/.test(text) ? text : undefined;
    } catch {
      // One byte less.
    }
  }
  return undefined;
}

function decoder(name: string): InstanceType<typeof TextDecoder> {
  const made = decoders.get(name) ?? new TextDecoder(name);
  decoders.set(name, made);
  return made;
}
