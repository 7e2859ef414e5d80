/**
 * Whether an element's content is shown, by its style and by that of the elements around it.
 */
import type { Style } from './css.js';

/** What an element hands on to those within it. */
export interface Visibility {
  /** Takes no room, nor does anything within it: `display:none`. */
  gone: boolean;
  /** `visibility:hidden`; an element within it can be visible again. */
  invisible: boolean;
  /** A font size of zero hides text, not pictures; an element within it can have another. */
  zeroFont: boolean;
  /** Text of a transparent color; an element within it can have another. */
  transparent: boolean;
  /** Hidden by Outlook only. What is for other programs to show is repeated for Outlook elsewhere. */
  outlook: boolean;
  /** Line breaks are line breaks. */
  preformatted: boolean;
}

export const VISIBLE: Visibility = {
  gone: false,
  invisible: false,
  zeroFont: false,
  transparent: false,
  outlook: false,
  preformatted: false,
};

/** Elements whose content is not shown. */
const NOT_SHOWN = new Set('datalist iframe noembed noframes script style template title'.split(' '));

/** Unambiguous, so that the time is linear. */
const ZERO = /^\+?(?:0+(?:\.0*)?|\.0+)(?:[a-z]+|%)?$/;

/** https://www.w3.org/TR/css-color-4/ */
const TRANSPARENT =
  /^(?:transparent|(?:rgb|hsl)a?\([^()]*[,/]\s*(?:0+(?:\.0*)?|\.0+)%?\s*\)|#(?:[0-9a-f]{3}0|[0-9a-f]{6}00))$/;

/** Sizes that are a multiple of the one around. */
const RELATIVE = /(?:[\d.](?:em|ex|ch|%)$)|^(?:inherit|unset|smaller|larger)$/;

/**
 * @param outer the visibility of the element around.
 * @param hidden whether the element has the attribute `hidden`.
 */
export function visibilityOf(outer: Visibility, name: string, style: Style, hidden: boolean): Visibility {
  if (style.size === 0 && !hidden && name !== 'pre' && !NOT_SHOWN.has(name)) return outer;
  const get = (property: string) => style.get(property)?.value ?? '';
  const isZero = (property: string) => ZERO.test(get(property));
  const display = get('display');
  const color = get('color');
  const collapsed = get('overflow').startsWith('hidden') && ['max-height', 'height', 'max-width', 'width'].some(isZero);
  const size =
    get('font-size') ||
    get('font')
      .split(/[\s/]/)
      .find((word) => /^[\d.]/.test(word)) ||
    '';
  return {
    gone:
      outer.gone ||
      NOT_SHOWN.has(name) ||
      display === 'none' ||
      (hidden && display === '') ||
      isZero('opacity') ||
      collapsed,
    invisible: get('visibility') === '' ? outer.invisible : /^(?:hidden|collapse)/.test(get('visibility')),
    zeroFont: size === '' || (RELATIVE.test(size) && !ZERO.test(size)) ? outer.zeroFont : ZERO.test(size),
    transparent: color === '' || color === 'inherit' ? outer.transparent : TRANSPARENT.test(color),
    outlook: outer.outlook || get('mso-hide') === 'all',
    preformatted:
      name === 'pre' || get('white-space').startsWith('pre') || (outer.preformatted && get('white-space') === ''),
  };
}

/** Whether pictures and links are shown: a link may be a picture. */
export function isShown({ gone, invisible }: Visibility): boolean {
  return !gone && !invisible;
}

/** Whether text is shown. */
export function isReadable(visibility: Visibility): boolean {
  return isShown(visibility) && !visibility.zeroFont && !visibility.transparent && !visibility.outlook;
}
