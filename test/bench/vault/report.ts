/**
 * The vault's figures as a table, at most 100 columns wide.
 */
import type { VaultFigures } from './measure.js';

export function renderVault({ rounds, latency, size, operations }: VaultFigures): string[] {
  return [
    `The vault: a secret of ${size} bytes, each call ${latency} ms slower than loopback; ms, ${rounds} rounds`,
    '                             median  min - max   calls  chain',
    ...operations.map(({ name, time: { median, min, max }, calls, chain }) =>
      [
        `  ${name.padEnd(25)}`,
        whole(median).padStart(8),
        `${whole(min)} - ${whole(max)}`.padStart(11),
        String(calls).padStart(8),
        String(chain).padStart(7),
      ].join(''),
    ),
    '  In the library, with the session and the connections that are there; the signer is in the process.',
    '  PutObject and GetObject: the same bytes without encryption, by the SDK.',
  ];
}

const whole = (value: number): string => Math.round(value).toString();
