import t from 'tap';
import { levelOf, logLine, type Result } from '../../handler/log.js';

const wallets = [`0x${'1'.repeat(40)}`];
const invocation = {
  functionName: 'agentkeys-ses-routing',
  requestId: '8e5a0f0c-0000-4000-8000-000000000001',
  key: 'inbound/abc',
  started: 1756409049000,
  ended: 1756409049042,
};
const metrics = [
  { Name: 'Routed', Unit: 'Count' },
  { Name: 'Skipped', Unit: 'Count' },
  { Name: 'Failed', Unit: 'Count' },
];
const common = {
  key: 'inbound/abc',
  milliseconds: 42,
  requestId: invocation.requestId,
  FunctionName: 'agentkeys-ses-routing',
  Routed: 0,
  Skipped: 0,
  Failed: 0,
  _aws: {
    Timestamp: 1756409049000,
    CloudWatchMetrics: [{ Namespace: 'AgentKeysSesRouting', Dimensions: [['FunctionName']], Metrics: metrics }],
  },
};

const cases: Record<string, [result: Result, line: object]> = {
  routed: [
    { outcome: 'routed', wallets, by: 'envelope' },
    { ...common, level: 'info', outcome: 'routed', wallets, by: 'envelope', Routed: 1 },
  ],
  skipped: [
    { outcome: 'skipped', reason: 'not-a-routed-address' },
    { ...common, level: 'info', outcome: 'skipped', reason: 'not-a-routed-address', Skipped: 1 },
  ],
  'skipped, as it was routed before': [
    { outcome: 'skipped', reason: 'already-routed', wallets },
    { ...common, level: 'info', outcome: 'skipped', reason: 'already-routed', wallets, Skipped: 1 },
  ],
  'skipped, and somebody has to see to it': [
    { outcome: 'skipped', reason: 'client-side-encrypted' },
    { ...common, level: 'error', outcome: 'skipped', reason: 'client-side-encrypted', Skipped: 1 },
  ],
  failed: [
    { outcome: 'failed', error: new TypeError('no such thing') },
    { ...common, level: 'error', outcome: 'failed', error: 'TypeError: no such thing', Failed: 1 },
  ],
};

for (const [name, [result, wanted]] of Object.entries(cases)) {
  t.test(name, async (t) => {
    const line = logLine(result, invocation);
    t.notMatch(line, '\n', 'one line');
    t.strictSame(JSON.parse(line), wanted);
    t.match(wanted, { level: levelOf(result) });
  });
}

t.test('an event that could not be read has no key', async (t) => {
  const { key: _, ...rest } = common;
  const line = logLine({ outcome: 'failed', error: 'x' }, { ...invocation, key: undefined });
  t.strictSame(JSON.parse(line), { ...rest, level: 'error', outcome: 'failed', error: 'x', Failed: 1 });
});
