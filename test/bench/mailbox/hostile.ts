/**
 * What reading costs when a message is built to be costly: a megabyte of each shape, as much as is read of a message.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { hostileMessages } from '../../mailbox/reading/generated/hostile.js';
import type { HostileReading } from './hostile-reading.js';

/** What each message is to stay below. */
const aims = { milliseconds: 1_000, MiB: 100 };

export interface HostileFigures {
  readings: HostileReading[];
}

/** @param directory where the bench was bundled to. */
export function measureHostile(directory: string): HostileFigures {
  const script = join(directory, 'mailbox/hostile-reading.mjs');
  const readings = hostileMessages(1024).map((_, index) => {
    const reading: HostileReading = JSON.parse(String(execFileSync(process.execPath, [script, String(index)])));
    return reading;
  });
  return { readings };
}

export function renderHostile({ readings }: HostileFigures): string[] {
  const worst = (field: 'milliseconds' | 'MiB') => readings.toSorted((a, b) => b[field] - a[field]);
  const [slowest, largest] = [worst('milliseconds'), worst('MiB')];
  const line = ({ shape, milliseconds, MiB }: HostileReading) =>
    `  ${shape.padEnd(44)}${milliseconds.toFixed(0).padStart(6)}${MiB.toFixed(0).padStart(8)}`;
  const met = (field: 'milliseconds' | 'MiB') =>
    readings.every((reading) => reading[field] < aims[field]) ? 'met' : 'MISSED';
  return [
    `Reading what is built to be costly: 1 MiB of each of ${readings.length} shapes, each in a new process`,
    `  the slowest ten${' '.repeat(31)}ms     MiB`,
    ...slowest.slice(0, 10).map(line),
    '  the ten that take most memory',
    ...largest.slice(0, 10).map(line),
    `  aim: < ${aims.milliseconds} ms, ${met('milliseconds')}; < ${aims.MiB} MiB more than before, ${met('MiB')}`,
  ];
}
