/**
 * A message taken apart into its header and its parts (RFC 5322, RFC 2045, RFC 2046), each with its bytes.
 *
 * Not a library's work: those of mail decode the parts' text themselves, with Node.js's decoder, and don't hand out the bytes. Every step
 * is linear in the length, whatever the input.
 */
import { parameter, readContentType } from './content-type.js';
import { decodeField } from './encoded-words.js';
import type { MailHeader } from './header.js';
import { decodeTransfer } from './transfer.js';

/** A part that holds no other parts. */
export interface Leaf {
  /** `text/html`, in lower case; `text/plain` where none is given, or one that is not valid (RFC 2045 §5.2). */
  type: string;
  parameters: Map<string, string>;
  /** Whether it is to be shown only when it is asked for (RFC 2183 §2.2). */
  attachment: boolean;
  /** Its content transfer encoding undone. */
  bytes: Buffer;
}

/** Several parts. */
export interface Multipart {
  /** The part of the type after `multipart/`: `alternative`, `mixed`, …; `rfc822` for a message within the message. */
  subtype: string;
  parts: Part[];
}

export type Part = Leaf | Multipart;

/** A message, or what is read of it. */
export interface Message {
  headers: MailHeader[];
  body: Part;
  /** Whether it has more parts than {@link MOST_PARTS}. */
  truncated: boolean;
}

/** How much of a message is read: far more than mail has. */
const DEEPEST_NESTING = 32;
const LONGEST_HEADER = 256 * 1024;
const DEEPEST_MESSAGE = 2;
export const MOST_PARTS = 500;

/**
 * Takes a message apart.
 *
 * @throws {Error} when its parts are nested too deeply, or its header is too long.
 */
export function parseMessage(bytes: Uint8Array): Message {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const { headers, end } = readHeader(source, false);
  const budget = { parts: MOST_PARTS, truncated: false };
  const body = readPart(headers, source.subarray(end), { depth: 0, messages: 0, fallback: 'text/plain' }, budget);
  return { headers, body, truncated: budget.truncated };
}

/** Where a part is. */
interface Position {
  depth: number;
  /** How many messages it is within, beside the outermost. */
  messages: number;
  /** Its type when it names none. */
  fallback: string;
}

interface Budget {
  parts: number;
  truncated: boolean;
}

function readPart(headers: MailHeader[], body: Buffer, position: Position, budget: Budget): Part {
  const field = (name: string) => headers.find((header) => header.name.toLowerCase() === name)?.value ?? '';
  const { depth, messages } = position;
  if (depth > DEEPEST_NESTING) throw new Error(`Maximum nesting depth of ${DEEPEST_NESTING} parts exceeded`);
  const { type, parameters } = readContentType(field('content-type') || position.fallback);
  const [, subtype] = /^multipart\/(.*)/.exec(type) ?? [];
  if (subtype !== undefined) {
    const within = { depth: depth + 1, messages, fallback: subtype === 'digest' ? 'message/rfc822' : 'text/plain' };
    const named = readParts(body, parameter(parameters, 'boundary').trimEnd(), within, budget);
    const parts = named.length > 0 ? named : readParts(body, boundaryIn(body), within, budget);
    if (parts.length > 0) return { subtype, parts };
  }
  const encoding = field('content-transfer-encoding');
  const attachment = /^\s*attachment/i.test(field('content-disposition'));
  if (/^message\/(?:rfc822|global)$/.test(type) && !attachment && messages < DEEPEST_MESSAGE) {
    const bytes = decodeTransfer(body, encoding);
    const inner = readHeader(bytes, false);
    const within = { depth: depth + 1, messages: messages + 1, fallback: 'text/plain' };
    return { subtype: 'rfc822', parts: [readPart(inner.headers, bytes.subarray(inner.end), within, budget)] };
  }
  // A multipart whose parts can't be found is not valid, and read as the default type.
  return {
    type: subtype === undefined ? type : 'text/plain',
    parameters,
    attachment: attachment && depth > 0,
    bytes: decodeTransfer(body, encoding),
  };
}

/** The boundary that the body has, where the one that was named does not occur: a line of dashes above the fields of a part. */
function boundaryIn(body: Buffer): string {
  const [, boundary = ''] = /(?:^|\n)--([^\r\n]{1,200})\r?\n(?=content-[a-z-]+:)/i.exec(body.toString('latin1')) ?? [];
  return boundary.trimEnd();
}

/** @param boundary empty when there is none. */
function readParts(body: Buffer, boundary: string, position: Position, budget: Budget): Part[] {
  const parts: Part[] = [];
  if (boundary === '') return parts;
  for (const section of sections(body, boundary)) {
    if (budget.parts === 0) {
      budget.truncated = true;
      break;
    }
    budget.parts -= 1;
    const { headers, end } = readHeader(section, true);
    parts.push(readPart(headers, section.subarray(end), position, budget));
  }
  return parts;
}

/** What stands between the delimiter lines (RFC 2046 §5.1.1). The line break before a delimiter belongs to the delimiter. */
function* sections(body: Buffer, boundary: string): Generator<Buffer> {
  const delimiter = Buffer.from(`--${boundary}`);
  let start: number | undefined;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at > 0 && body[at - 1] !== 0x0a) continue;
    const closes = body.toString('latin1', at + delimiter.length, at + delimiter.length + 2) === '--';
    const end = endOfLine(body, at + delimiter.length + (closes ? 2 : 0));
    if (end === undefined) continue;
    if (start !== undefined) yield body.subarray(start, Math.max(start, beforeLineBreak(body, at)));
    if (closes) return;
    start = end;
  }
  // Without its last delimiter, a part is read as far as it goes.
  if (start !== undefined) yield body.subarray(start);
}

/** @returns the index after the line, when nothing but white space is left on it. */
function endOfLine(body: Buffer, start: number): number | undefined {
  let at = start;
  while (body[at] === 0x20 || body[at] === 0x09 || body[at] === 0x0d) at += 1;
  if (at >= body.length) return at;
  return body[at] === 0x0a ? at + 1 : undefined;
}

function beforeLineBreak(body: Buffer, at: number): number {
  return body[at - 2] === 0x0d ? at - 2 : at - 1;
}

const FIELD = /^[\w.-]+[ \t]*:/;

/**
 * Reads header fields up to the empty line that ends them. In a message's header a line that is no field, as mbox's "From " line, is passed over.
 * In a part's, it is the body's first: some senders leave out the empty line. Parameters on a line that is not indented belong to the field above.
 *
 * @returns the fields, and where the body begins.
 * @throws {Error} when the header is too long.
 */
function readHeader(source: Buffer, isPart: boolean): { headers: MailHeader[]; end: number } {
  const fields: string[][] = [];
  let end = 0;
  while (end < source.length) {
    const feed = source.indexOf(0x0a, end);
    const next = feed === -1 ? source.length : feed + 1;
    if (next > LONGEST_HEADER) throw new Error(`Maximum header size of ${LONGEST_HEADER} bytes exceeded`);
    const line = withoutLineBreak(source.toString('latin1', end, next));
    const isField = FIELD.test(line);
    const above = fields.at(-1);
    const isIndented = /^[ \t]/.test(line);
    const continues = isIndented || (above?.at(-1)?.endsWith(';') && !isField);
    if (isPart && line !== '' && !isField && !(continues && above)) break;
    end = next;
    if (line === '') break;
    if (continues) above?.push(isIndented ? line : ` ${line}`);
    else fields.push([line]);
  }
  return { headers: fields.flatMap((lines) => headerOf(lines.join(''))), end };
}

/** By hand: `/\r+$/` would start anew at each of many carriage returns. */
function withoutLineBreak(line: string): string {
  let end = line.length;
  if (line[end - 1] === '\n') end -= 1;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(0, end);
}

function headerOf(field: string): MailHeader[] {
  const colon = field.indexOf(':');
  const name = field.slice(0, Math.max(0, colon)).replace('\xef\xbb\xbf', '').trimEnd();
  if (!/^[!-9;-~]+$/.test(name)) return [];
  return [
    {
      name,
      value: decodeField(field.slice(colon + 1))
        .replace(/[\r\n]/g, ' ')
        .trim(),
    },
  ];
}
