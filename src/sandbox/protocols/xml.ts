/**
 * Writes and reads XML, for the query services and S3.
 */
import { XMLParser } from 'fast-xml-parser';
import { AwsRefusal } from '../operation.js';

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
  '\n': '&#xA;',
};

function text(value: unknown): string {
  return String(value instanceof Date ? value.toISOString() : value).replace(/[&<>"\r\n]/g, (char) =>
    String(escapes[char]),
  );
}

/**
 * An element with its content. Undefined values are omitted.
 * @param opening the element's name, with its attributes if it has any
 * @param list how lists are written: `member` wraps each entry in <member> inside one element (the query services);
 *   `flat` repeats the element itself (S3)
 */
export function element(opening: string, value: unknown, list: 'member' | 'flat'): string {
  if (value === undefined) return '';
  const wrapped = (content: string) => `<${opening}>${content}</${opening.split(' ')[0]}>`;
  if (Array.isArray(value)) {
    const name = list === 'flat' ? opening : 'member';
    const entries = value.map((entry) => element(name, entry, list)).join('');
    return list === 'flat' ? entries : wrapped(entries);
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return wrapped(text(value));
  return wrapped(
    Object.entries(value)
      .map(([name, inner]) => element(name, inner, list))
      .join(''),
  );
}

/** A whole document. @param root the root element's name, with its attributes if it has any */
export function xmlDocument(root: string, value: unknown, list: 'member' | 'flat'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, value, list)}`;
}

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: false, htmlEntities: true });

/** Values found in an XML body: text, or elements by name. */
export type XmlValue = string | XmlValue[] | { [name: string]: XmlValue };

/**
 * The content of a body's root element.
 * @throws {AwsRefusal} MalformedXML when the root element has another name
 */
export function xmlBody(body: Buffer, root: string): XmlValue {
  const parsed: Record<string, XmlValue> = parser.parse(body.toString('utf8'));
  const content = parsed[root];
  if (content === undefined) {
    throw new AwsRefusal(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  return content;
}

/** The elements of a name inside a value, as a list: XML writes a list of one like a single element. */
export function xmlList(value: XmlValue | undefined, name: string): XmlValue[] {
  if (typeof value !== 'object' || Array.isArray(value)) return [];
  const found = value[name];
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}

/** The text of the first element of a name inside a value, when there is one. */
export function xmlText(value: XmlValue | undefined, name: string): string | undefined {
  const found = xmlList(value, name)[0];
  return typeof found === 'string' ? found : undefined;
}
