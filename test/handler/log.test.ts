import t from 'tap';
import { UnknownEventError } from '../../handler/event.js';
import { CopiesFailedError, DeadlineError, S3CallError, UnexpectedError } from '../../handler/failure.js';
import { levelOf, logLine, type Result } from '../../handler/log.js';
import { MOST_WALLETS } from '../../handler/mail/decide.js';
import { faultsOfEmbeddedMetrics } from './embedded-metric-format.js';

const wallets = [`0x${'1'.repeat(40)}`];
const invocation = {
  functionName: 'agentkeys-ses-routing',
  requestId: '8e5a0f0c-0000-4000-8000-000000000001',
  key: 'inbound/abc',
  started: 1756409049000,
  ended: 1756409049042,
};
const counts = ['Routed', 'Skipped', 'Failed'].map((Name) => ({ Name, Unit: 'Count' }));
const bytes = { Name: 'HeaderBytesRead', Unit: 'Bytes' };
const time = { Name: 'Milliseconds', Unit: 'Milliseconds' };
const byFunction = (...Metrics: object[]) => ({
  Namespace: 'AgentKeysSesRouting',
  Dimensions: [['FunctionName']],
  Metrics,
});
const byReason = {
  Namespace: 'AgentKeysSesRouting',
  Dimensions: [['FunctionName', 'Reason']],
  Metrics: [{ Name: 'Skipped', Unit: 'Count' }],
};
const metrics = (counted: object, directives: object[]) => ({
  FunctionName: 'agentkeys-ses-routing',
  Routed: 0,
  Skipped: 0,
  Failed: 0,
  Milliseconds: 42,
  ...counted,
  _aws: { Timestamp: 1756409049000, CloudWatchMetrics: directives },
});
const known = { key: 'inbound/abc', requestId: invocation.requestId };
const read = byFunction(...counts, bytes, time);
const unread = byFunction(...counts, time);
const denied = new S3CallError('CopyObject', { name: 'AccessDenied', $metadata: { httpStatusCode: 403, attempts: 1 } });

interface Case {
  result: Result;
  details: object;
  metrics: ReturnType<typeof metrics>;
}

const cases: Record<string, Case> = {
  routed: {
    result: { outcome: 'routed', wallets, by: 'envelope', headerBytesRead: 2048 },
    details: { level: 'info', outcome: 'routed', wallets, by: 'envelope', ...known },
    metrics: metrics({ Routed: 1, HeaderBytesRead: 2048 }, [read]),
  },
  skipped: {
    result: { outcome: 'skipped', reason: 'not-a-routed-address', headerBytesRead: 645 },
    details: { level: 'info', outcome: 'skipped', ...known },
    metrics: metrics({ Skipped: 1, Reason: 'not-a-routed-address', HeaderBytesRead: 645 }, [read, byReason]),
  },
  'skipped: routed before': {
    result: { outcome: 'skipped', reason: 'already-routed', wallets, headerBytesRead: 2048 },
    details: { level: 'info', outcome: 'skipped', wallets, ...known },
    metrics: metrics({ Skipped: 1, Reason: 'already-routed', HeaderBytesRead: 2048 }, [read, byReason]),
  },
  'skipped, unread': {
    result: { outcome: 'skipped', reason: 'outside-inbound' },
    details: { level: 'info', outcome: 'skipped', ...known },
    metrics: metrics({ Skipped: 1, Reason: 'outside-inbound' }, [unread, byReason]),
  },
  'skipped, and an operator must act': {
    result: { outcome: 'skipped', reason: 'client-side-encrypted', headerBytesRead: 100 },
    details: { level: 'error', outcome: 'skipped', ...known },
    metrics: metrics({ Skipped: 1, Reason: 'client-side-encrypted', HeaderBytesRead: 100 }, [read, byReason]),
  },
  'skipped: too many wallets': {
    result: { outcome: 'skipped', reason: 'too-many-wallets', headerBytesRead: 4096 },
    details: { level: 'error', outcome: 'skipped', ...known },
    metrics: metrics({ Skipped: 1, Reason: 'too-many-wallets', HeaderBytesRead: 4096 }, [read, byReason]),
  },
  failed: {
    result: { outcome: 'failed', error: denied },
    details: {
      level: 'error',
      outcome: 'failed',
      error: {
        name: 'S3CallError',
        message: 'CopyObject failed: AccessDenied, HTTP status 403',
        operation: 'CopyObject',
        code: 'AccessDenied',
        status: 403,
        attempts: 1,
      },
      ...known,
    },
    metrics: metrics({ Failed: 1 }, [unread]),
  },
  'failed at the deadline': {
    result: { outcome: 'failed', error: new DeadlineError() },
    details: {
      level: 'error',
      outcome: 'failed',
      error: {
        name: 'DeadlineError',
        message: "S3 did not answer in time, and the function's time-out is near",
      },
      ...known,
    },
    metrics: metrics({ Failed: 1 }, [unread]),
  },
};

for (const [name, { result, details, metrics }] of Object.entries(cases)) {
  t.test(name, async (t) => {
    const line = logLine(result, invocation, 'info');
    t.notMatch(line, '\n', 'one line');
    t.strictSame(JSON.parse(line), { ...details, ...metrics });
    t.match(details, { level: levelOf(result) });
    t.strictSame(faultsOfEmbeddedMetrics(line), []);

    const brief = logLine(result, invocation, 'error');
    t.strictSame(JSON.parse(brief), levelOf(result) === 'error' ? { ...details, ...metrics } : metrics);
    t.strictSame(faultsOfEmbeddedMetrics(brief), []);
  });
}

t.test('each of several failed copies is logged', async (t) => {
  const line = logLine({ outcome: 'failed', error: new CopiesFailedError([denied, denied]) }, invocation, 'error');
  const { error } = JSON.parse(line);
  t.match(error, { name: 'CopiesFailedError', errors: Array(2).fill({ name: 'S3CallError', code: 'AccessDenied' }) });
  t.match(error.message, /^2 copies of one message failed: CopyObject failed: AccessDenied/);
});

t.test('of many failed copies, three are logged and the others counted', async (t) => {
  const { errors, message } = new CopiesFailedError(Array(10).fill(denied));
  t.equal(errors.length, 3);
  t.match(message, /^10 copies of one message failed: (CopyObject failed: AccessDenied[^;]*; ){3}and 7 more$/);
});

t.test('a line stays below 8 kB', async (t) => {
  const longest = new S3CallError('CopyObject', {
    name: 'x'.repeat(64),
    message: 'with an explicit deny in a resource control policy',
    $metadata: { httpStatusCode: 503, requestId: 'x'.repeat(64), attempts: 100 },
  });
  const ten = Array.from({ length: MOST_WALLETS }, (_, n) => `0x${String(n).repeat(40)}`);
  const results: Result[] = [
    { outcome: 'routed', wallets: ten, by: 'headers', headerBytesRead: 65536 },
    { outcome: 'skipped', reason: 'already-routed', wallets: ten, headerBytesRead: 65536 },
    { outcome: 'failed', error: new CopiesFailedError(Array(10).fill(longest)) },
    { outcome: 'failed', error: new UnknownEventError('x'.repeat(500)) },
    { outcome: 'failed', error: new UnexpectedError(new Error('x'.repeat(9000))) },
  ];
  // JSON writes a quotation mark as two bytes, and a control character, which no routed message has in its key, as six.
  const routedKey = `inbound/${'"'.repeat(1016)}`;
  const otherKey = '\u0001'.repeat(1024);
  const name = 'f'.repeat(64);
  for (const result of results) {
    const line = logLine(result, { ...invocation, functionName: name, key: routedKey }, 'info');
    t.ok(Buffer.byteLength(line) < 8_000, `${result.outcome}: ${Buffer.byteLength(line)} bytes`);
  }
  const skipped: Result = { outcome: 'skipped', reason: 'outside-inbound' };
  const line = logLine(skipped, { ...invocation, functionName: name, key: otherKey }, 'info');
  t.ok(Buffer.byteLength(line) < 8_000, `${Buffer.byteLength(line)} bytes`);
});

t.test('an event that could not be read has no key', async (t) => {
  const line = logLine({ outcome: 'failed', error: denied }, { ...invocation, key: undefined }, 'info');
  t.notHas(JSON.parse(line), { key: String });
});
