/**
 * `npm run screenshot`: runs the built demo as at a terminal and draws a part of its output as docs/demo.svg.
 * test/docs/readme.test.ts compares the file with the demo's output.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Lengths in pixels. A monospaced character is 0.6 em wide; the line's length is set, so that every font gets it right. */
const size = 13;
const character = size * 0.6;
const line = 18;
const margin = 16;
const bar = 34;

const background = '#1e1e2e';
const foreground = '#cdd6f4';
/** SGR parameters to attributes: https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters */
const styles = {
  2: 'fill="#9399b2"',
  31: 'fill="#f38ba8"',
  32: 'fill="#a6e3a1"',
  33: 'fill="#f9e2af"',
  34: 'fill="#89b4fa"',
  35: 'fill="#cba6f7"',
  36: 'fill="#94e2d5"',
};
const ESCAPE = '\u001b';
const sgr = new RegExp(`${ESCAPE}\\[(\\d*)m`);

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The part of the demo that is drawn: from its second deploy to the table of who can read what. */
export function demoExcerpt(output) {
  const [from, to] = ['== 2.', '== 5.'].map((heading) => output.indexOf(heading));
  if (from < 0 || to < from) throw new Error('the demo has no sections 2 and 5');
  return output.slice(from, to).trimEnd();
}

/** One line as SVG: a `tspan` for each stretch of one colour. A colour lasts to the end of its line. */
function drawLine(text, index) {
  let style = '';
  const parts = text.split(sgr).map((part, position) => {
    // Odd positions hold the numbers of the escape sequences in between.
    if (position % 2 === 1) style = styles[part] ?? '';
    else if (part !== '') return style === '' ? escaped(part) : `<tspan ${style}>${escaped(part)}</tspan>`;
    return '';
  });
  const length = text.replaceAll(new RegExp(sgr, 'g'), '').length;
  const width = (length * character).toFixed(1);
  const fit = length === 0 ? '' : ` textLength="${width}" lengthAdjust="spacingAndGlyphs"`;
  return `<text x="${margin}" y="${bar + margin + index * line}"${fit}>${parts.join('')}</text>`;
}

/**
 * @param output what a command printed, with ANSI colours.
 * @param title the command, for the window's title bar.
 * @returns a terminal window as SVG.
 */
export function drawTerminal(output, title) {
  const lines = output.split('\n');
  const longest = Math.max(...lines.map((text) => text.replaceAll(new RegExp(sgr, 'g'), '').length), 80);
  const width = Math.ceil(longest * character + 2 * margin);
  const height = bar + margin + lines.length * line;
  const buttons = ['#f38ba8', '#f9e2af', '#a6e3a1'].map(
    (fill, index) => `<circle cx="${margin + 4 + index * 18}" cy="${bar / 2}" r="5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${background}"/>`,
    ...buttons,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${size}" fill="${foreground}" xml:space="preserve">`,
    `<text x="${width / 2}" y="${bar / 2 + 4}" text-anchor="middle" fill="#9399b2">${escaped(title)}</text>`,
    ...lines.map(drawLine),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** The command in the title bar. */
export const title = 'npm run demo';

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = new URL('..', import.meta.url);
  const asTerminal = 'data:text/javascript,Object.assign(process.stdout, { isTTY: true, columns: 80 })';
  const command = fileURLToPath(new URL('dist/bin/agentkeys-ses-routing.js', root));
  const { NO_COLOR, TERM, ...env } = process.env;
  const args = ['--import', asTerminal, command, 'demo', '--quiet'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  await writeFile(new URL('docs/demo.svg', root), drawTerminal(demoExcerpt(stdout), title));
}
