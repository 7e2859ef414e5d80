/**
 * Runs the simulations, and the comparison with the embedded AWS.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capacities } from './capacity.js';
import { bursts, days, volumes } from './cases.js';
import { type Comparison, simulated } from './compare/compare.js';
import { onEmbedded, type Stack } from './compare/embedded.js';
import { burstByRealClock, throttledPause } from './compare/real-time.js';
import { scenarios } from './compare/scenarios.js';
import { withStack } from './compare/stack.js';
import { anHoursOutage, moreBatches } from './outages.js';
import { pollingFigures, pollings } from './polling.js';
import type { ScaleFigures } from './report.js';

/** Of the function, for the burst by the real clock. */
const reservations = [undefined, 4, 2, 1];

/**
 * @param repository whose built tool deploys the stack.
 * @param directory where the bench was bundled to.
 * @param say reports progress.
 */
export async function measureScale(
  repository: string,
  directory: string,
  say: (line: string) => void,
): Promise<ScaleFigures> {
  const raw = (await readFile(join(repository, 'fixtures/signups/text-plain.eml'))).toString('latin1');
  const comparisons: Comparison[] = [];
  for (const scenario of scenarios({ messages: 120, minutes: 60 })) {
    say(`on the embedded AWS: ${scenario.name}`);
    const clock = { now: Date.now() };
    const options = { now: () => clock.now };
    comparisons.push(
      await withStack(repository, directory, options, scenario.retryQueue, async (stack) => ({
        scenario: scenario.name,
        simulated: simulated(scenario),
        embedded: await onEmbedded({ ...stack, clock }, scenario, raw),
      })),
    );
  }
  for (const reserved of reservations) {
    say(`on the embedded AWS: a burst, ${reserved ?? 'nothing'} reserved`);
    const options = { delays: { invocationRetry: throttledPause } };
    const burst = (stack: Stack) => burstByRealClock(stack, reserved, raw);
    comparisons.push(await withStack(repository, directory, options, true, burst));
  }
  say('simulated: days, bursts');
  const ofDays = { capacities: capacities(), days: days(volumes), bursts: bursts() };
  say('simulated: outages');
  const ofOutages = { outages: anHoursOutage(), batches: moreBatches() };
  say('simulated: waiting agents');
  return { ...ofDays, ...ofOutages, pollings: pollings.map(pollingFigures), comparisons };
}
