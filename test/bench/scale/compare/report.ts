/**
 * The comparison as a table.
 */
import { row, whole } from '../text.js';
import { type Comparison, difference, type Quantities } from './compare.js';

const compared: Array<[name: string, quantity: keyof Quantities]> = [
  ['routed', 'routed'],
  ['left', 'left'],
  ['tried', 'attempts'],
  ['runs', 'runs'],
  ['GET', 'gets'],
  ['COPY', 'copies'],
  ['LIST', 'lists'],
  ['queued', 'queued'],
  ['p50', 'p50'],
  ['p99', 'p99'],
  ['last', 'last'],
];

/** The difference of two figures, in percent of the embedded AWS's: `0`, `+4.2`. */
function differenceText(simulated: number, embedded: number): string {
  const value = difference(simulated, embedded);
  if (value === 0) return '0';
  return Number.isFinite(value) ? `${value > 0 ? '+' : ''}${value.toFixed(1)}` : `${simulated} for ${embedded}`;
}

/** Seconds of the clock that was moved, or of the real one. */
const clock = (seconds: number) =>
  `${seconds.toLocaleString('en-US', { maximumFractionDigits: seconds < 60 ? 2 : 0 })} s`;

export function renderComparisons(comparisons: Comparison[]): string[] {
  const cells = (texts: string[]): Array<[string, number]> => texts.map((text) => [text, 8]);
  return [
    'The simulator and the embedded AWS, on the same cases: what the embedded AWS has, and the difference in percent',
    row('', 36, ...cells(compared.map(([name]) => name))),
    ...comparisons.flatMap(({ scenario, simulated, embedded }) => [
      row(`  ${scenario}`, 36, ...cells(compared.map(([, quantity]) => quantityText(quantity, embedded)))),
      row(
        '    difference, %',
        36,
        ...cells(compared.map(([, quantity]) => differenceText(simulated[quantity], embedded[quantity]))),
      ),
    ]),
  ];
}

function quantityText(quantity: keyof Quantities, values: Quantities): string {
  const value = values[quantity];
  if (Number.isNaN(value)) return '-';
  return ['p50', 'p99', 'last'].includes(quantity) ? clock(value) : whole(value);
}
