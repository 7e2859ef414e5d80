import { Readable } from 'node:stream';
import t from 'tap';
import { readBody } from '../../src/mailbox/body.js';

const text = 'Sübject';

t.test('the bodies that clients and test doubles return', async (t) => {
  const bytes = Buffer.from(text);
  const web = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes.subarray(0, 3)));
      controller.enqueue(new Uint8Array(bytes.subarray(3)));
      controller.close();
    },
  });
  const bodies: Array<[what: string, body: unknown]> = [
    ['text', text],
    ['bytes', new Uint8Array(bytes)],
    ['a Buffer', bytes],
    ['a stream of Node.js', Readable.from([bytes.subarray(0, 2), bytes.subarray(2)])],
    ['a stream of text', Readable.from(['Sü', 'bject'])],
    ['a web stream', web],
    ['an object that makes bytes', { transformToByteArray: async () => new Uint8Array(bytes) }],
    ['an object that makes text', { transformToString: async () => text }],
  ];
  for (const [what, body] of bodies) t.equal(Buffer.from(await readBody(body, 100)).toString(), text, what);
});

t.test('no body', async (t) => {
  for (const body of [undefined, null, 7, {}]) t.equal((await readBody(body, 100)).length, 0);
});

t.test('bytes beyond the limit are neither kept nor received', async (t) => {
  let sent = 0;
  const stream = Readable.from(
    (function* () {
      for (; sent < 1_000; sent++) yield Buffer.alloc(10, 'x');
    })(),
  );
  t.equal((await readBody(stream, 25)).length, 25);
  t.ok(sent < 100, `${sent} pieces`);
  t.ok(stream.destroyed);
  t.equal((await readBody('x'.repeat(100), 25)).length, 25);
});
