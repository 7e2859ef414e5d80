/**
 * Which parts of the mail bucket an ARN pattern in an identity policy matches. Incomplete ARNs are completed as IAM does. Pure.
 */
import { completeArn } from '../../policy/arns.js';
import { matches } from '../../policy/evaluate.js';

/** Whether a pattern matches the bucket itself or any object it could hold. A policy variable matches any text. */
export function coversBucket(pattern: string, bucketArn: string): boolean {
  return matches(open(pattern), bucketArn) || objectKeys(pattern, bucketArn).length > 0;
}

/** Whether a pattern matches the bucket itself. A policy variable matches any text. */
export function matchesBucket(pattern: string, bucketArn: string): boolean {
  return matches(open(pattern), bucketArn);
}

/**
 * The key patterns that remain of an ARN pattern after the bucket's name, one for each way to match it: `*` for
 * `arn:aws:s3:::mail*`, `a/*` for `arn:aws:s3:::mail/a/*`. Empty when the pattern matches no object of the bucket.
 */
export function objectKeys(pattern: string, bucketArn: string): string[] {
  // An object's key has at least one character.
  return remainders(open(pattern), `${bucketArn}/`).filter((key) => key !== '');
}

/** Whether a pattern matches every object of the bucket for any value of its policy variables. */
export function coversObjects(pattern: string, bucketArn: string): boolean {
  return remainders(completeArn(pattern), `${bucketArn}/`).includes('*');
}

/** Whether a pattern matches nothing outside the bucket. */
export function isWithinBucket(pattern: string, bucketArn: string): boolean {
  return pattern === bucketArn || pattern.startsWith(`${bucketArn}/`);
}

/** Whether a pattern is certain to match every text that `narrow` matches; `false` when that isn't known. */
export function isWithinPattern(narrow: string, pattern: string): boolean {
  const wide = completeArn(pattern);
  // A variable's value is known only when a request is made.
  if (wide.includes('$')) return false;
  // A `*` of the narrow pattern is matched as text: by a `*`, rightly, but by a `?` too.
  return !(wide.includes('?') && narrow.includes('*')) && matches(wide, narrow);
}

/** Whether some text matches both patterns. */
export function overlaps(one: string, other: string): boolean {
  const theirs = [...other];
  const end = theirs.length;
  // `have[at]`: whether what is left of `one` and `other` from `at` on have a text in common. It starts with nothing left of `one`.
  let have = [...theirs.map((_, at) => theirs.slice(at).every((token) => token === '*')), true];
  for (const token of [...one].reverse()) {
    const next = [...have];
    next[end] = token === '*' && have[end] === true;
    for (let at = end - 1; at >= 0; at--) {
      const star = token === '*' || theirs[at] === '*';
      const same = token === '?' || theirs[at] === '?' || token === theirs[at];
      next[at] = star ? have[at] === true || next[at + 1] === true : same && have[at + 1] === true;
    }
    have = next;
  }
  return have[0] === true;
}

/** The complete pattern with a `*` in place of each policy variable, which may have any value. */
export function open(pattern: string): string {
  return completeArn(pattern).replace(/\$\{[^}]*\}/g, '*');
}

/** The rest of a pattern after it has matched `start`, for each way to match it. */
function remainders(pattern: string, start: string): string[] {
  let positions = new Set(skipStars(pattern, 0));
  for (const character of start) {
    const next = new Set<number>();
    for (const position of positions) {
      const token = pattern[position];
      if (token === '*') for (const after of skipStars(pattern, position)) next.add(after);
      else if (token === '?' || token === character)
        for (const after of skipStars(pattern, position + 1)) next.add(after);
    }
    positions = next;
  }
  return [...positions].map((position) => pattern.slice(position));
}

/** The position itself, and the positions after any stars there, since a star may match the empty text. */
function skipStars(pattern: string, position: number): number[] {
  const positions = [position];
  for (let at = position; pattern[at] === '*'; at++) positions.push(at + 1);
  return positions;
}
