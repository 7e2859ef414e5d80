/**
 * Text laid out as lines, from the text and the marks of the elements around it; and codes that are shown in boxes.
 */

/** Stand for the starts and ends of elements until the text is whole. Unicode's noncharacters, which no text has; a sender's are taken out. */
export const BLOCK = '\ufdd1';
export const CELL = '\ufdd2';
export const INLINE = '\ufdd3';
const INLINE_SPACED = '\ufdd4';
const MARKS = `${BLOCK}-${INLINE_SPACED}`;

/** What a sender can't put into text. */
export function withoutMarks(text: string): string {
  return text.replace(/[\ufdd1-\ufdd4]/g, '');
}

/**
 * Characters that take no room: senders put them into words to keep them from being broken, and into codes to keep them from being found.
 */
export function withoutInvisible(text: string): string {
  return /\P{ASCII}/u.test(text) ? text.replace(/\p{Default_Ignorable_Code_Point}/gu, '') : text;
}

/** Text and marks in turn. A run of marks is kept as its strongest: a megabyte of tags makes no text. */
export class MarkedText {
  #text: string;
  /** The strongest mark since the last text. */
  #mark: string;

  constructor(text = '', mark = '') {
    this.#text = text;
    this.#mark = mark;
  }

  /** @param piece a mark, or text without any. */
  add(piece: string): void {
    if (STRENGTHS.has(piece)) {
      if ((STRENGTHS.get(piece) as number) > (STRENGTHS.get(this.#mark) ?? 0)) this.#mark = piece;
      return;
    }
    this.#text += this.#mark + piece;
    this.#mark = '';
  }

  copy(): MarkedText {
    return new MarkedText(this.#text, this.#mark);
  }

  toString(): string {
    return this.#text + this.#mark;
  }
}

const STRENGTHS = new Map([
  [INLINE, 1],
  [CELL, 2],
  [BLOCK, 3],
]);

/** What may stand between the digits of a code. */
const SEPARATORS = '[-‐‑‒–—−·•]';

/**
 * Four and more letters or digits, each in an element of its own, and the separator that may stand between two of them: so codes are
 * shown, a box for each digit. They are one word. The boxes are blocks, or none is: a one-letter word on the line below is no box.
 *
 * @param marks what stands between the boxes, as a class of a regular expression.
 */
const boxes = (marks: string) => {
  const between = `(?:[${marks}](?:${SEPARATORS}[${marks}]?)?|${SEPARATORS}[${marks}])`;
  return `[0-9A-Za-z](?:${between}[0-9A-Za-z]){3,}(?=[.,;:!?)]*(?:[${MARKS}]|$)|[.,;:!?)]+ )`;
};
const BOXES = new RegExp(
  `(?<![^ ${MARKS}])(?<![\\p{L}\\p{N}]${INLINE})(?:${boxes(BLOCK)}|${boxes(CELL + INLINE + INLINE_SPACED)})`,
  'gu',
);

/**
 * Lays out text as lines.
 *
 * @param marked the text with the marks of elements.
 * @param separated takes each code in boxes with its separator, which the text is without.
 */
export function layOut(marked: string, separated: string[] = []): string {
  return withoutInvisible(marked)
    .replace(NOT_ONE_SPACE, strongest)
    .replace(BOXES, (row) => {
      const code = row.replace(/[\ufdd1-\ufdd4]/g, '');
      const plain = code.replace(/[^0-9A-Za-z]/g, '');
      if (code !== plain) separated.push(code);
      return plain;
    })
    .replaceAll(INLINE, '')
    .replaceAll(BLOCK, '\n')
    .replace(/[\ufdd2\ufdd4]/g, ' ')
    .trim();
}

/** A run of white space and marks, unless it is one space already. */
const NOT_ONE_SPACE = /(?! [^\s\ufdd1-\ufdd4])[\s\ufdd1-\ufdd4]+/g;

/** What stands for a run of white space and marks. */
function strongest(run: string): string {
  if (run.includes(BLOCK)) return BLOCK;
  if (run.includes(CELL)) return CELL;
  const spaced = /\s/.test(run);
  if (run.includes(INLINE)) return spaced ? INLINE_SPACED : INLINE;
  return ' ';
}

/** Digits with a space between two, a separator that may stand there, or a separator alone. */
const SPACED_DIGITS = new RegExp(
  `(?<![^\\s:])\\d(?:(?:[ \\t]{1,3}(?:${SEPARATORS}[ \\t]{1,3})?|${SEPARATORS})\\d){3,}(?![^\\s.,;!?])`,
  'g',
);

/** Digits that are not ASCII's: full-width ones, those of other scripts and of mathematics. */
const OTHER_DIGITS = /(?:(?![0-9])\p{Nd}){4,}/gu;

/** The codes whose digits text spaces out (`4 8 2 - 9 1 3`), or writes with other digits than ASCII's: as an expression looks for them. */
export function codesIn(text: string): string[] {
  const spaced = [...text.matchAll(SPACED_DIGITS)].map(([digits]) => digits.replace(/\D/g, ''));
  const others = [...text.matchAll(OTHER_DIGITS)].map(([digits]) => digits.replace(/\p{Nd}/gu, asciiDigit));
  return [...spaced, ...others];
}

const asciiDigits = new Map<string, string>();

/** Decimal digits stand in order (Unicode, https://www.unicode.org/reports/tr44/#Numeric_Type). Normalized, mathematics has those of ASCII. */
function asciiDigit(digit: string): string {
  const known = asciiDigits.get(digit);
  if (known !== undefined) return known;
  const plain = digit.normalize('NFKC').codePointAt(0) as number;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(plain - value - 1))) value += 1;
  asciiDigits.set(digit, String(value));
  return String(value);
}
