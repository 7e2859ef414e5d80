/** Reading a secret: typed without echo, or from a pipe. */
import { PassThrough } from 'node:stream';
import t from 'tap';
import { terminal } from '../../src/terminal/terminal.js';

/** A host with its stdin; `modes` are the raw modes that were set. */
function host({ tty = true, raw = true, signal = new AbortController().signal } = {}) {
  const modes: boolean[] = [];
  const setRawMode = (mode: boolean) => void modes.push(mode);
  const stdin = Object.assign(new PassThrough(), { isTTY: tty, ...(raw ? { setRawMode } : {}) });
  const stderr = new PassThrough();
  const stdout = Object.assign(new PassThrough(), { isTTY: tty });
  const it = terminal({ stdin, stdout, stderr, env: {} }, { quiet: false, json: false, signal });
  return { it, stdin, stdout, modes, err: () => String(stderr.read() ?? '') };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

t.test('typed: the terminal is in raw mode meanwhile, and its editing keys work', async (t) => {
  const cases: Array<[typed: string[], secret: string]> = [
    [['sk-1\r'], 'sk-1'],
    [['sk', '-1', '\n'], 'sk-1'],
    [['sk-1\u0004'], 'sk-1'],
    [['\r'], ''],
    [['sk-2\u007f1\r'], 'sk-1'],
    [['sk-é\b1\r'], 'sk-1'],
    [['\u007f\bsk\r'], 'sk'],
    [['old\u0015new\r'], 'new'],
    [['a\u001b\tb\r'], 'ab'],
    [['é€\r', 'ignored'], 'é€'],
  ];
  for (const [typed, secret] of cases) {
    const { it, stdin, modes, err } = host();
    const read = it.readSecret('Secret: ', 100);
    for (const chunk of typed) stdin.write(chunk);
    t.equal(text(await read), secret);
    t.strictSame(modes, [true, false]);
    t.equal(err(), 'Secret: \n', 'nothing is echoed');
  }
  const { it, stdin } = host({ raw: false });
  const read = it.readSecret('Secret: ', 3);
  stdin.end('abcdefgh');
  t.equal(text(await read), 'abcd', 'one byte more than the most, to show that it is longer');
});

t.test('typed: Ctrl-C, a signal, an error of the terminal', async (t) => {
  const pressed = host();
  const read = pressed.it.readSecret('Secret: ', 9);
  pressed.stdin.write('abc\u0003');
  await t.rejects(read, { name: 'AbortError' });
  t.strictSame(pressed.modes, [true, false]);

  const interrupt = new AbortController();
  const signalled = host({ signal: interrupt.signal });
  const waiting = signalled.it.readSecret('Secret: ', 9);
  interrupt.abort();
  await t.rejects(waiting, { name: 'AbortError' });
  t.strictSame(signalled.modes, [true, false]);
  await t.rejects(signalled.it.readSecret('Secret: ', 9), { name: 'AbortError' });

  const broken = host();
  const failing = broken.it.readSecret('Secret: ', 9);
  broken.stdin.destroy(new Error('EIO'));
  await t.rejects(failing, { message: 'EIO' });
});

t.test('from a pipe: all of it, as bytes, without a prompt', async (t) => {
  const { it, stdin, err, modes } = host({ tty: false });
  const bytes = Buffer.from([0, 255, 10, 3, 127, 13, 10]);
  const read = it.readSecret('Secret: ', 100);
  stdin.write(Buffer.from(bytes));
  stdin.end('x');
  t.strictSame(Buffer.from(await read), Buffer.concat([bytes, Buffer.from('x')]));
  t.strictSame([err(), modes], ['', []]);

  const endless = host({ tty: false });
  const bounded = endless.it.readSecret('Secret: ', 10);
  endless.stdin.write(Buffer.alloc(1_000_000, 1));
  t.equal((await bounded).length, 11);

  const decoded = host({ tty: false });
  decoded.stdin.setEncoding('utf8');
  const asText = decoded.it.readSecret('Secret: ', 10);
  decoded.stdin.end('é');
  t.equal(text(await asText), 'é');
});

t.test('bytes are written as they are', async (t) => {
  const { it, stdout } = host({ tty: false });
  it.write(Buffer.from([0, 27, 255]));
  t.strictSame(stdout.read(), Buffer.from([0, 27, 255]));
  t.equal(it.onTerminal, false);
  t.equal(host().it.onTerminal, true);
});
