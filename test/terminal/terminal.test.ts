import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { mock } from 'node:test';
import t from 'tap';
import { type Streams, type TerminalOptions, terminal } from '../../src/terminal/terminal.js';

const ESCAPE = '\u001b';

/** A host with its streams, and what was written to them. */
function host(how: Partial<TerminalOptions & { tty: boolean; columns: number; env: NodeJS.ProcessEnv }> = {}) {
  const { tty = false, columns, env = {}, ...options } = how;
  const stream = (more: object = {}) => Object.assign(new PassThrough(), { isTTY: tty, ...more });
  const moves = { cursorTo() {}, moveCursor() {}, clearLine() {} };
  const [stdin, stdout, stderr] = [stream(), stream({ columns }), stream({ columns, ...moves })];
  const streams: Streams = { stdin, stdout, stderr, env };
  const { signal } = new AbortController();
  return {
    host: terminal(streams, { quiet: false, json: false, signal, ...options }),
    stdin,
    stderr,
    out: () => String(stdout.read() ?? ''),
    err: () => String(stderr.read() ?? ''),
  };
}

t.test('print is for stdout, note and warn for stderr', async (t) => {
  for (const quiet of [false, true]) {
    const { host: it, out, err } = host({ quiet });
    it.print('result');
    it.note('by the way');
    it.warn('look');
    t.equal(out(), 'result\n');
    t.equal(err(), quiet ? 'look\n' : 'by the way\nlook\n');
  }
});

t.test("the width is the terminal's, 80 without one, and never so narrow that nothing fits", async (t) => {
  const cases: Array<[columns: number | undefined, width: number]> = [
    [undefined, 80],
    [120, 120],
    [10, 40],
    [0, 80],
  ];
  for (const [columns, width] of cases) t.equal(host(columns === undefined ? {} : { columns }).host.width, width);
});

t.test('whether the terminal shows more than US-ASCII', async (t) => {
  const cases: Array<[how: Parameters<typeof host>[0], unicode: boolean]> = [
    [{ tty: true }, false],
    [{ tty: true, env: { LANG: 'en_US.UTF-8' } }, true],
    [{ tty: true, env: { LANG: 'C', LC_CTYPE: 'C.utf8' } }, true],
    [{ tty: true, env: { LANG: 'en_US.UTF-8', LC_ALL: 'C' } }, false],
    [{ tty: true, env: { LANG: 'en_US.UTF-8', TERM: 'linux' } }, false],
    [{ tty: true, env: { LANG: 'en_US.UTF-8', TERM: 'dumb' } }, false],
    [{ tty: false, env: { LANG: 'en_US.UTF-8' } }, false],
  ];
  for (const [how, unicode] of cases) t.equal(host(how).host.unicode, unicode, JSON.stringify(how));
});

t.test('paint: colours at a terminal only, and not for a program', async (t) => {
  const green = `${ESCAPE}[32mx${ESCAPE}[39m`;
  const cases: Array<[how: Parameters<typeof host>[0], painted: string]> = [
    [{}, 'x'],
    [{ tty: true }, green],
    [{ tty: true, env: { NO_COLOR: '' } }, green],
    [{ tty: true, env: { NO_COLOR: '0' } }, 'x'],
    [{ tty: true, env: { TERM: 'dumb' } }, 'x'],
    [{ tty: true, env: { TERM: 'xterm' } }, green],
    [{ tty: true, json: true }, 'x'],
  ];
  for (const [how, painted] of cases) t.equal(host(how).host.paint('x', 'good'), painted, JSON.stringify(how));
});

t.test('text from elsewhere never reaches the terminal raw', async (t) => {
  const hostile = `a${ESCAPE}[2J\u009b31m\u202eb\u2028c\r\u{e0001}\td`;
  const escaped = 'a\\u001b[2J\\u009b31m\\u202eb\\u2028c\\u000d\\udb40\\udc01\td';
  for (const tty of [false, true]) {
    const { host: it, out, err } = host({ tty });
    it.print(hostile);
    it.note(hostile);
    it.warn(hostile);
    t.equal(out(), `${escaped}\n`);
    t.equal(err(), `${escaped}\n${escaped}\n`);
  }
  const { host: plain, err } = host();
  plain.step(hostile).waiting(hostile);
  t.equal(err(), `  waiting for ${escaped}\n`);
  const colourful = host({ tty: true });
  colourful.host.print(`${colourful.host.paint(hostile, 'bad')} ${hostile}`);
  t.equal(colourful.out(), `${ESCAPE}[31m${escaped}${ESCAPE}[39m ${escaped}\n`, 'the colours that were asked for stay');
  const moving = host({ tty: true, columns: 200 });
  const step = moving.host.step(hostile);
  step.waiting(hostile);
  step.done();
  const drawn = moving.err();
  t.notOk(drawn.includes('\u202e') || drawn.includes(`${ESCAPE}[2J`), JSON.stringify(drawn));
  const document = JSON.stringify({ name: hostile }, null, 2);
  const json = host({ json: true, tty: true });
  json.host.print(document);
  const printed = json.out();
  t.strictSame(JSON.parse(printed), JSON.parse(document), 'a document means the same');
  t.notMatch(printed, /[\u009b\u202e]/);
});

t.test('a question is escaped too', async (t) => {
  const { host: it, stdin, err } = host({ tty: true });
  const answer = it.confirm(`remove ${ESCAPE}[2J?`);
  stdin.write('y\n');
  t.equal(await answer, true);
  t.equal(err(), 'remove \\u001b[2J? [y/N] ');
});

t.test('a step in plain lines', async (t) => {
  const { host: it, err } = host();
  const step = it.step('Make it');
  step.waiting('AWS');
  step.again();
  step.failed();
  it.step('Make it').skipped();
  it.step('Make it').done();
  t.strictSame(err().split('\n'), [
    '  waiting for AWS',
    '  Make it: changed in the meantime, reading again',
    '  Make it: failed',
    '  Make it: skipped',
    '  Make it: done',
    '',
  ]);
});

t.test('progress is told now and then in plain lines, and a few times a second at a terminal', async (t) => {
  let time = 0;
  const now = () => time;
  let described = 0;
  const describe = () => `${++described} of 9`;
  const { host: it, err } = host({ now });
  const step = it.step('Count');
  for (const at of [0, 9_999, 10_000, 10_001, 20_000]) {
    time = at;
    step.progress(describe);
  }
  t.equal(err(), '  Count: 1 of 9\n  Count: 2 of 9\n');
  t.equal(described, 2, 'what is not shown is not put into words');

  time = 0;
  described = 0;
  const moving = host({ tty: true, now });
  const drawn = moving.host.step('Count');
  for (const at of [199, 200, 201, 400]) {
    time = at;
    drawn.progress(describe);
  }
  t.equal(described, 2);
  drawn.done();

  host({ quiet: true }).host.step('Count').progress(describe);
  t.equal(described, 2);
});

t.test('a step at a terminal: a line that moves, and stays once it has ended', async (t) => {
  const { host: it, err, stderr } = host({ tty: true });
  const step = it.step('Make it');
  step.waiting('AWS');
  let drawn = '';
  while (!drawn.includes('Make it (waiting for AWS)')) {
    await once(stderr, 'readable', { signal: AbortSignal.timeout(10_000) });
    drawn += err();
  }
  step.done();
  it.step('Change it').again();
  it.step('Leave it').skipped();
  it.step('Break it').failed();
  const lines = err();
  t.match(lines, /. Make it\n/);
  t.match(lines, /. Change it: changed in the meantime, reading again\n/);
  t.match(lines, /. Leave it: skipped\n/);
  t.match(lines, /. Break it\n$/);
});

t.test('a step at a terminal of unknown size: plain lines', async (t) => {
  const { host: it, err } = host({ tty: true, columns: 0 });
  it.step('Make it').done();
  t.equal(err(), '  Make it: done\n');
});

t.test('a step with --quiet is not shown, however it goes', async (t) => {
  const { host: it, out, err } = host({ quiet: true, tty: true });
  const step = it.step('Make it');
  step.waiting('AWS');
  step.again();
  step.failed();
  step.skipped();
  it.step('Make it').done();
  t.equal(out() + err(), '');
});

t.test('yes is y or yes; everything else is no', async (t) => {
  const cases: Array<[typed: string, yes: boolean]> = [
    ['y', true],
    ['YES', true],
    [' yes ', true],
    ['', false],
    ['n', false],
    ['yes please', false],
    ['yy', false],
  ];
  for (const [typed, yes] of cases) {
    const { host: it, stdin, err } = host({ tty: true });
    const answer = it.confirm('Shall I?');
    stdin.write(`${typed}\n`);
    t.equal(await answer, yes, typed);
    t.equal(err(), 'Shall I? [y/N] ');
  }
});

t.test('nobody is asked without a terminal, or where a program reads', async (t) => {
  t.equal(await host().host.confirm('Shall I?'), undefined);
  t.equal(await host({ tty: true, json: true }).host.confirm('Shall I?'), undefined);
  const { signal } = new AbortController();
  const [stdin, stdout] = [Object.assign(new PassThrough(), { isTTY: true }), new PassThrough()];
  const redirected = terminal({ stdin, stdout, stderr: stdout, env: {} }, { quiet: false, json: false, signal });
  t.equal(await redirected.confirm('Shall I?'), undefined, 'a question that nobody would see');
});

t.test('a question ends with Ctrl-C', async (t) => {
  const interrupt = new AbortController();
  const { host: it } = host({ tty: true, signal: interrupt.signal });
  const answer = it.confirm('Shall I?');
  interrupt.abort();
  await t.rejects(answer, { name: 'AbortError' });
  await t.rejects(it.confirm('And now?'), { name: 'AbortError' });
});

t.test('colors: --no-color, NO_COLOR and FORCE_COLOR', async (t) => {
  const cases: Array<[how: Parameters<typeof host>[0], painted: boolean]> = [
    [{ tty: true }, true],
    [{ tty: true, color: false }, false],
    [{ tty: true, env: { NO_COLOR: '1' } }, false],
    [{ tty: true, env: { TERM: 'dumb' } }, false],
    [{}, false],
    [{ env: { FORCE_COLOR: '1' } }, true],
    [{ env: { FORCE_COLOR: '0' }, tty: true }, false],
    [{ env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, false],
    [{ env: { FORCE_COLOR: '1' }, color: false }, false],
    [{ env: { FORCE_COLOR: '1' }, json: true }, false],
  ];
  for (const [how, painted] of cases) t.equal(host(how).host.paint('x', 'good') !== 'x', painted, JSON.stringify(how));
  const forced = host({ env: { FORCE_COLOR: '1' } });
  forced.host.step('Make it').done();
  t.equal(forced.err(), '  Make it: done\n', 'lines move on a terminal only');
});

t.test('a brief step leaves no line; without a terminal it is mentioned when it takes long', async (t) => {
  const plain = host();
  const brief = plain.host.step('Connect', { brief: true });
  brief.done();
  plain.host.step('Connect', { brief: true }).failed();
  t.equal(plain.err(), '');
  const clock = mock.timers;
  clock.enable({ apis: ['setTimeout'] });
  const slow = host();
  const step = slow.host.step('Connect', { brief: true });
  clock.tick(3_000);
  clock.reset();
  step.done();
  t.equal(slow.err(), '  Connect: waiting for an answer\n');
  for (const end of ['done', 'failed'] as const) {
    const moving = host({ tty: true });
    moving.host.step('Connect', { brief: true })[end]();
    t.match(moving.err(), 'Connect');
    t.notMatch(moving.err(), /Connect\n/);
  }
});

t.test('a text is asked for on the line of the step that moves', async (t) => {
  t.equal(await host().host.ask('Code?'), undefined);
  const { host: it, stdin, err } = host({ tty: true });
  const step = it.step('Connect', { brief: true });
  const answer = it.ask('Code?');
  stdin.write(' 123456 \n');
  t.equal(await answer, '123456');
  t.match(err(), /Code\? .*Connect/s, 'and the step goes on');
  step.done();
  const again = it.ask('And now?');
  stdin.end();
  t.equal(await again, '');
  t.notMatch(err(), 'Connect');
});
