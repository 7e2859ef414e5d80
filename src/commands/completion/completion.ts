/**
 * The scripts that let a shell complete a command line. They run `agentkeys-ses-routing complete -- <words>`, which prints a value and its
 * description in each line, and at the end a number: the protocol of cobra, https://cobra.dev/docs/how-to-guides/shell-completion/.
 */
import { script } from '@bomb.sh/tab';
import type { Host } from '../../terminal/host.js';
import { bashScript } from './bash.js';

export type Shell = 'bash' | 'zsh' | 'fish';

const NAME = 'agentkeys-ses-routing';

/** Prints the script for a shell. */
export async function printScript(host: Host, shell: Shell): Promise<number> {
  host.print(shell === 'bash' ? bashScript(NAME) : scriptOfTab(shell));
  return 0;
}

/** The library prints its script with console.log. */
function scriptOfTab(shell: Shell): string {
  const { log } = console;
  const printed: string[] = [];
  console.log = (text: string) => void printed.push(text);
  try {
    script(shell, NAME, NAME);
  } finally {
    console.log = log;
  }
  return printed.join('\n');
}
