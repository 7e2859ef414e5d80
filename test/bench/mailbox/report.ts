/**
 * The mailbox's figures as a table, at most 100 columns wide.
 */
import type { Spread } from '../measure/figures.js';
import type { FolderFigures } from './folders.js';
import type { MailboxFigures } from './measure.js';

export function renderMailbox({ rounds, interval, folder, inbound, folders }: MailboxFigures): string[] {
  return [
    `The mailbox: from when a message is put until waitForMail returns its link; ms, ${rounds} rounds`,
    line("put into the wallet's folder", folder),
    line('put into inbound/, and routed', inbound),
    `  It lists every ${interval} ms; mail arrives at any moment between two listings. Median, min - max.`,
    '',
    'Large folders (150 ms a page of a listing, 30 ms a message)',
    '                                       a new message                        none of them matches',
    '  messages                           found after      calls    US$ a million      read',
    ...folders.map((figures, index) => folderLine(figures, figures.size !== folders[index - 1]?.size)),
    '  Calls: pages listed + messages read. The price is that of a million such waits. Read: until all are, or for 20 s.',
    "  One by one, first page: AgentKeys' loop, which lists 1,000 keys.",
  ];
}

function folderLine(figures: FolderFigures, isFirst: boolean): string {
  const { size, contender, newest, lists, gets, price, read, reading } = figures;
  const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;
  const cells: Array<[text: string, width: number]> = [
    [isFirst ? size.toLocaleString('en-US') : '', 10],
    [`  ${contender.padEnd(22)}`, 24],
    [newest === undefined ? 'not in 20 s' : seconds(newest), 14],
    [`${lists} + ${gets}`, 11],
    [(price * 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 }), 17],
    [`${read.toLocaleString('en-US')} in ${seconds(reading)}`, 18],
  ];
  return cells.map(([text, width]) => text.padStart(width)).join('');
}

function line(name: string, { median, min, max }: Spread): string {
  const whole = (value: number) => Math.round(value).toString();
  return `  ${name.padEnd(31)}${whole(median).padStart(5)}  ${whole(min)} - ${whole(max)}`;
}
