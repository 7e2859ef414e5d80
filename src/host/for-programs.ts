/**
 * What people are told, as a program is: `error: `, which says at a terminal what kind of line it is, is left out.
 */
export function forPrograms(lines: string): string {
  return lines.replace(/^error: /gm, '');
}
