/**
 * The figures as a table, at most 100 columns wide.
 */
import type { BackfillFigures } from './backfill/measure.js';
import { renderBackfill } from './backfill/report.js';
import type { FunctionFigures } from './function/measure.js';
import { renderFunction } from './function/report.js';
import { type HostileFigures, renderHostile } from './mailbox/hostile.js';
import type { MailboxFigures } from './mailbox/measure.js';
import { renderMailbox } from './mailbox/report.js';
import type { Figures, Spread } from './measure/figures.js';
import type { StartUp } from './measure/start-up.js';
import { renderScale, type ScaleFigures } from './scale/report.js';
import type { VaultFigures } from './vault/measure.js';
import { renderVault } from './vault/report.js';

/** One contender on one endpoint. */
export interface Section {
  contender: string;
  endpoint: string;
  figures: Figures[];
  /** Why there are none. */
  skipped?: string;
}

/** The commands' figures. */
export interface DeployFigures {
  sections: Section[];
  startUp: StartUp;
}

export interface Report {
  /** What it ran on: Node.js, cores, load. */
  machine: string;
  /** Milliseconds. */
  latency: number;
  deploy?: DeployFigures;
  ofFunction?: FunctionFigures;
  backfill?: BackfillFigures;
  mailbox?: MailboxFigures;
  hostile?: HostileFigures;
  vault?: VaultFigures;
  scale?: ScaleFigures;
  /** Unexpected results. */
  remarks: string[];
}

const columns = { name: 24, median: 8, range: 15, calls: 8, writing: 9, chain: 7, memory: 12 };

export function renderReport(report: Report): string[] {
  const { machine, latency, deploy, ofFunction, backfill, mailbox, hostile, vault, scale, remarks } = report;
  return [
    `${machine}.`,
    ...(deploy === undefined ? [] : ['', ...renderDeploy(deploy, latency)]),
    ...(ofFunction === undefined ? [] : ['', ...renderFunction(ofFunction)]),
    ...(backfill === undefined ? [] : ['', ...renderBackfill(backfill)]),
    ...(mailbox === undefined ? [] : ['', ...renderMailbox(mailbox)]),
    ...(hostile === undefined ? [] : ['', ...renderHostile(hostile)]),
    ...(vault === undefined ? [] : ['', ...renderVault(vault)]),
    ...(scale === undefined ? [] : ['', ...renderScale(scale)]),
    ...(remarks.length === 0 ? [] : ['', ...remarks.map((remark) => `! ${remark}`)]),
  ];
}

function renderDeploy({ sections, startUp }: DeployFigures, latency: number): string[] {
  return [
    row('', 'time, s', 'min - max', 'calls', 'writing', 'chain', 'memory, MiB', '  aim'),
    ...sections.flatMap((section) => ['', ...renderSection(section)]),
    '',
    ...renderStartUp(startUp),
    '',
    `Medians; each call ${latency} ms slower than loopback. writing: calls that change something. chain: the`,
    'largest number of calls each of which started after the one before had ended. memory: the peak, of',
    'all processes of the command together.',
    'Every command runs as a whole process, as an operator runs it; connections are kept alive, without TLS.',
    "Terraform's destroy takes the log group and the broker's policy too; teardown keeps both.",
  ];
}

function renderSection({ contender, endpoint, figures, skipped }: Section): string[] {
  const title = `${contender}, on ${endpoint}`;
  if (skipped !== undefined) return [title, `  skipped: ${skipped}`];
  const [first] = figures;
  return [`${title}; rounds: ${first?.runs}`, ...figures.map(renderFigures)];
}

function renderFigures({ name, seconds, calls, writing, chain, peakMiB, aim }: Figures): string {
  return row(
    `  ${name}`,
    seconds.median.toFixed(2),
    `${seconds.min.toFixed(2)} - ${seconds.max.toFixed(2)}`,
    count(calls),
    count(writing),
    count(chain),
    peakMiB === undefined ? '-' : peakMiB.median.toFixed(0),
    aim === undefined ? '' : `  ${aim.text}, ${met(aim.met)}`,
  );
}

/** A count; where runs differ, its range. */
function count({ min, max }: Spread): string {
  return min === max ? String(min) : `${min}-${max}`;
}

function renderStartUp({ runs, help, bareNode, more, aim }: StartUp): string[] {
  const milliseconds = (seconds: number) => Math.round(seconds * 1_000);
  const line = (name: string, { median, min, max }: Spread) =>
    row(`  ${name}`, String(milliseconds(median)), `${milliseconds(min)} - ${milliseconds(max)}`);
  const difference = `  --help takes ${milliseconds(more)} ms more; aim: < ${milliseconds(aim)} ms, ${met(more < aim)}`;
  return [`Start-up, ms, ${runs} runs in turn`, line('node -e 0', bareNode), line('--help', help), difference];
}

function met(yes: boolean): string {
  return yes ? 'met' : 'MISSED';
}

function row(
  name: string,
  median = '',
  range = '',
  calls = '',
  writing = '',
  chain = '',
  memory = '',
  aim = '',
): string {
  const cells = [
    name.padEnd(columns.name),
    median.padStart(columns.median),
    range.padStart(columns.range),
    calls.padStart(columns.calls),
    writing.padStart(columns.writing),
    chain.padStart(columns.chain),
    memory.padStart(columns.memory),
    aim,
  ];
  return cells.join('').trimEnd();
}
