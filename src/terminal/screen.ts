/**
 * The alternate screen of a terminal, as full-screen programs use it: xterm's control sequences, which all terminals of today know.
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
import type { Screen } from './host.js';

/** The alternate screen, a hidden cursor, and no wrapping of long lines; and the opposite. */
const OPEN = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const CLOSE = '\u001b[?7h\u001b[?25h\u001b[?1049l';

const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/**
 * Opens it. If the process exits before it is closed, it is closed then: a second Ctrl-C exits at once.
 *
 * @param printable makes a line safe to print.
 */
export function openScreen(
  stdout: NodeJS.WritableStream & { rows?: number },
  printable: (line: string) => string,
): Screen {
  const close = () => {
    process.off('exit', close);
    stdout.write(CLOSE);
  };
  process.on('exit', close);
  stdout.write(OPEN);
  return {
    get rows() {
      return stdout.rows || 24;
    },
    draw(lines) {
      const shown = lines.slice(0, this.rows).map((line) => `${printable(line)}${CLEAR_LINE}`);
      stdout.write(`${HOME}${shown.join('\n')}${CLEAR_BELOW}`);
    },
    close,
  };
}
