/**
 * Runs properties over generated cases, with a seed that is printed, so that any run can be replayed.
 */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import type { Test } from 'tap';

/** Set it to a seed that was printed to have the very same cases again. */
const VARIABLE = 'PROPERTY_SEED';

const SEED = process.env[VARIABLE] === undefined ? randomInt(2 ** 31) : Number(process.env[VARIABLE]);

const REPLAY = `replay the cases with ${VARIABLE}=${SEED}`;

/**
 * Declares a test that a property holds for so many generated cases.
 *
 * @param holds Throws, or rejects, where it does not hold: with `assert` of node:assert, whose message then stands beside the smallest case.
 */
export function property<Case>(
  t: Test,
  name: string,
  cases: number,
  arbitrary: fc.Arbitrary<Case>,
  holds: (generated: Case) => void | Promise<void>,
): void {
  t.test(`${name} (${cases} cases)`, async (t) => {
    t.comment(REPLAY);
    const result = await fc.check(
      fc.asyncProperty(arbitrary, async (generated) => holds(generated)),
      { numRuns: cases, seed: SEED },
    );
    if (result.failed) t.comment(`${await fc.asyncDefaultReportMessage(result)}\n${String(result.errorInstance)}`);
    t.notOk(result.failed, `holds for ${result.numRuns} cases; seed ${SEED}`);
  });
}
