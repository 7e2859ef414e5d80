/**
 * Text for a terminal: wrapping, escaping, and the formatting of numbers and times. Pure.
 */

/**
 * Wraps a text at its spaces. A word longer than a line is not broken, so that an ARN can be copied.
 *
 * @param width columns.
 */
export function wrap(text: string, width: number, indent: string, hanging = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${hanging}${word}`;
    } else line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** Untrusted text as one line, without control and formatting characters. */
export function line(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** Untrusted text with its lines and tabs, without other control and formatting characters. */
export function lines(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((each) => each.replace(/[^\P{Cc}\t]+|\p{Cf}+/gu, ''))
    .join('\n')
    .trim();
}

/**
 * Makes untrusted text (names, tags, policies and errors from AWS, mail) safe to print: each control and formatting
 * character except line feed and tab becomes its escape, `\\u001b`, so that nothing moves the cursor, hides or reorders text.
 * The escapes are JSON's, so a JSON document keeps its meaning.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    // One escape for each UTF-16 code unit, as in JSON (RFC 8259, section 7).
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** A number with thousands separators: `12,340`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** A duration: `46 s`, `3 min`, `2 h 5 min`. @param seconds 0 or more */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

/**
 * A time in UTC, in the format of the flags: `2026-01-31T12:00:00Z`. Fractions of a second are dropped.
 *
 * @param time a date, or milliseconds since 1970.
 */
export function asTime(time: Date | number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * A time in the local time zone (TZ), with its offset from UTC: `2026-01-31T13:00:00+01:00`. The flags take it too.
 *
 * @param time milliseconds since 1970.
 */
export function asLocalTime(time: number): string {
  const minutes = -new Date(time).getTimezoneOffset();
  const ahead = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, '0');
  const local = asTime(time + minutes * 60_000).slice(0, 19);
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}
