/**
 * Parses the address lists of To, Cc and similar fields (RFC 5322 §3.4, with the obsolete forms of §4.4, which a parser must accept)
 * strictly: an address is found only where the grammar has one.
 *
 * No library does this. Lenient ones find addresses in comments, quoted strings, encoded words and domain literals; the strict one fails
 * on 4 kB of parentheses, and finds nothing in a list with one malformed address. docs/routing.md shows the cases; the tests compare this
 * parser with three libraries.
 */

/** Comments and white space are skipped, and make no tokens. */
interface Token {
  kind: 'atom' | 'quoted-string' | 'domain-literal' | 'special';
  text: string;
}

/** Text that is not split further, by its opening character: the closing one, and the kind. */
const ENCLOSURES: Record<string, [close: string, kind: 'quoted-string' | 'domain-literal' | 'comment']> = {
  '"': ['"', 'quoted-string'],
  '[': [']', 'domain-literal'],
  '(': [')', 'comment'],
};

/** Parsers disagree on these characters; an unfolded value contains none of them. */
const NEVER_ALLOWED = /[\0\r\n]/;

/**
 * At a position: white space; an atom of `atext` (RFC 5322 §3.2.3) and characters beyond US-ASCII (RFC 6532 §3.2); or one special.
 * No character belongs to two of these, so there is no backtracking.
 */
const PLAIN_TOKEN = /([ \t]+)|([A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\uffff-]+)|[<>@,;:.]/y;

/**
 * Parses an address list.
 *
 * The boundaries between addresses must be unambiguous: a list with unbalanced delimiters has no addresses. In a balanced list, an
 * element that is not an address, such as a bare name, is skipped. RFC 2047 encoded words are not decoded: they have no meaning within
 * an address (§5 there).
 *
 * Takes time proportional to the length, whatever the text: each character is read a fixed number of times, without recursion.
 *
 * @param value The field's unfolded value.
 * @returns The addresses in their order, including members of groups, as `local-part@domain` without comments and white space. Quoted
 *   local parts keep their quotes, so that `"a@b"@c` is unambiguous.
 */
export function readAddressList(value: string): string[] {
  if (NEVER_ALLOWED.test(value)) return [];
  const tokens = tokensOf(value);
  return tokens === undefined ? [] : (addressesOf(tokens) ?? []);
}

/** @returns undefined when a delimiter is not closed, or a character is not allowed at its position. */
function tokensOf(value: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let position = 0; position < value.length; ) {
    const enclosure = ENCLOSURES[value.charAt(position)];
    if (enclosure !== undefined) {
      const [close, kind] = enclosure;
      const end = endOfEnclosure(value, position, close);
      if (end === undefined) return undefined;
      if (kind !== 'comment') tokens.push({ kind, text: value.slice(position, end) });
      position = end;
      continue;
    }
    PLAIN_TOKEN.lastIndex = position;
    const plain = PLAIN_TOKEN.exec(value);
    if (plain === null) return undefined;
    const [text, whiteSpace, atom] = plain;
    if (whiteSpace === undefined) tokens.push({ kind: atom === undefined ? 'special' : 'atom', text });
    position += text.length;
  }
  return tokens;
}

/** A backslash escapes the next character (RFC 5322 §3.2.1). Comments nest (§3.2.2), domain literals must not (§3.4.1). */
function endOfEnclosure(value: string, start: number, close: string): number | undefined {
  const open = value.charAt(start);
  let depth = 1;
  for (let position = start + 1; position < value.length; position++) {
    const character = value.charAt(position);
    if (character === '\\') position += 1;
    else if (character === close) depth -= 1;
    else if (character === open && open === '[') return undefined;
    else if (character === open) depth += 1;
    if (depth === 0) return position + 1;
  }
  return undefined;
}

/** @returns undefined when the boundaries between the elements are ambiguous. */
function addressesOf(tokens: Token[]): string[] | undefined {
  const addresses: string[] = [];
  let words: Token[] = [];
  let inGroup = false;
  /** Whether an angle address or a group has just ended: only a separator may follow. */
  let ended = false;

  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as Token;
    const special = token.kind === 'special' ? token.text : undefined;
    if (special === ',' || special === ';') {
      if (special === ';' && !inGroup) return undefined;
      addresses.push(...addressSpec(words));
      words = [];
      ended = special === ';';
      if (ended) inGroup = false;
      continue;
    }
    if (ended || special === '>') return undefined;
    if (special === ':') {
      if (inGroup || !isPhrase(words)) return undefined;
      inGroup = true;
      words = [];
    } else if (special === '<') {
      const end = endOfAngle(tokens, index + 1);
      if (end === undefined) return undefined;
      const inner = tokens.slice(index + 1, end);
      if (isDisplayName(words)) addresses.push(...angleAddress(inner));
      words = [];
      ended = true;
      index = end;
    } else {
      words.push(token);
    }
  }
  return inGroup ? undefined : [...addresses, ...addressSpec(words)];
}

/** @returns The index of the closing bracket, or undefined when none comes before another opening one. */
function endOfAngle(tokens: Token[], start: number): number | undefined {
  for (let index = start; index < tokens.length; index++) {
    const { text } = tokens[index] as Token;
    if (text === '>') return index;
    if (text === '<') return undefined;
  }
  return undefined;
}

/** `[obs-route] addr-spec`, between the angle brackets (§3.4, §4.4). The route does not name a recipient. */
function angleAddress(tokens: Token[]): string[] {
  const colon = tokens.findIndex(({ text }) => text === ':');
  if (colon !== -1 && !isRoute(tokens.slice(0, colon))) return [];
  return addressSpec(tokens.slice(colon + 1));
}

/** `@a,@b`, with any number of commas (`obs-domain-list`, §4.4). */
function isRoute(tokens: Token[]): boolean {
  const domains: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ',') domains.push([]);
    else domains.at(-1)?.push(token);
  }
  const named = domains.filter((domain) => domain.length > 0);
  return named.length > 0 && named.every(([at, ...domain]) => at?.text === '@' && isDomain(domain));
}

/** `local-part "@" domain` (§3.4.1, §4.4). @returns The address; empty when the tokens are not one. */
function addressSpec(tokens: Token[]): string[] {
  const at = tokens.findIndex(({ text }) => text === '@');
  const isAddress = isDotted(tokens.slice(0, at), ['atom', 'quoted-string']) && isDomain(tokens.slice(at + 1));
  return at !== -1 && isAddress ? [tokens.map(({ text }) => text).join('')] : [];
}

function isDomain(tokens: Token[]): boolean {
  return isDotted(tokens, ['atom']) || (tokens.length === 1 && tokens[0]?.kind === 'domain-literal');
}

/** Words separated by single dots. */
function isDotted(tokens: Token[], kinds: Array<Token['kind']>): boolean {
  return (
    tokens.length % 2 === 1 &&
    tokens.every(({ kind, text }, index) => (index % 2 === 0 ? kinds.includes(kind) : text === '.'))
  );
}

/** A group's name: words, and after the first one dots (`obs-phrase`, §4.1). */
function isPhrase([first, ...rest]: Token[], alsoAllowed = '.'): boolean {
  const isWord = ({ kind }: Token) => kind === 'atom' || kind === 'quoted-string';
  return (
    first !== undefined && isWord(first) && rest.every((token) => isWord(token) || alsoAllowed.includes(token.text))
  );
}

/** May be missing, and may contain an `@`: §3.4 requires quotes then, but mailers that use the address as its own name omit them. */
function isDisplayName(words: Token[]): boolean {
  return words.length === 0 || isPhrase(words, '.@');
}
