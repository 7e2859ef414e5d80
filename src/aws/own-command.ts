/**
 * This tool's own commands, as messages print them.
 */

/**
 * A command line to copy. `--no` keeps npx from installing anything: where the package is not installed, a plain `npx` would run
 * what the npm registry has under this name, with the operator's credentials. https://docs.npmjs.com/cli/commands/npx
 *
 * @param args the command, its flags and operands, quoted for a shell: `deploy --dry-run`.
 */
export function ownCommand(args: string): string {
  return `npx --no agentkeys-ses-routing ${args}`;
}

/** Quotes a word for a POSIX shell. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02_02 */
export function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Where an operator finds the missing permissions; ends a message on a denial. */
export const printsPolicy = `\`${ownCommand('policy <task>')}\` prints the policy that an operator needs.`;
