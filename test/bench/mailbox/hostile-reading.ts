/**
 * What reading one hostile message takes. A process of its own, for the peak of its memory; it writes one line of JSON.
 */
import { readMessage } from '../../../src/mailbox/reading/message.js';
import { hostileMessages } from '../../mailbox/reading/generated/hostile.js';

export interface HostileReading {
  shape: string;
  /** Wall time, milliseconds. */
  milliseconds: number;
  /** By how much the peak of the process's memory grew. */
  MiB: number;
}

const stored = { id: 'x', arrived: new Date() };
const [shape, raw] = hostileMessages(1024 * 1024)[Number(process.argv[2])] as [string, Buffer];
const peak = () => process.resourceUsage().maxRSS / 1024;

await readMessage(stored, Buffer.from('Content-Type: text/html\r\n\r\n<p>x https://a.example/'), true);
const before = peak();
const began = performance.now();
// Some are refused.
await readMessage(stored, raw, true).catch(() => undefined);
const reading: HostileReading = { shape, milliseconds: performance.now() - began, MiB: peak() - before };
console.log(JSON.stringify(reading));
