/**
 * What a stranger wrote, on the operator's terminal: nothing in it moves the cursor, rings, or turns the line round.
 */

/** On one line. */
export function line(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** On as many lines as it has. */
export function lines(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((each) => each.replace(/[^\P{Cc}\t]+|\p{Cf}+/gu, ''))
    .join('\n')
    .trim();
}

/** A time, to the second. */
export function moment(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
