/**
 * HTML reduced to what a reader sees of it: its text, and where its links lead.
 */
import { type QuoteType, Tokenizer } from 'htmlparser2';

/** What there is to be read in a piece of HTML. */
export interface HtmlContent {
  /** Its blocks on lines of their own. */
  text: string;
  /** The same, without what a link shows of itself: that is not always where it leads. */
  unlinked: string;
  /** The `href` of each link, entities decoded, in order. */
  hrefs: string[];
}

/** Elements whose content is not shown. */
const UNSEEN = new Set(['script', 'style', 'title', 'template']);

/** Elements that begin and end a line. https://html.spec.whatwg.org/multipage/rendering.html#flow-content-3, and the like. */
const BLOCKS = new Set(
  'address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const CELLS = new Set(['td', 'th']);

/** Stand for the ends of elements until the text is whole. Unicode's noncharacters, which no text has; a sender's own are taken out. */
const BLOCK = '\ufdd1';
const CELL = '\ufdd2';
const INLINE = '\ufdd3';
const INLINE_SPACED = '\ufdd4';

/**
 * Reads HTML. By the tokenizer alone, without a tree: its time is linear in the length, whatever the tags are.
 */
export function readHtml(html: string): HtmlContent {
  const hrefs: string[] = [];
  let text = '';
  let unlinked = '';
  /** The tag that is being read, and the attribute. */
  let tag = '';
  let attribute = '';
  let value = '';
  let unseen = '';
  let inLink = false;

  const add = (piece: string) => {
    if (unseen !== '') return;
    text += piece;
    if (!inLink) unlinked += piece;
  };
  const mark = (name: string) => add(BLOCKS.has(name) ? BLOCK : CELLS.has(name) ? CELL : INLINE);
  const name = (start: number, end: number) => html.slice(start, end).toLowerCase();

  const nothing = () => undefined;
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname(start, end) {
        tag = name(start, end);
        mark(tag);
        if (unseen === '' && UNSEEN.has(tag)) unseen = tag;
      },
      onclosetag(start, end) {
        const closed = name(start, end);
        if (closed === unseen) unseen = '';
        if (closed === 'a') inLink = false;
        mark(closed);
      },
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
      onattribend(_quote: QuoteType) {
        if (attribute !== 'href' || (tag !== 'a' && tag !== 'area')) return;
        hrefs.push(value);
        inLink = tag === 'a';
      },
      ontext: (start, end) => add(withoutMarks(html.slice(start, end))),
      ontextentity: (codePoint) => add(withoutMarks(String.fromCodePoint(codePoint))),
      oncdata: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onend: nothing,
      onopentagend: nothing,
      onprocessinginstruction: nothing,
      onselfclosingtag: nothing,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return { text: laidOut(text), unlinked: laidOut(unlinked), hrefs };
}

function withoutMarks(text: string): string {
  return text.replace(/[\ufdd1-\ufdd4]/g, '');
}

/**
 * Characters that take no room: senders put them into words to keep them from being broken, and into codes to keep them from being found.
 */
export function withoutInvisible(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}

/**
 * Text with the marks of elements, as lines. Four and more letters or digits in a row, each in an element of its own, are one word:
 * so codes are shown, a box for each digit.
 */
function laidOut(marked: string): string {
  return withoutInvisible(marked)
    .replace(/[\s\ufdd1-\ufdd4]+/g, strongest)
    .replaceAll(INLINE, '')
    .replace(/(?<![^ \ufdd1\ufdd2\ufdd4])[0-9A-Za-z](?:[\ufdd1\ufdd2\ufdd4][0-9A-Za-z]){3,}(?![0-9A-Za-z])/g, (boxes) =>
      boxes.replace(/[\ufdd1\ufdd2\ufdd4]/g, ''),
    )
    .replaceAll(BLOCK, '\n')
    .replace(/[\ufdd2\ufdd4]/g, ' ')
    .trim();
}

/** What stands for a run of white space and ends of elements. */
function strongest(run: string): string {
  if (run.includes(BLOCK)) return BLOCK;
  if (run.includes(CELL)) return CELL;
  const spaced = /\s/.test(run);
  if (run.includes(INLINE)) return spaced ? INLINE_SPACED : INLINE;
  return ' ';
}
