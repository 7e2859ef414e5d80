/**
 * The fields that describe a part (RFC 2045 §5.1), and what senders make of them: quotes, commas and comments where none belong, colons in place
 * of equals signs, missing semicolons.
 */

/** The top-level types. https://www.iana.org/assignments/media-types/ */
const TYPE = /^(?:application|audio|font|image|message|model|multipart|text|video|x-[^/]+)\/[^/]+$/;

/** A field's value and its parameters. */
export interface ContentType {
  /** `text/html`, in lower case; `text/plain` where it is not valid (RFC 2045 §5.2). */
  type: string;
  /** Their names in lower case. */
  parameters: Map<string, string>;
}

/** Reads a Content-Type. */
export function readContentType(field: string): ContentType {
  const start = field.replace(/^(\s*[^\s;]*)[\s\S]*$/, '$1');
  const type = start.trim().toLowerCase().replace(/["',]/g, '');
  return { type: TYPE.test(type) ? type : 'text/plain', parameters: readParameters(field, start.length) };
}

/** From a position on: what may stand between two parameters; a name or value; after an equals sign a value, quoted or not. */
const PARAMETER = /[\s;]*([^\s;:="]+|["=:])(?:\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;"]*)))?/y;

/** @returns of parameters that are there twice, the first that is not empty. */
function readParameters(field: string, start: number): Map<string, string> {
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = start;
  for (let match = PARAMETER.exec(field); match !== null; match = PARAMETER.exec(field)) {
    const [, name = '', quoted, plain = ''] = match;
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (!parameters.get(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

/** A parameter, also when it is in pieces or has its own character set and language (RFC 2231 §3, §4). */
export function parameter(parameters: Map<string, string>, name: string): string {
  const whole = parameters.get(name) ?? parameters.get(`${name}*`)?.replace(/^.*'/, '');
  if (whole !== undefined) return whole;
  const pieceAt = (index: number) =>
    parameters.get(`${name}*${index}`) ?? parameters.get(`${name}*${index}*`)?.replace(/^.*'/, '');
  const pieces: string[] = [];
  let piece = pieceAt(0);
  while (piece !== undefined) {
    pieces.push(piece);
    piece = pieceAt(pieces.length);
  }
  return pieces.join('');
}
