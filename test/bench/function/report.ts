/**
 * The function's figures as a table, at most 100 columns wide.
 */
import type { Spread } from '../measure/figures.js';
import type { FunctionFigures, NodeFigures } from './measure.js';

/** Bytes. */
const largestBundle = 320_000;
/** Of the time that the untrimmed bundle takes. */
const largestShare = 0.6;

export function renderFunction({ sizes, nodes, messages }: FunctionFigures): string[] {
  const line = (name: string, value: string, more = '') =>
    `  ${name.padEnd(28)}${value.padStart(8)}  ${more}`.trimEnd();
  const kilobytes = (bytes: number) => (bytes / 1_000).toFixed(0);
  return [
    'The function',
    line('bundle, kB', kilobytes(sizes.bundle), `aim: <= 320 kB, ${met(sizes.bundle <= largestBundle)}`),
    line('zip, kB', kilobytes(sizes.zip)),
    line("with the SDK's client, kB", kilobytes(sizes.untrimmed)),
    ...nodes.flatMap((node) => ['', ...renderNode(node, line)]),
    '',
    'What a message costs           size, kB  calls  read, B  outcome',
    ...messages.map(({ file, size, calls, bytesRead, outcome }) =>
      [
        `  ${file.padEnd(28)}`,
        (size / 1_000).toFixed(1).padStart(9),
        String(calls.length).padStart(7),
        String(bytesRead).padStart(9),
        `  ${outcome}: ${calls.join(', ') || 'none'}`,
      ].join(''),
    ),
  ];
}

type Line = (name: string, value: string, more?: string) => string;

function renderNode({ version, runs, bareNode, bundle, untrimmed, decision }: NodeFigures, line: Line): string[] {
  const spread = ({ min, max }: Spread, digits = 0) => `${min.toFixed(digits)} - ${max.toFixed(digits)}`;
  const share = bundle.median / untrimmed.median;
  const own = (bundle.median - bareNode.median) / (untrimmed.median - bareNode.median);
  const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
  return [
    `Node.js ${version}, fresh processes, ms, ${runs} runs in turn`,
    line('node -e 0', bareNode.median.toFixed(0), spread(bareNode)),
    line('with the bundle', bundle.median.toFixed(0), spread(bundle)),
    line("with the SDK's client", untrimmed.median.toFixed(0), spread(untrimmed)),
    `  the bundle takes ${percent(share)} of that; aim: <= 60 %, ${met(share <= largestShare)}; without node -e 0 itself: ${percent(own)}`,
    line('a decision, microseconds', decision.median.toFixed(1), `${spread(decision, 1)}, over the fixtures`),
  ];
}

function met(yes: boolean): string {
  return yes ? 'met' : 'MISSED';
}
