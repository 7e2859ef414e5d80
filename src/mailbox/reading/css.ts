/**
 * As much of CSS as decides whether text is shown: style attributes, and rules of style sheets for one element, class or id. Rules that
 * depend on the screen (`@media`) and other selectors are passed over.
 */

interface Declaration {
  value: string;
  important: boolean;
}

/** Declarations by property. */
export type Style = ReadonlyMap<string, Declaration>;

/** The style rules of a document, by selector: `p`, `.x`, `p.x`, `#x`. */
export type StyleSheet = Map<string, Style>;

const RELEVANT = /display|visibility|opacity|height|width|overflow|font|color|mso-hide|white-space/i;

/** Reads the content of a style attribute, or of one rule. */
export function readStyle(text: string): Style {
  const style = new Map<string, Declaration>();
  if (!RELEVANT.test(text)) return style;
  for (const declaration of withoutComments(text).toLowerCase().split(';')) {
    const colon = declaration.indexOf(':');
    const property = declaration.slice(0, Math.max(0, colon)).trim();
    const [value = '', important] = declaration.slice(colon + 1).split('!');
    add(style, property, { value: value.trim(), important: important?.trim() === 'important' });
  }
  return style;
}

/** Reads a style sheet into one that has been read. */
export function readStyleSheet(text: string, sheet: StyleSheet): void {
  const css = withoutComments(text).replace(/<!--|-->/g, '');
  let start = 0;
  while (start < css.length) {
    const open = css.indexOf('{', start);
    if (open === -1) return;
    const selectors = css.slice(start, open).split(';').at(-1) as string;
    const end = endOfBlock(css, open);
    start = end + 1;
    if (selectors.includes('@')) continue;
    const style = readStyle(css.slice(open + 1, end));
    if (style.size === 0) continue;
    for (const selector of selectors.split(',')) {
      const name = selector.trim();
      if (/^(?:[a-z][a-z0-9]*)?(?:[.#][\w-]+)?$/i.test(name))
        sheet.set(key(name), merged([sheet.get(key(name)), style]));
    }
  }
}

/** The declarations for an element: those of the style sheets, the more specific ones last, and its own. */
export function styleOf(sheet: StyleSheet, name: string, attributes: ReadonlyMap<string, string>): Style {
  const own = attributes.get('style');
  const inline = own === undefined ? undefined : readStyle(own);
  if (sheet.size === 0) return inline ?? NONE;
  const classes = (attributes.get('class') ?? '').split(/\s+/).filter((word) => word !== '');
  const selectors = [name, ...classes.map((word) => `.${word}`), ...classes.map((word) => `${name}.${word}`)];
  const id = attributes.get('id');
  if (id !== undefined) selectors.push(`#${id}`, `${name}#${id}`);
  return merged([...selectors.map((selector) => sheet.get(selector)), inline]);
}

const NONE: Style = new Map();

/** Element names have no case, classes and ids do. */
function key(selector: string): string {
  return selector.replace(/^[a-z0-9]+/i, (name) => name.toLowerCase());
}

function merged(styles: Array<Style | undefined>): Style {
  const result = new Map<string, Declaration>();
  for (const style of styles) for (const [property, declaration] of style ?? []) add(result, property, declaration);
  return result;
}

function add(style: Map<string, Declaration>, property: string, declaration: Declaration): void {
  if (declaration.important || style.get(property)?.important !== true) style.set(property, declaration);
}

function withoutComments(css: string): string {
  let result = '';
  let start = 0;
  for (let open = css.indexOf('/*'); open !== -1; open = css.indexOf('/*', start)) {
    result += css.slice(start, open);
    const close = css.indexOf('*/', open + 2);
    start = close === -1 ? css.length : close + 2;
  }
  return result + css.slice(start);
}

/** @returns the index of the brace that closes the block, or the end. */
function endOfBlock(css: string, open: number): number {
  const brace = /[{}]/g;
  brace.lastIndex = open;
  let depth = 0;
  for (let match = brace.exec(css); match !== null; match = brace.exec(css)) {
    depth += match[0] === '{' ? 1 : -1;
    if (depth === 0) return match.index;
  }
  return css.length;
}
