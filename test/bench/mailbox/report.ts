/**
 * The mailbox's figures as a table, at most 100 columns wide.
 */
import type { Spread } from '../measure/figures.js';
import type { MailboxFigures } from './measure.js';

export function renderMailbox({ rounds, interval, folder, inbound }: MailboxFigures): string[] {
  return [
    `The mailbox: from when a message is put until waitForMail returns its link; ms, ${rounds} rounds`,
    line("put into the wallet's folder", folder),
    line('put into inbound/, and routed', inbound),
    `  It looks every ${interval} ms; mail comes at any moment between two looks. Median, min - max.`,
  ];
}

function line(name: string, { median, min, max }: Spread): string {
  const whole = (value: number) => Math.round(value).toString();
  return `  ${name.padEnd(31)}${whole(median).padStart(5)}  ${whole(min)} - ${whole(max)}`;
}
