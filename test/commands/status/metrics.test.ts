/** How CloudWatch's answers are summed up. */
import t from 'tap';
import { hoursOf, summary } from '../../../src/commands/status/metrics.js';

const since = new Date('2026-11-24T22:00:00Z');
const at = (hour: string) => new Date(`2026-11-25T${hour}:00:00Z`);
const none = {
  invocations: 0,
  errors: 0,
  throttled: 0,
  droppedByLambda: 0,
  droppedByEventBridge: 0,
  routed: 0,
  stayed: 0,
  failed: 0,
  sentByEventBridge: 0,
  notSentByEventBridge: 0,
  notSentByLambda: 0,
};
/** A stack without a retry queue. */
const noQueue = { ofTarget: false };

t.test('no data', async (t) => {
  t.strictSame(summary([], since, noQueue), { since, counts: none, queued: 0 });
  t.strictSame(summary([{ Id: 'invocations', StatusCode: 'Complete' }], since, noQueue), {
    since,
    counts: none,
    queued: 0,
  });
});

t.test('a metric is summed over hours and pages', async (t) => {
  const { counts } = summary(
    [
      { Id: 'routed', Timestamps: [at('01'), at('02')], Values: [3, 4] },
      { Id: 'stayed', Timestamps: [at('01')], Values: [1] },
      { Id: 'routed', Timestamps: [at('03')], Values: [5] },
    ],
    since,
    noQueue,
  );
  t.strictSame(counts, { ...none, routed: 12, stayed: 1 });
});

t.test('the earliest time at which dropped mail may have been stored', async (t) => {
  const cases = [
    {
      name: 'by EventBridge, which retries for a day; hours without drops do not count',
      results: [
        { Id: 'droppedByEventBridge', Timestamps: [at('05'), at('06'), at('07')], Values: [0, 2, 1] },
        { Id: 'droppedByLambda', Timestamps: [at('05')], Values: [0] },
      ],
      dropped: { events: 3, firstHour: at('06'), storedSince: new Date('2026-11-24T06:00:00Z') },
    },
    {
      name: 'by Lambda, which retries for six hours after a day in EventBridge; in any order',
      results: [{ Id: 'droppedByLambda', Timestamps: [at('09'), at('08')], Values: [1, 1] }],
      dropped: { events: 2, firstHour: at('08'), storedSince: new Date('2026-11-24T02:00:00Z') },
    },
    {
      name: 'by both: what was stored first need not have been dropped first',
      results: [
        { Id: 'droppedByLambda', Timestamps: [at('08')], Values: [1] },
        { Id: 'droppedByEventBridge', Timestamps: [at('06')], Values: [1] },
      ],
      dropped: { events: 2, firstHour: at('06'), storedSince: new Date('2026-11-24T02:00:00Z') },
    },
  ];
  for (const { name, results, dropped } of cases) t.strictSame(summary(results, since, noQueue).dropped, dropped, name);
});

t.test("a metric that CloudWatch can't return", async (t) => {
  for (const StatusCode of ['InternalError', 'Forbidden'] as const)
    t.throws(() => summary([{ Id: 'errors', Label: 'Errors', StatusCode }], since, noQueue), {
      name: 'OperatorError',
      message: `CloudWatch could not return the metric Errors (${StatusCode}).`,
    });
  t.doesNotThrow(
    () => summary([{ Id: 'errors', StatusCode: 'PartialData' }], since, noQueue),
    'the next page has the rest',
  );
});

t.test('what the retry queue got is not lost', async (t) => {
  const created = at('05').getTime() - 60_000;
  const use = { ofTarget: true, ofFunctionSince: created };
  const metric = (Id: string, ...hours: Array<[string, number]>) => ({
    Id,
    Timestamps: hours.map(([hour]) => at(hour)),
    Values: hours.map(([, value]) => value),
  });
  const failures = metric('droppedByEventBridge', ['06', 3]);
  const cases = [
    {
      name: 'all of both',
      results: [failures, metric('sentByEventBridge', ['06', 3]), metric('droppedByLambda', ['07', 2])],
      queued: 5,
    },
    {
      name: 'at the turn of an hour',
      results: [failures, metric('sentByEventBridge', ['06', 2], ['07', 1])],
      queued: 3,
    },
    {
      name: "EventBridge's before there was a queue",
      results: [metric('droppedByEventBridge', ['03', 1], ['06', 3]), metric('sentByEventBridge', ['06', 3])],
      queued: 3,
      lost: 1,
      firstHour: at('03'),
    },
    {
      name: 'what EventBridge could not send, whether it counts as failed or not',
      results: [metric('sentByEventBridge', ['06', 3]), metric('notSentByEventBridge', ['07', 1]), failures],
      queued: 2,
      lost: 1,
      firstHour: at('07'),
    },
    {
      name: "Lambda's before there was a queue, and in that hour",
      results: [metric('droppedByLambda', ['03', 1], ['04', 1], ['05', 1])],
      queued: 1,
      lost: 2,
      firstHour: at('03'),
    },
    {
      name: 'what Lambda could not send; what others get of events that succeeded does not count',
      results: [metric('droppedByLambda', ['06', 1]), metric('notSentByLambda', ['06', 4])],
      queued: 0,
      lost: 1,
      firstHour: at('06'),
    },
    {
      name: 'slots that others use',
      use: { ofTarget: false },
      results: [failures, metric('sentByEventBridge', ['06', 3]), metric('droppedByLambda', ['06', 1])],
      queued: 0,
      lost: 4,
      firstHour: at('06'),
    },
  ];
  for (const { name, results, queued, lost, firstHour, ...given } of cases) {
    const day = summary(results, since, given.use ?? use);
    t.equal(day.queued, queued, name);
    t.equal(day.dropped?.events, lost, name);
    t.strictSame(day.dropped?.firstHour, firstHour, name);
  }
});

t.test('the hours: zero without invocations, unknown where the function ran and left no metrics', async (t) => {
  const metric = (Id: string, values: Record<string, number>, StatusCode: 'Complete' | 'PartialData' = 'Complete') => ({
    Id,
    StatusCode,
    Timestamps: Object.keys(values).map(at),
    Values: Object.values(values),
  });
  const all = [
    metric('invocations', { '02': 3, '03': 1, '04': 0 }),
    metric('routed', { '02': 2 }),
    metric('stayed', { '02': 0 }),
    metric('failed', { '02': 1 }),
    metric('routed', { '05': 1 }),
  ];
  const hours = (results: typeof all) => hoursOf(results, at('01').getTime(), at('05').getTime());
  const zero = { routed: 0, stayed: 0, failed: 0 };
  t.strictSame(hours(all), [
    { from: at('01'), mail: zero },
    { from: at('02'), mail: { routed: 2, stayed: 0, failed: 1 } },
    { from: at('03') },
    { from: at('04'), mail: zero },
    // Only one of the three outcomes has arrived.
    { from: at('05') },
  ]);
  const cut = hours([...all, metric('failed', {}, 'PartialData')]);
  t.strictSame(
    cut.map(({ mail }) => mail !== undefined),
    [false, true, false, false, false],
    'CloudWatch has more of a metric',
  );
});
