/**
 * The mailbox's figures as a table, at most 100 columns wide.
 */
import type { Spread } from '../measure/figures.js';
import type { MailboxFigures } from './measure.js';

export function renderMailbox({ rounds, interval, folder, inbound, folders }: MailboxFigures): string[] {
  return [
    `The mailbox: from when a message is put until waitForMail returns its link; ms, ${rounds} rounds`,
    line("put into the wallet's folder", folder),
    line('put into inbound/, and routed', inbound),
    `  It lists every ${interval} ms; mail arrives at any moment between two listings. Median, min - max.`,
    '',
    'Large folders (150 ms a page of a listing, 30 ms a message): a new message, and reading all of them',
    '  messages  found after    calls    US$ a million   read in 10 s',
    ...folders.map(({ size, newest, lists, gets, price, examined }) => {
      const cells: Array<[text: string, width: number]> = [
        [size.toLocaleString('en-US'), 10],
        [`${(newest / 1_000).toFixed(1)} s`, 13],
        [`${lists} + ${gets}`, 9],
        [(price * 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 }), 17],
        [examined.toLocaleString('en-US'), 15],
      ];
      return cells.map(([text, width]) => text.padStart(width)).join('');
    }),
    '  Calls: pages listed + messages read. The price is that of a million such waits.',
  ];
}

function line(name: string, { median, min, max }: Spread): string {
  const whole = (value: number) => Math.round(value).toString();
  return `  ${name.padEnd(31)}${whole(median).padStart(5)}  ${whole(min)} - ${whole(max)}`;
}
