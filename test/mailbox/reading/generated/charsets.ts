/**
 * Text to bytes, in the character sets that mail is sent in. Made from Node.js's decoders: the ones under test are another library's.
 */

/** What Node.js's decoder gets wrong in many releases (nodejs/node#60888): bytes 80 to 9F of windows-1252. */
const WINDOWS_1252: Array<[character: string, byte: number]> = [
  ['€', 0x80],
  ['…', 0x85],
  ['’', 0x92],
  ['“', 0x93],
  ['”', 0x94],
  ['–', 0x96],
  ['—', 0x97],
];

const tables = new Map<string, Map<string, number[]>>();

/**
 * @param encoding a name of the WHATWG Encoding Standard.
 * @throws {Error} when the character set lacks one of the characters.
 */
export function encode(text: string, encoding: string): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  if (encoding === 'iso-2022-jp') return encodeJapanese(text);
  const table = tables.get(encoding) ?? tableOf(encoding);
  tables.set(encoding, table);
  const bytes: number[] = [];
  for (const character of text) {
    const of = table.get(character);
    if (of === undefined) throw new Error(`${encoding} has no ${character}`);
    bytes.push(...of);
  }
  return Buffer.from(bytes);
}

/** The first bytes for each character, of one and two bytes. */
function tableOf(encoding: string): Map<string, number[]> {
  const decoder = new TextDecoder(encoding);
  const table = new Map<string, number[]>();
  const take = (...bytes: number[]) => {
    const character = decoder.decode(Uint8Array.from(bytes));
    if ([...character].length === 1 && character !== '\ufffd' && !table.has(character)) table.set(character, bytes);
  };
  for (let byte = 0; byte < 0x80; byte++) take(byte);
  for (let byte = 0x80; byte < 0x100; byte++) take(byte);
  if (encoding === 'windows-1252') for (const [character, byte] of WINDOWS_1252) table.set(character, [byte]);
  if (!/^(?:shift_jis|euc-jp|euc-kr|gbk|gb18030|big5)$/.test(encoding)) return table;
  for (let lead = 0x81; lead < 0xff; lead++) for (let trail = 0x40; trail < 0xff; trail++) take(lead, trail);
  return table;
}

/** JIS X 0208 between escape sequences (RFC 1468); its bytes are those of EUC-JP without the high bit. */
function encodeJapanese(text: string): Buffer {
  const runs = text.match(/\p{ASCII}+|\P{ASCII}+/gu) ?? [];
  return Buffer.concat(
    runs.map((run) => {
      if (/^\p{ASCII}/u.test(run)) return Buffer.from(run);
      const shifted = encode(run, 'euc-jp').map((byte) => byte & 0x7f);
      return Buffer.concat([Buffer.from('\x1b$B'), shifted, Buffer.from('\x1b(B')]);
    }),
  );
}
