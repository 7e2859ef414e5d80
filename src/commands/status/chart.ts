/**
 * The mail of the last day as a small chart: a row for each outcome, a cell for each hour. Pure.
 */
import type { Paint, Tone } from '../../terminal/host.js';
import { asTime, number } from '../../terminal/text.js';
import type { Hour } from './metrics.js';

/** How a chart is drawn. */
export interface ChartLook {
  /** Columns. */
  width: number;
  /** Whether the terminal shows more than US-ASCII. */
  unicode: boolean;
  paint: Paint;
}

type Outcome = 'routed' | 'stayed' | 'failed';

const tones: Record<Outcome, Tone> = { routed: 'good', stayed: 'notice', failed: 'bad' };

/** No mail, the levels above it, and unknown. */
const marks = {
  unicode: { none: '·', levels: [...'▁▂▃▄▅▆▇█'], unknown: '?' },
  ascii: { none: '.', levels: [...'123456789'], unknown: '?' },
};

const labelWidth = 9;

/** Each row has a scale of its own: its highest cell is the number at its end. Empty if there are no hours. */
export function renderChart(hours: readonly Hour[], { width, unicode, paint }: ChartLook): string[] {
  const { none, levels, unknown } = unicode ? marks.unicode : marks.ascii;
  const cell = hours.length * 2 + labelWidth + 10 <= width ? 2 : 1;
  const row = (outcome: Outcome): string => {
    const most = Math.max(0, ...hours.map(({ mail }) => mail?.[outcome] ?? 0));
    const mark = ({ mail }: Hour): string => {
      if (mail === undefined) return unknown;
      const value = mail[outcome];
      return value === 0 ? none : String(levels[Math.ceil((value / most) * levels.length) - 1]);
    };
    const cells = hours.map((one) => mark(one).repeat(cell)).join('');
    const scale = ` ${number(most)}/h`;
    const fits = labelWidth + cells.length + scale.length <= width;
    return `  ${outcome.padEnd(labelWidth - 2)}${paint(cells, tones[outcome])}${most > 0 && fits ? scale : ''}`;
  };
  const [first] = hours;
  if (first === undefined) return [];
  const start = asTime(first.from).slice(11, 16);
  const end = 'now';
  const axis = `${' '.repeat(labelWidth)}${start}Z${end.padStart(hours.length * cell - start.length - 1)}`;
  return [
    ...(['routed', 'stayed', 'failed'] as const).map(row),
    axis,
    ...(hours.every(({ mail }) => mail !== undefined) ? [] : [`  ${unknown} unknown: no metrics of that hour`]),
  ];
}
