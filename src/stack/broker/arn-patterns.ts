/**
 * What an ARN pattern of a policy takes in of the mail bucket. Pure.
 */
import { matches } from '../../policy/evaluate.js';

/** Whether a pattern matches the bucket itself or any object that could be in it. A policy variable may stand for anything. */
export function coversBucket(pattern: string, bucketArn: string): boolean {
  return matches(open(pattern), bucketArn) || objectKeys(pattern, bucketArn).length > 0;
}

/** Whether a pattern matches the bucket itself. A policy variable may stand for anything. */
export function matchesBucket(pattern: string, bucketArn: string): boolean {
  return matches(open(pattern), bucketArn);
}

/**
 * What a pattern leaves of an object's key to match, in each way of reading it: of `arn:aws:s3:::mail*` it is `*`, of
 * `arn:aws:s3:::mail/a/*` it is `a/*`. Empty when it matches no object of the bucket.
 */
export function objectKeys(pattern: string, bucketArn: string): string[] {
  // An object's key has a character at least.
  return remainders(open(pattern), `${bucketArn}/`).filter((key) => key !== '');
}

/** Whether a pattern matches every object of the bucket, whatever a policy variable in it stands for. */
export function coversObjects(pattern: string, bucketArn: string): boolean {
  return remainders(pattern, `${bucketArn}/`).includes('*');
}

/** Whether a pattern matches nothing outside the bucket. */
export function isWithinBucket(pattern: string, bucketArn: string): boolean {
  return pattern === bucketArn || pattern.startsWith(`${bucketArn}/`);
}

/** Whether every text that `narrow` matches is surely matched by `wide`: the same text, or a beginning with a `*` after it. */
export function isWithinPattern(narrow: string, wide: string): boolean {
  // A variable has the value of the moment.
  if (/[?$]/.test(wide)) return false;
  return narrow === wide || (/^[^*]*\*$/.test(wide) && narrow.startsWith(wide.slice(0, -1)));
}

/** The pattern with a `*` for each of its policy variables, which may stand for anything. */
export function open(pattern: string): string {
  return pattern.replace(/\$\{[^}]*\}/g, '*');
}

/** What is left of a pattern once it has matched `start`: follows all ways of reading it at once. */
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

/** The position itself, and those behind the stars that stand there, since a star may stand for nothing. */
function skipStars(pattern: string, position: number): number[] {
  const positions = [position];
  for (let at = position; pattern[at] === '*'; at++) positions.push(at + 1);
  return positions;
}
