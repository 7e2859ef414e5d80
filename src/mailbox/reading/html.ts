/**
 * HTML reduced to what a reader sees of it: its text, and where its links lead.
 */
import { Tokenizer } from 'htmlparser2';
import { readStyleSheet, type Style, type StyleSheet, styleOf } from './css.js';
import { BLOCK, CELL, INLINE, layOut, MarkedText, withoutMarks } from './layout.js';
import { isReadable, isShown, VISIBLE, type Visibility, visibilityOf } from './visibility.js';

/** What there is to be read in a piece of HTML. */
export interface HtmlContent {
  /** Its blocks on lines of their own. */
  text: string;
  /** The same, without what a link shows of itself: that is not always where it leads. */
  unlinked: string;
  /** The `href` of each link that is shown, entities decoded, in order. */
  hrefs: string[];
  /** The codes in boxes with a separator, with it: the text has them without. */
  separated: string[];
}

const words = (text: string) => new Set(text.split(' '));

/** Elements that begin and end a line. https://html.spec.whatwg.org/multipage/rendering.html#flow-content-3, and the like. */
const BLOCKS = words(
  'address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol option p pre search section summary table caption tbody tfoot thead tr ul',
);
const CELLS = words('td th');

/** Elements without content. https://html.spec.whatwg.org/multipage/syntax.html#void-elements */
const VOID = words('area base br col embed hr img input link meta param source track wbr');

/** What a `display` does to the text around. Inline blocks stand beside each other, as the boxes of a code do. */
const DISPLAYS = new Map([
  ...['block', 'flex', 'grid', 'flow-root', 'list-item', 'table', 'table-row'].map(
    (display) => [display, BLOCK] as const,
  ),
  ...['inline', 'inline-block', 'inline-flex', 'contents'].map((display) => [display, INLINE] as const),
  ['table-cell', CELL],
]);

/** Elements that end tags for elements outside do not reach out of. https://html.spec.whatwg.org/multipage/parsing.html#has-an-element-in-scope */
const SCOPES = words('caption html table td template th');

/** The elements that an element's start tag ends when they are open, and the ones it does not reach out of. */
const IMPLIED = new Map([
  ['li', { ends: words('li'), within: words('ol ul menu td th table') }],
  ['dt', { ends: words('dt dd'), within: words('dl td th table') }],
  ['dd', { ends: words('dt dd'), within: words('dl td th table') }],
  ['option', { ends: words('option'), within: words('select') }],
  ['td', { ends: words('td th'), within: words('table') }],
  ['th', { ends: words('td th'), within: words('table') }],
  ['tr', { ends: words('tr'), within: words('table') }],
]);
const ENDS_PARAGRAPH = { ends: words('p'), within: SCOPES };
const ONE_TABLE = words('table');
const TABLE_PARTS = words('caption tbody td tfoot th thead tr');

/** How deep elements are followed: far deeper than mail has them, and few enough for the time to be linear. */
const DEEPEST = 200;

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

interface OpenElement {
  name: string;
  mark: string;
  visibility: Visibility;
}

/**
 * Reads HTML. By the tokenizer, with a stack of the elements that are open but without a tree: its time is linear in the length,
 * whatever the tags are.
 */
export function readHtml(html: string): HtmlContent {
  const reader = new Reader();
  let tag = '';
  let attribute = '';
  let value = '';
  let attributes: Map<string, string> | undefined;
  const name = (start: number, end: number) => html.slice(start, end).toLowerCase();
  const nothing = () => undefined;
  const open = () => reader.open(tag, attributes ?? NO_ATTRIBUTES);

  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname(start, end) {
        tag = name(start, end);
        attributes = undefined;
      },
      onopentagend: open,
      onselfclosingtag: open,
      onclosetag: (start, end) => reader.close(name(start, end)),
      onattribname(start, end) {
        attribute = name(start, end);
        value = '';
      },
      onattribdata(start, end) {
        value += html.slice(start, end);
      },
      onattribentity(codePoint) {
        value += String.fromCodePoint(codePoint);
      },
      onattribend() {
        attributes ??= new Map();
        if (!attributes.has(attribute)) attributes.set(attribute, value);
      },
      ontext: (start, end) => reader.text(html.slice(start, end)),
      ontextentity: (codePoint) => reader.text(String.fromCodePoint(codePoint)),
      oncdata: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onend: nothing,
      onprocessinginstruction: nothing,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return reader.content();
}

class Reader {
  readonly #hrefs: string[] = [];
  readonly #elements: OpenElement[] = [];
  /** How many elements of each name are open. */
  readonly #open = new Map<string, number>();
  readonly #sheet: StyleSheet = new Map();
  #css = '';
  /** Whether the style element that is open is for screens of all kinds. */
  #isForScreens = false;
  readonly #text = new MarkedText();
  /** The same without what links show. Only there once a link has been read. */
  #unlinked: MarkedText | undefined;
  #inLink = false;
  /** How many elements are open beyond {@link DEEPEST}. */
  #deeper = 0;

  get #visibility(): Visibility {
    return this.#elements.at(-1)?.visibility ?? VISIBLE;
  }

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    this.#endImplied(name);
    const style = styleOf(this.#sheet, name, attributes);
    const visibility = visibilityOf(this.#visibility, name, style, attributes.has('hidden'));
    const mark = markOf(name, style);
    if (isReadable(visibility)) this.#add(mark);
    const href = attributes.get('href');
    if (href !== undefined && (name === 'a' || name === 'area') && isShown(visibility)) this.#hrefs.push(href);
    if (name === 'a') this.#inLink = /^\s*https?:/i.test(href ?? '');
    if (this.#inLink) this.#unlinked ??= this.#text.copy();
    if (name === 'style') this.#isForScreens = /^\s*(?:$|all\b|screen\b)(?!.*\()/i.test(attributes.get('media') ?? '');
    if (VOID.has(name)) return;
    if (this.#elements.length === DEEPEST) {
      this.#deeper += 1;
      return;
    }
    this.#elements.push({ name, mark, visibility });
    this.#open.set(name, (this.#open.get(name) ?? 0) + 1);
  }

  close(name: string): void {
    if (name === 'style') this.#readStyles();
    if (name === 'a') this.#inLink = false;
    if (this.#deeper > 0) {
      this.#deeper -= 1;
      this.#mark(markOf(name));
      return;
    }
    const within = TABLE_PARTS.has(name) ? ONE_TABLE : name === 'table' ? undefined : SCOPES;
    const ended = this.#open.has(name) && this.#end((element) => element === name, within);
    if (!ended) this.#mark(markOf(name));
  }

  text(text: string): void {
    const visibility = this.#visibility;
    if (this.#elements.at(-1)?.name === 'style') this.#css += text;
    if (!isReadable(visibility)) return;
    const plain = withoutMarks(text);
    this.#add(visibility.preformatted ? plain.replaceAll('\n', BLOCK) : plain);
  }

  content(): HtmlContent {
    const separated: string[] = [];
    const text = layOut(this.#text.toString(), separated);
    const unlinked = this.#unlinked === undefined ? text : layOut(this.#unlinked.toString());
    return { text, unlinked, hrefs: this.#hrefs, separated };
  }

  #endImplied(name: string): void {
    const implied = IMPLIED.get(name) ?? (BLOCKS.has(name) && name !== 'br' ? ENDS_PARAGRAPH : undefined);
    if (implied === undefined) return;
    const { ends, within } = implied;
    let isOpen = false;
    for (const element of ends) isOpen ||= this.#open.has(element);
    if (isOpen) this.#end((element) => ends.has(element), within);
  }

  /** Ends the innermost element that is looked for, with all within it. @returns whether there is one. */
  #end(isWanted: (name: string) => boolean, within: ReadonlySet<string> | undefined): boolean {
    let index = this.#elements.length - 1;
    for (; index >= 0; index--) {
      const { name } = this.#elements[index] as OpenElement;
      if (isWanted(name)) break;
      if (within?.has(name)) return false;
    }
    while (this.#elements.length > index) {
      const { name, mark, visibility } = this.#elements.pop() as OpenElement;
      const left = (this.#open.get(name) as number) - 1;
      if (left === 0) this.#open.delete(name);
      else this.#open.set(name, left);
      if (isReadable(visibility)) this.#add(mark);
    }
    return true;
  }

  #readStyles(): void {
    if (this.#isForScreens) readStyleSheet(this.#css, this.#sheet);
    this.#css = '';
  }

  #mark(mark: string): void {
    if (isReadable(this.#visibility)) this.#add(mark);
  }

  #add(piece: string): void {
    this.#text.add(piece);
    if (!this.#inLink) this.#unlinked?.add(piece);
  }
}

function markOf(name: string, style?: Style): string {
  const ofName = BLOCKS.has(name) ? BLOCK : CELLS.has(name) ? CELL : INLINE;
  return DISPLAYS.get(style?.get('display')?.value ?? '') ?? ofName;
}
