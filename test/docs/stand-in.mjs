/**
 * Takes the place of `npx`, `npm` and `aws` on the PATH of a document's shell: sends its arguments over a socket to the test that started
 * the shell, which does the work.
 */
import { writeSync } from 'node:fs';
import { connect } from 'node:net';

const [program, ...args] = process.argv.slice(2);
const socket = connect({ host: '127.0.0.1', port: Number(process.env.DOCUMENT_PORT) });
let answer = '';
socket.setEncoding('utf8').on('data', (text) => {
  answer += text;
});
socket.on('end', () => {
  const { written, status } = JSON.parse(answer);
  for (const [descriptor, text] of written) writeSync(descriptor, text);
  process.exitCode = status;
});
socket.end(JSON.stringify({ program, args, env: process.env, cwd: process.cwd() }));
