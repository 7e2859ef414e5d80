/** `status --watch`: on a real terminal, and its failures. */
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import t from 'tap';
import type { Clock } from '../../../src/aws/waits.js';
import { delivered, mailDomain, messages, startRouting } from '../../support/mail.js';
import { executable, operatorEnvironment } from '../../support/process.js';
import { onTerminal, screenOf } from '../../support/pty.js';

const FunctionName = 'agentkeys-ses-routing';
const domain = ['--mail-domain', mailDomain];

for (const [columns, rows] of [
  [80, 40],
  [40, 24],
] as const)
  t.test(
    `on a terminal of ${columns} columns: it is read again, and Ctrl-C leaves the terminal as it was`,
    async (t) => {
      const operator = await startRouting(t);
      await delivered(operator, messages.slice(0, 2));
      const watch = `${process.execPath} ${executable} status --watch 5 ${domain.join(' ')}`;
      const terminal = onTerminal(t, `trap : INT; echo before; ${watch}; echo "status $?"; stty -a`, {
        columns,
        rows,
        env: { ...operatorEnvironment(operator.sandbox), LANG: 'C.UTF-8', NO_COLOR: '1' },
      });
      const first = await terminal.shows((lines) => lines.some((line) => line.includes('Ctrl-C ends.')));
      t.notOk(first.includes('before'), 'a screen of its own');
      t.ok(
        first.some((line) => /^ {2}routed ·+█+/.test(line)),
        first.join('\n'),
      );
      t.ok(first.includes('In sync.'));
      await operator.aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 128 }));
      const second = await terminal.shows((lines) => lines.some((line) => line.startsWith('drifted')));
      t.ok(
        second.some((line) => line.includes('memory: 128 MiB')),
        second.join('\n'),
      );
      t.notOk(second.includes('In sync.'), 'the old report is gone');
      terminal.type('\u0003');
      t.equal(await terminal.ended, 0);
      const after = screenOf(terminal.output(), columns, 100);
      t.strictSame(after.slice(0, 1), ['before']);
      t.ok(after.includes('status 130'), after.join('\n'));
      t.match(after.join(' '), / icanon .* echo /, 'lines are read and shown as before');
      t.match(terminal.output(), '\u001b[?25h', 'the cursor is shown');
      t.notOk(after.some((line) => line.includes('Interrupted')));
    },
  );

t.test('without a terminal, and with --json', async (t) => {
  const { run } = await startRouting(t);
  const piped = await run(['status', '--watch', ...domain]);
  t.equal(piped.status, 1);
  t.match(piped.stderr, 'error: --watch needs a terminal that can be redrawn, on stdout.');
  t.equal(piped.stdout, '');
  const dumb = await run(['status', '--watch', ...domain], { answers: [], env: { TERM: 'dumb' } });
  t.match(dumb.stderr, 'error: --watch needs a terminal');
  const json = await run(['status', '--watch', '--json', ...domain], { answers: [] });
  t.match(JSON.parse(json.stdout), { error: '--watch is for a terminal: with --json, repeat the command instead.' });
  t.strictSame(json.calls, []);
  for (const seconds of ['4', 'often']) t.match((await run(['status', '--watch', seconds])).stderr, 'from 5 to 3600');
  t.match((await run(['status', '--watch', '--all'])).stderr, 'cannot be used with');
});

t.test('a later failure is shown and tried again; the first one ends it', async (t) => {
  const operator = await startRouting(t);
  const refuse = () =>
    operator.sandbox.intercept(({ operation }) =>
      operation === 'GetFunction'
        ? { kind: 'refuse', code: 'AccessDeniedException', status: 403, message: 'not now' }
        : undefined,
    );
  const interrupt = new AbortController();
  let polls = 0;
  let allow = () => {};
  const clock: Clock = {
    now: Date.now,
    async sleep(milliseconds, signal) {
      t.equal(milliseconds, 30_000);
      polls += 1;
      if (polls === 1) allow = refuse();
      if (polls === 2) allow();
      if (polls === 3) interrupt.abort();
      signal.throwIfAborted();
    },
  };
  const { status, stdout } = await operator.run(['status', '--watch', ...domain], {
    answers: [],
    clock,
    signal: interrupt.signal,
    env: { NO_COLOR: '1' },
  });
  t.equal(status, 130);
  const frames = stdout.split('\u001b[H').slice(2);
  t.strictSame(
    frames.map((frame) => frame.includes('error: AWS denied access: not now.')),
    [false, true, false],
  );
  t.ok(
    frames.every((frame) => frame.includes('In sync.')),
    'with the report before it',
  );
  t.ok(stdout.endsWith('\u001b[?1049l'));

  refuse();
  const failed = await operator.run(['status', '--watch', ...domain], { answers: [] });
  t.equal(failed.status, 1);
  t.match(failed.stderr, 'error: AWS denied access: not now.');
  t.ok(failed.stdout.endsWith('\u001b[?1049l'));
});

t.test('Ctrl-C while the account is read again ends it, with the terminal as it was', async (t) => {
  const operator = await startRouting(t);
  const interrupt = new AbortController();
  let reads = 0;
  operator.sandbox.intercept(({ operation }) => {
    if (operation === 'GetFunction' && ++reads === 2) interrupt.abort();
    return undefined;
  });
  const { status, stdout, stderr } = await operator.run(['status', '--watch', ...domain], {
    answers: [],
    clock: { now: Date.now, sleep: async (_, signal) => signal.throwIfAborted() },
    signal: interrupt.signal,
    env: { NO_COLOR: '1' },
  });
  t.strictSame([status, reads, stderr.includes('error')], [130, 2, false]);
  t.ok(stdout.endsWith('\u001b[?1049l'));
});
