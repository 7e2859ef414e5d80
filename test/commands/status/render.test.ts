/** The screen, line by line. */
import t from 'tap';
import { statusAsJson } from '../../../src/commands/status/json.js';
import { renderStatus } from '../../../src/commands/status/render.js';
import type { Status } from '../../../src/commands/status/report.js';

const at = new Date('2026-11-25T22:39:24Z');
const counts = {
  invocations: 1_240,
  errors: 9,
  throttled: 0,
  droppedByLambda: 2,
  droppedByEventBridge: 1,
  routed: 1_000,
  stayed: 231,
  failed: 9,
  sentByEventBridge: 0,
  notSentByEventBridge: 0,
  notSentByLambda: 0,
};

const whole: Status = {
  header: { account: '111122223333', partition: 'aws', region: 'us-east-1', caller: 'arn:x', bucket: 'a-bucket' },
  code: {
    deployed: { how: 'other', version: '0.0.9+aaaaaaaaaaaa' },
    here: '0.1.0+bbbbbbbbbbbb',
    lastModified: new Date('2026-11-24T22:39:24Z'),
  },
  resources: [
    { state: 'in sync', resource: 'mail bucket', name: 'a-bucket', differences: [] },
    {
      state: 'drifted',
      resource: 'function',
      name: 'f',
      differences: [
        { field: 'memory', from: '1', to: '2' },
        { field: 'tag a', to: 'b' },
        { field: 'environment X', from: 'y' },
        { field: 'tag role', from: 'AROA', to: '<id of the execution role>' },
      ],
      lastModified: new Date('2026-11-24T22:39:24Z'),
    },
    { state: 'missing', resource: 'rule', name: 'r', differences: [{ field: 'state', to: 'ENABLED' }] },
    { state: 'foreign', resource: 'execution role', name: 'x', differences: [] },
    { state: 'obsolete', resource: 'notification', name: 'n', note: 'it goes', differences: [] },
    { state: 'note', resource: 'broad grant', name: 'b', note: 'reads more', differences: [] },
  ],
  services: [
    { service: 'openrouter', prefix: 'or' },
    { service: 'groq', prefix: 'groq', termsReviewed: '2026-11-20' },
  ],
  mail: { inbound: { value: new Date('2026-11-25T22:37:24Z') }, routed: { value: undefined } },
  eventBridge: { on: true, others: [], since: new Date('2026-11-25T20:00:00Z') },
  retries: {
    waiting: { value: 2 },
    why: {
      oldest: { value: 312 },
      lastFailure: { value: { at: new Date('2026-11-25T22:38:24Z'), reason: 'S3CallError: no\x1b access' } },
    },
  },
  notLookedAt: ['the newest mail (--no-mail)'],
  lastDay: {
    value: {
      since: new Date('2026-11-24T22:00:00Z'),
      counts,
      hours: [
        { from: new Date('2026-11-24T22:00:00Z') },
        { from: new Date('2026-11-24T23:00:00Z'), mail: { routed: 3, stayed: 2, failed: 1 } },
      ],
      queued: 0,
      dropped: {
        events: 3,
        firstHour: new Date('2026-11-25T15:00:00Z'),
        storedSince: new Date('2026-11-24T09:00:00Z'),
      },
    },
  },
  alarms: {
    value: [
      { name: 'f-errors', state: 'OK', since: '2026-11-25T15:10:00Z', tells: ['arn:aws:sns:us-east-1:1:ops'] },
      {
        name: 'f-throttles',
        state: 'ALARM',
        since: '2026-11-25T22:30:00Z',
        reason: 'Threshold Crossed: 1 out of the last 1 datapoints.',
        tells: [],
      },
    ],
  },
  functionName: 'f',
  next: 'npx --no agentkeys-ses-routing backfill --since 2026-11-24T09:00:00Z',
  at,
};

const unpainted = (text: string) => text;

t.test('every section and every state', async (t) => {
  t.strictSame(renderStatus(whole, unpainted, 80), [
    'agentkeys-ses-routing in account 111122223333 (aws), region us-east-1',
    '  bucket    a-bucket',
    '  version   0.0.9+aaaaaaaaaaaa; this version: 0.1.0+bbbbbbbbbbbb',
    '',
    'in sync   mail bucket      a-bucket',
    'drifted   function         f',
    '            memory: 1, should be 2',
    '            tag a: not set, should be b',
    '            environment X: y, should not be set',
    '            tag role: AROA, should be (known after apply)',
    '            last modified 24 h 0 min ago, 2026-11-24T22:39:24Z',
    'missing   rule             r',
    'foreign   execution role   x',
    '            not created by this tool (no tag); take it over with `deploy',
    '              --adopt`',
    'obsolete  notification     n',
    '            it goes',
    'note      broad grant      b',
    '            reads more',
    '',
    'Services',
    '  openrouter             or-0x…; no review of its terms is recorded',
    '  groq                   groq-0x…; terms reviewed on 2026-11-20',
    '',
    'Mail',
    '  newest in inbound/     2 min ago, 2026-11-25T22:37:24Z',
    '  newest routed copy     none yet',
    '  EventBridge            on since 2026-11-25T20:00:00Z',
    '  retry queue            2 events wait to be retried',
    '                         age of the oldest: 5 min',
    '                         last failure: S3CallError: no  access (60 s ago,',
    '                         2026-11-25T22:38:24Z)',
    'Last 24 hours (since 2026-11-24T22:00:00Z)',
    '  invocations 1,240   errors 9   throttled 0   dropped 3',
    '  routed 1,000   stayed 231   failed 9   queued 0',
    '  Lambda or EventBridge dropped events, first in the hour from',
    '  2026-11-25T15:00:00Z. Their messages are still in inbound/; if you have not',
    '  done so since, route them with:',
    '    npx --no agentkeys-ses-routing backfill --since 2026-11-24T09:00:00Z',
    'Alarms',
    '  told                   arn:aws:sns:us-east-1:1:ops',
    '  tell nobody            throttles',
    '  errors                 OK since 2026-11-25T15:10:00Z',
    '  throttles              ALARM since 2026-11-25T22:30:00Z: Threshold Crossed: 1',
    '                         out of the last 1 datapoints.',
    '',
    'Not looked at: the newest mail (--no-mail).',
    '',
    '1 missing, 1 drifted, 1 foreign, 1 obsolete: `deploy` fixes it, `deploy',
    '--dry-run` shows how.',
  ]);
});

t.test('the colours', async (t) => {
  const painted: string[] = [];
  renderStatus(whole, (text, tone) => `${painted.push(`${tone}: ${text.trim()}`)}`, 80);
  t.strictSame(painted, [
    'quiet: in sync   mail bucket      a-bucket',
    'change: drifted   function         f',
    'bad: missing   rule             r',
    'ownership: foreign   execution role   x',
    'bad: obsolete  notification     n',
    'notice: note      broad grant      b',
    'bad: dropped 3',
    'change: 1 missing, 1 drifted, 1 foreign, 1 obsolete: `deploy` fixes it, `deploy',
    'change: --dry-run` shows how.',
  ]);
});

t.test("a clock behind S3's never yields a negative age", async (t) => {
  const mail = { inbound: { value: new Date(at.getTime() + 5_000) }, routed: { unknown: 'No.' } };
  const lines = renderStatus({ ...whole, mail }, unpainted, 80);
  t.ok(lines.includes('  newest in inbound/     0 s ago, 2026-11-25T22:39:29Z'));
  t.ok(lines.includes('  newest routed copy     unknown: No.'));
  t.match(statusAsJson({ ...whole, mail }), { mail: { inbound: { ageSeconds: 0 }, routed: { unknown: 'No.' } } });
});

t.test('as a document', async (t) => {
  const { resources, header } = whole;
  t.strictSame(JSON.parse(JSON.stringify(statusAsJson(whole))), {
    version: 1,
    outcome: 'drifted',
    at: '2026-11-25T22:39:24Z',
    header,
    function: {
      deployed: 'other',
      version: '0.0.9+aaaaaaaaaaaa',
      here: '0.1.0+bbbbbbbbbbbb',
      lastModified: '2026-11-24T22:39:24Z',
    },
    resources: resources.map((one) =>
      one.lastModified === undefined ? one : { ...one, lastModified: '2026-11-24T22:39:24Z' },
    ),
    services: [
      { service: 'openrouter', prefix: 'or', termsReviewed: null },
      { service: 'groq', prefix: 'groq', termsReviewed: '2026-11-20' },
    ],
    mail: { inbound: { at: '2026-11-25T22:37:24Z', ageSeconds: 120 }, routed: null },
    eventBridge: { on: true, otherDestinations: [], since: '2026-11-25T20:00:00Z' },
    alarms: 'value' in whole.alarms && whole.alarms.value,
    retryQueue: {
      waiting: 2,
      oldestSeconds: 312,
      lastFailure: { at: '2026-11-25T22:38:24Z', reason: 'S3CallError: no\x1b access' },
    },
    notLookedAt: ['the newest mail (--no-mail)'],
    last24Hours: {
      hours: [
        { from: '2026-11-24T22:00:00Z', mail: null },
        { from: '2026-11-24T23:00:00Z', mail: { routed: 3, stayed: 2, failed: 1 } },
      ],
      since: '2026-11-24T22:00:00Z',
      invocations: 1_240,
      errors: 9,
      throttled: 0,
      dropped: 3,
      routed: 1_000,
      stayed: 231,
      failed: 9,
      queued: 0,
      firstDroppedInHourFrom: '2026-11-25T15:00:00Z',
    },
    next: 'npx --no agentkeys-ses-routing backfill --since 2026-11-24T09:00:00Z',
  });
});

t.test('what the retry queue holds', async (t) => {
  const unknown = 'denied';
  const cases: Array<[retries: Status['retries'], lines: string[], json: object | null]> = [
    [undefined, ['none: the mail of events that fail waits in inbound/', 'for backfill'], null],
    [{ waiting: { unknown } }, ['unknown: denied'], { waiting: { unknown } }],
    [{ waiting: { value: 0 } }, ['empty'], { waiting: 0 }],
    [
      { waiting: { value: 1 }, why: { oldest: { value: 12.9 }, lastFailure: { value: undefined } } },
      ['1 event waits to be retried', 'age of the oldest: 13 s', 'last failure: none in the log'],
      { waiting: 1, oldestSeconds: 12, lastFailure: null },
    ],
    [
      { waiting: { value: 3 }, why: { oldest: { unknown }, lastFailure: { unknown } } },
      ['3 events wait to be retried', 'age of the oldest: unknown: denied', 'last failure: unknown: denied'],
      { waiting: 3, oldestSeconds: { unknown }, lastFailure: { unknown } },
    ],
  ];
  for (const [retries, lines, json] of cases) {
    const { retries: _with, ...without } = whole;
    const status: Status = retries === undefined ? without : { ...without, retries };
    const shown = renderStatus(status, unpainted, 80);
    const start = shown.findIndex((line) => line.startsWith('  retry queue '));
    const end = shown.findIndex((line) => line.startsWith('Last 24'));
    t.strictSame(
      shown.slice(start, end).map((line) => line.slice(25)),
      lines,
    );
    t.strictSame(statusAsJson(status).retryQueue, json);
  }
  t.match(statusAsJson(whole).retryQueue, { lastFailure: { at: '2026-11-25T22:38:24Z' } });
});
