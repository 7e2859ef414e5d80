/**
 * How long a decision takes, of the bytes that the function reads first. A process of its own, so that any Node.js can be asked;
 * it writes one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decide } from '../../../handler/mail/decide.js';

/** The first range that the function reads, bytes. */
const firstRange = 2048;
const rounds = 15;
const decisionsARound = 2_000;

/** Microseconds a decision, a round each. */
export interface DecisionTimes {
  file: string;
  microseconds: number[];
}

const [, , directory = ''] = process.argv;
const { mailDomain, prefixes, messages }: { mailDomain: string; prefixes: string[]; messages: { file: string }[] } =
  JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
const times: DecisionTimes[] = messages.map(({ file }) => ({ file, microseconds: [] }));
for (let round = 0; round <= rounds; round++) {
  for (const { file, microseconds } of times) {
    const bytes = readFileSync(join(directory, file));
    const header = bytes.subarray(0, firstRange);
    const complete = bytes.length <= firstRange;
    const started = performance.now();
    for (let decision = 0; decision < decisionsARound; decision++) decide(header, complete, { mailDomain, prefixes });
    // The first round is for the compiler.
    if (round > 0) microseconds.push(((performance.now() - started) / decisionsARound) * 1_000);
  }
}
console.log(JSON.stringify(times));
