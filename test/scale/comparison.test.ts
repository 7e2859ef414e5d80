/**
 * The simulator of the bench and the embedded AWS, on the same small cases: docs/scaling.md rests on it.
 */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { difference, type Quantities, simulated } from '../bench/scale/compare/compare.js';
import { onEmbedded } from '../bench/scale/compare/embedded.js';
import { scenarios } from '../bench/scale/compare/scenarios.js';
import { startOperator } from '../support/operator.js';

const raw = (await readFile('fixtures/signups/text-plain.eml')).toString('latin1');

/** What is the same on both, to the last one. How the retry queue's records fall into batches, and so `runs`, depends on the machine. */
const exact: Array<keyof Quantities> = [
  ...(['routed', 'left', 'attempts', 'copies', 'queued', 'p50', 'p99', 'last'] as const),
];

for (const scenario of scenarios({ messages: 12, minutes: 12 })) {
  t.test(scenario.name, async (t) => {
    const clock = { now: Date.now() };
    const operator = await startOperator(t, { now: () => clock.now });
    const env = { AGENTKEYS_SES_ROUTING_RETRY_QUEUE: String(scenario.retryQueue) };
    const deploy = await operator.run(['deploy', '--mail-domain', 'bots.litentry.org'], { env });
    t.equal(deploy.status, 0, deploy.stderr);
    const embedded = await onEmbedded({ ...operator, clock }, scenario, raw);
    const expected = simulated(scenario);
    for (const quantity of exact) {
      const [own, other] = [expected[quantity], embedded[quantity]];
      t.equal(difference(own, other), 0, `${quantity}: simulated ${own}, embedded AWS ${other}`);
    }
    t.ok(embedded.runs >= embedded.attempts / 10 && embedded.runs <= embedded.attempts);
    // S3's answers have the time of the moved clock: the SDK takes a 403 that is minutes ahead for its own clock's fault, and sends the call again.
    const most = scenario.faults.some(({ kind }) => kind === 'role') ? 2 : 1;
    for (const quantity of ['gets', 'lists'] as const) {
      const [own, other] = [expected[quantity], embedded[quantity]];
      t.ok(own <= other && other <= own * most, `${quantity}: simulated ${own}, embedded AWS ${other}`);
    }
  });
}
