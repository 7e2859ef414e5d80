/**
 * Agents that wait for mail: what their listings cost, and when S3 refuses them.
 */
import { prices } from '../../docs/costs.js';
import { type Times, timesOf } from './figures.js';
import { Random } from './model/random.js';
import { RateLimit } from './model/rate.js';
import { onAws } from './model/setup.js';
import { Timeline } from './model/timeline.js';

export interface Polling {
  agents: number;
  /** Between the end of a listing and the next one; seconds. */
  interval: number;
  partitions: number;
}

export interface PollingFigures extends Polling {
  /** Listings that were sent in a second, on average, and the share that S3 refused. */
  perSecond: number;
  refused: number;
  /** US dollars an hour, while all of them wait. S3 does not charge for 503. */
  perHour: number;
  /** From the copy of a message until the listing that shows it has been answered. */
  found: Times;
  /** The share whose mail was not found within 25 seconds. */
  missed: number;
}

/** How long the agents wait, and when their mail comes; seconds. */
const length = 60;
const mailFrom = 5;
const mailTo = 35;

/** Seconds. */
const patience = 25;

/** The longest pause after failures, as in src/mailbox/watch.ts; seconds. */
const longestPause = 30;

/** The intervals of the library: `waitForMail`, and `fetchViaSesS3` as AgentKeys has it; then longer ones. */
export const pollings: Polling[] = [
  ...[10, 1_000].flatMap((agents) => [1, 2].map((interval) => ({ agents, interval, partitions: 1 }))),
  { agents: 5_000, interval: 1, partitions: 1 },
  { agents: 100_000, interval: 1, partitions: 1 },
  { agents: 100_000, interval: 30, partitions: 1 },
  { agents: 100_000, interval: 1, partitions: 16 },
];

export function pollingFigures(polling: Polling): PollingFigures {
  const { agents, interval, partitions } = polling;
  const { s3 } = onAws();
  const timeline = new Timeline();
  const random = new Random(1);
  const reads = new RateLimit('S3 reads', s3.reads * partitions);
  const arrived = Array.from({ length: agents }, () => mailFrom + random.next() * (mailTo - mailFrom));
  const found = arrived.map(() => Number.NaN);
  let sent = 0;

  /** One listing, with the SDK's attempts; then the next one. */
  const list = (agent: number, attempt: number, pause: number): void => {
    if (timeline.now >= length) return;
    const asked = timeline.now;
    const accepted = reads.take(asked);
    sent++;
    timeline.after(random.lognormal(s3.get), () => {
      if (accepted) {
        // Whoever has its mail goes on: the number that waits stays the same.
        if (Number.isNaN(found[agent]) && (arrived[agent] ?? 0) <= asked) found[agent] = timeline.now;
        timeline.after(interval, () => list(agent, 1, interval));
      } else if (attempt < s3.attempts) {
        timeline.after(random.next() * s3.retry.throttled.pause * 2 ** (attempt - 1), () =>
          list(agent, attempt + 1, pause),
        );
      } else {
        const longer = Math.max(interval, Math.min(pause * 2, longestPause));
        timeline.after(longer, () => list(agent, 1, longer));
      }
    });
  };
  for (let agent = 0; agent < agents; agent++) timeline.at(random.next() * interval, () => list(agent, 1, interval));
  timeline.run();
  const answered = sent - reads.refused;
  return {
    ...polling,
    perSecond: sent / length,
    refused: reads.refused / sent,
    perHour: (answered / length) * 3_600 * prices.copy.dollars,
    found: timesOf({ arrived, routed: found }),
    missed: found.filter((time, agent) => !(time - (arrived[agent] ?? 0) <= patience)).length / agents,
  };
}
