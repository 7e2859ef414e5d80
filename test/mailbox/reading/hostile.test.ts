/**
 * The time that a message takes to read grows with its length and no faster, whatever its shape. Measured as processor time, which other
 * processes don't lengthen much; a bench (`npm run bench -- --only hostile`) measures a megabyte of each.
 */
import t from 'tap';
import { readMessage } from '../../../src/mailbox/reading/message.js';
import { hostileMessages } from './generated/hostile.js';

const SIZE = 40 * 1024;
const TIMES = 5;

/** Below this, the compiler and the garbage collector decide; milliseconds. */
const FLOOR = 60;

/** How often a shape is measured at most: a busy machine disturbs one time, not each. */
const ATTEMPTS = 4;

async function processorTime(raw: Buffer): Promise<number> {
  const began = process.cpuUsage();
  await readMessage({ id: 'x', arrived: new Date() }, raw, true);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

/** Twice as much as linear growth would be: of n² it is two and a half times more. */
async function isLinear(small: Buffer, large: Buffer): Promise<boolean> {
  const before = await processorTime(small);
  return (await processorTime(large)) < FLOOR + 2 * TIMES * before;
}

const large = new Map(hostileMessages(SIZE * TIMES));

for (const [shape, raw] of hostileMessages(SIZE))
  t.test(shape, async (t) => {
    let linear = false;
    for (let attempt = 0; attempt < ATTEMPTS && !linear; attempt++)
      linear = await isLinear(raw, large.get(shape) as Buffer);
    t.ok(linear, `${TIMES} times as long takes no more than ${2 * TIMES} times the time`);
  });
