/** docs/logs-and-metrics.md names exactly what is written. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { UnknownEventError } from '../../handler/event.js';
import { CopiesFailedError, DeadlineError, type Failure, S3CallError, UnexpectedError } from '../../handler/failure.js';
import { logLine, type Result } from '../../handler/log.js';
import { reasons } from '../../handler/mail/decide.js';
import { METRIC_NAMESPACE, METRIC_UNITS } from '../../handler/metrics.js';

const page = readFileSync(new URL('../../docs/logs-and-metrics.md', import.meta.url), 'utf8');

/** The part under a heading. */
const part = (heading: string) => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
/** The cells of a part's table, row by row. */
const rows = (heading: string) =>
  [...part(heading).matchAll(/^\| (`.*) \|$/gm)].map(([, row]) => String(row).split(' | '));
const quoted = (text = '') => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name));

const call = new S3CallError('CopyObject', {
  name: 'PreconditionFailed',
  Condition: 'x-amz-copy-source-If-Match',
  $metadata: { httpStatusCode: 412, requestId: 'R', attempts: 1 },
});
const failures: Failure[] = [
  call,
  new CopiesFailedError([call, call]),
  new DeadlineError(),
  new UnknownEventError('it is blue'),
  new UnexpectedError(new TypeError()),
];
const wallets = [`0x${'1'.repeat(40)}`];
const results: Result[] = [
  { outcome: 'routed', wallets, by: 'envelope', headerBytesRead: 2048, deleted: true },
  { outcome: 'routed', wallets, by: 'headers', headerBytesRead: 4096 },
  ...reasons.map((reason): Result => ({ outcome: 'skipped', reason, wallets, headerBytesRead: 1 })),
  ...failures.map((error): Result => ({ outcome: 'failed', error })),
];
const lines = results.map((result) => {
  const queued = { attempt: 1, dropped: true };
  const invocation = { functionName: 'f', requestId: 'r', key: 'inbound/abc', ...queued, started: 1, ended: 2 };
  return JSON.parse(logLine(result, invocation, 'info'));
});
const namesIn = (objects: object[]) => [...new Set(objects.flatMap(Object.keys))].sort();

t.test('the fields', async (t) => {
  t.strictSame(
    rows('The line')
      .flatMap(([field]) => quoted(field))
      .sort(),
    namesIn(lines),
  );
  const values = rows('The line').flatMap(([field, told]) => quoted(told).map((value) => [field, value]));
  const told = (field: string) => values.filter(([name]) => name === `\`${field}\``).map(([, value]) => value);
  for (const field of ['level', 'outcome', 'by']) {
    const written = lines.flatMap((line) => line[field] ?? []);
    t.strictSame(told(field).sort(), [...new Set(written)].sort(), field);
  }
});

t.test('the metrics, their units and dimensions', async (t) => {
  t.match(part('The metrics'), `In the namespace \`${METRIC_NAMESPACE}\``);
  t.strictSame(
    rows('The metrics').map(([name, unit]) => [...quoted(name), unit]),
    Object.entries(METRIC_UNITS),
  );
  const written = lines.flatMap(({ _aws }) =>
    _aws.CloudWatchMetrics.flatMap((directive: { Dimensions: string[][]; Metrics: { Name: string }[] }) =>
      directive.Metrics.flatMap(({ Name }) => directive.Dimensions.map((set) => `${Name} by ${set.join(' and ')}`)),
    ),
  );
  const told = rows('The metrics').flatMap(([name, , sets]) =>
    String(sets)
      .split('; ')
      .map((set) => `${quoted(name)} by ${quoted(set).join(' and ')}`),
  );
  t.strictSame(told.sort(), [...new Set(written)].sort());
});

t.test('the failures', async (t) => {
  t.strictSame(
    rows('Failures')
      .flatMap(([name]) => quoted(name))
      .sort(),
    failures.map(({ name }) => name).sort(),
  );
  const fields = [...part('Failures').matchAll(/`error\.(\w+)`/g)].map(([, name]) => String(name));
  const written = lines.flatMap(({ error }) => error ?? []);
  t.strictSame(namesIn([Object.fromEntries(fields.map((name) => [name, 0]))]), namesIn(written));
});

t.test('the alarms and the queries', async (t) => {
  const known = new Set([...namesIn(lines), ...Object.keys(METRIC_UNITS), 'AsyncEventsDropped']);
  for (const [, metric] of page.matchAll(/--metric-name (\w+)/g)) t.ok(known.has(String(metric)), String(metric));
  for (const [, space] of page.matchAll(/--namespace (?!AWS\/)(\S+)/g)) t.equal(space, METRIC_NAMESPACE);
  for (const [, dimension] of page.matchAll(/Name=(\w+),/g)) t.ok(known.has(String(dimension)), String(dimension));
  for (const [, reason] of page.matchAll(/Reason(?: = "|,Value=)([a-z-]+)/g))
    t.ok(
      reasons.some((one) => one === reason),
      String(reason),
    );
  const queries = part('Queries for Logs Insights').match(/^ {4}.+$/gm) ?? [];
  t.equal(queries.length, 3);
  for (const query of queries) {
    for (const [, field] of query.matchAll(/(?:filter|by|fields @timestamp,) (\w+)/g))
      t.ok(known.has(String(field)), String(field));
  }
});
