/**
 * The text of a text/plain part as a reader sees it.
 */

/** Tags that plain text has no reason to begin with. https://mimesniff.spec.whatwg.org/#rules-for-identifying-an-unknown-mime-type */
const BEGINS_AS_HTML =
  /^\s*<(?:!doctype html|!--|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|center|span|meta)[\s>/]/i;

/** Tags that lay text out; with one that closes or breaks a line among them, the text is HTML. */
const HAS_HTML = /<(?:br\s*\/?|\/(?:p|div|a|b|strong|td|table|body|html|span|h[1-6]|ul))>/i;

/** Whether what is labelled as plain text is HTML. Some senders label it so. */
export function looksLikeHtml(text: string): boolean {
  return BEGINS_AS_HTML.test(text) || HAS_HTML.test(text);
}

/** Spaces of all kinds: what is a space to a reader is one to an expression. Line breaks and tabs stay. */
export function withPlainSpaces(text: string): string {
  return text.replace(/[^\S\n\t \ufeff]/g, ' ');
}

/**
 * Joins the lines of format=flowed (RFC 3676 §4). A URL in angle brackets is joined without the space that was put into it.
 *
 * @param deleteSpace the parameter DelSp: whether the space before a soft line break is no part of the text.
 */
export function unflow(text: string, deleteSpace: boolean): string {
  // Joined once, at the end: a paragraph that grows line by line would be copied as often.
  const pieces: string[] = [];
  let quoted = 0;
  let flows = false;
  let inUrl = false;
  for (const line of text.split('\n')) {
    const quotes = line.startsWith('>') ? (/^>+/.exec(line) as RegExpExecArray)[0] : '';
    const start = quotes.length + (line.charAt(quotes.length) === ' ' ? 1 : 0);
    const content = line.slice(start);
    const isSignature = content === '-- ';
    if (flows && quotes.length === quoted && !isSignature) {
      if (deleteSpace || inUrl) pieces.push((pieces.pop() as string).slice(0, -1));
      pieces.push(content);
      inUrl = inUrl ? !content.includes('>') : opensUrl(content);
    } else {
      pieces.push('\n', quotes + content);
      inUrl = opensUrl(content);
    }
    quoted = quotes.length;
    flows = content.endsWith(' ') && !isSignature;
  }
  return pieces.slice(1).join('');
}

function opensUrl(line: string): boolean {
  const bracket = line.lastIndexOf('<');
  return bracket !== -1 && /^<(?:URL:)?\s*https?:[^>]*$/i.test(line.slice(bracket));
}

/** A URL in angle brackets that is broken over lines: the white space is no part of it (RFC 3986 appendix C). In quoted text too. */
export function joinUrls(text: string): string {
  if (!/^>/m.test(text)) return joinUrlsIn(text);
  const runs: Array<{ quotes: string; lines: string[] }> = [];
  for (const line of text.split('\n')) {
    const [quotes = ''] = /^>[> ]*/.exec(line) ?? [];
    const content = line.slice(quotes.length);
    const run = runs.at(-1);
    if (run?.quotes === quotes) run.lines.push(content);
    else runs.push({ quotes, lines: [content] });
  }
  return runs
    .flatMap(({ quotes, lines }) => {
      const joined = lines.length === 1 ? lines : joinUrlsIn(lines.join('\n')).split('\n');
      return joined.map((line) => quotes + line);
    })
    .join('\n');
}

function joinUrlsIn(text: string): string {
  return text.replace(/<(?:URL:)?\s*https?:\/\/[^<>]{1,4000}>/gi, (url) => {
    const pieces = url
      .slice(1, -1)
      .trim()
      .split('\n')
      .map((piece) => piece.trim());
    const isBroken = pieces.length > 1 && pieces.every((piece) => !/\s/.test(piece));
    return isBroken ? `<${pieces.join('')}>` : url;
  });
}
