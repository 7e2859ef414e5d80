/**
 * Fingerprints of what a plan was made from, and of what it would write. A saved plan has these in place of the values, which may be
 * somebody's secrets: a function's environment variables, policies, tags.
 */
import { createHash, type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { orderedJson } from '../../stack/canonical-json.js';

const derive = promisify<string, string, number, ScryptOptions, Buffer>(scrypt);

/** Bytes. */
const length = 16;

/**
 * The fingerprint of a value that may be a secret. Whoever has the file can test a guess of the whole value; scrypt makes each guess take
 * milliseconds instead of nanoseconds, and the salt makes a list of guesses useless for the next file (RFC 7914).
 *
 * @param salt random, of one plan.
 */
export async function fingerprint(value: unknown, salt: string): Promise<string> {
  const key = await derive(orderedJson([value]), salt, length, { N: 4096, r: 8, p: 1 });
  return key.toString('hex');
}

/** The fingerprint of a value that is no secret: it is fast. */
export function plainFingerprint(value: unknown, salt = ''): string {
  return createHash('sha256')
    .update(`${salt}${orderedJson(value)}`)
    .digest('hex')
    .slice(0, 2 * length);
}

/**
 * What of AWS's answers changes by itself: the progress of an update, the time of the last one, an alarm's state, a queue's length, the time
 * of the reading. A revision changes whenever something else does.
 */
const passing =
  /^State($|Value|Reason|Updated|Transition)|^LastUpdateStatus|^(Approximate|LastModified)|^(AlarmConfigurationUpdatedTimestamp|LastProcessingResult|RevisionId|readAt|unreserved)$/;

/** Why something could not be read: the text may name the caller and the request, which are others in the next run. */
const reason = /^(unknown|why)$/;

/** Under these the names are others': all of them count. */
const foreign = /^(Variables|tags|Tags)$/;

/** A resource's state without what changes by itself, and without the order of a set, which AWS does not promise. */
export function lasting(state: unknown): unknown {
  if (Array.isArray(state)) {
    const items = state.map(lasting);
    return items.every((item) => typeof item === 'string') ? items.sort() : items;
  }
  if (state === null || typeof state !== 'object') return state;
  return Object.fromEntries(
    Object.entries(state).flatMap(([key, value]) =>
      passing.test(key) ? [] : [[key, reason.test(key) ? true : foreign.test(key) ? value : lasting(value)]],
    ),
  );
}
