/**
 * Shared by the tests of the function's failures: one message, one fault, and the result.
 */
import type { Test } from 'tap';
import type { Outcome } from '../../handler/route.js';
import type { Fault, InterceptedCall } from '../../src/sandbox/index.js';
import { type Account, eventFor, handlerOn, type Permission, startAccount } from './account.js';
import { bytesOf } from './messages.js';

export const [one, two, three] = ['1', '2', '3'].map((digit) => `0x${digit.repeat(40)}`) as [string, string, string];
const addressOf = (wallet: string) => `or-${wallet}-1756409000@bots.litentry.org`;

export const toOne = bytesOf('routed-signup.eml');
export const toAll = (...wallets: string[]) => `To: ${wallets.map(addressOf).join(', ')}\r\n\r\n`;

export const source = 'inbound/abc';
export const copyFor = (wallet: string) => `bots/${wallet}/inbound/abc`;
/** What is in the bucket when nothing was copied, and when the copy for the one wallet was. */
export const untouched = [source];
export const served = [copyFor(one), source];

export const routed: Outcome = { outcome: 'routed', wallets: [one], by: 'envelope', headerBytesRead: 2048 };
export const alreadyRouted: Outcome = {
  outcome: 'skipped',
  reason: 'already-routed',
  wallets: [one],
  headerBytesRead: 2048,
};
export const gone: Outcome = { outcome: 'skipped', reason: 'gone' };

/** The calls as `Account.calls` has them. */
export const read = 'GetObject bytes=0-2047';
export const copy = 'CopyObject';
export const times = (count: number, call: string): string[] => Array(count).fill(call);

/** The expected properties of an error. */
export interface ExpectedError {
  name: string;
  [property: string]: unknown;
}

export const raised = (operation: string, code: string, more: object = {}): ExpectedError => ({
  name: 'S3CallError',
  operation,
  code,
  ...more,
});

export const slowDown = { kind: 'refuse', code: 'SlowDown', status: 503 } satisfies Fault;
export const internal = { kind: 'refuse', code: 'InternalError', status: 500 } satisfies Fault;

/** Deletes the message, as another program. */
export const removeSource = ({ sandbox, settings }: Account): undefined => {
  sandbox.state.s3.buckets.get(settings.bucket)?.objects.delete(source);
};

export interface Case {
  body?: string | Buffer;
  /** What the execution role lacks. */
  without?: Permission[];
  deleteSource?: boolean;
  /** The operation that has the faults, one per call; the first fault in every call if `always`. */
  operation?: string;
  faults?: Array<Fault | ((account: Account, call: InterceptedCall) => Fault | undefined)>;
  always?: boolean;
  /** The result of the invocation: what it returns, or what it throws. */
  returns?: Outcome;
  raises?: ExpectedError;
  /** The calls that are made, in any order. */
  calls: string[];
  /** What is in the bucket afterwards. */
  keys: string[];
}

/** Runs one case in an account of its own, with the function's own client and its own retries. */
export async function run(
  t: Test,
  { body = toOne, without = [], deleteSource = false, ...given }: Case,
): Promise<void> {
  const account = await startAccount(t, without);
  await account.put(source, body);
  const faults = [...(given.faults ?? [])];
  if (given.operation !== undefined) {
    account.meet(given.operation, (call) => {
      const fault = given.always ? faults[0] : faults.shift();
      return typeof fault === 'function' ? fault(account, call) : fault;
    });
  }
  const { invoke, lines } = handlerOn(account, { deleteSource });
  if (given.returns) t.strictSame(await invoke(eventFor(source)), given.returns, 'returned');
  else await t.rejects(invoke(eventFor(source)), given.raises ?? new Error(), 'raised');
  t.strictSame(account.calls().sort(), given.calls.toSorted(), 'the calls that were made');
  t.strictSame(account.keys(), given.keys, 'where the message is');
  t.match(lines, [given.returns ? { Failed: 0 } : { Failed: 1, level: 'error', key: source, error: given.raises }]);
  t.equal(lines.length, 1, 'one line');
}
