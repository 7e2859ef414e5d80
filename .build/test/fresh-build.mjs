/**
 * Rebuilds `dist` for the tests when it is older than its sources. Of several test processes, one does it and the others wait.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isFresh } from '../stamp.mjs';
import { cache, root } from './paths.mjs';

const lock = join(cache, 'build.lock');

/**
 * @param {'function' | 'package'} part What is needed.
 * @throws {Error} when the build fails, with what it wrote.
 */
export async function freshBuild(part) {
  while (!isFresh(root, part)) {
    if (!takeLock()) {
      await sleep(50);
      continue;
    }
    try {
      if (!isFresh(root, part)) await build(part);
    } finally {
      rmSync(lock, { force: true });
    }
  }
}

async function build(part) {
  // Without the test runner's own options.
  const { NODE_OPTIONS: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, ['.build/build.mjs'], { cwd: root, env }).catch(({ stderr }) => {
    throw new Error(`dist is older than its sources, and npm run build fails:\n${stderr}`);
  });
  if (!isFresh(root, part)) throw new Error('a source was changed while npm run build was running: run the test again');
}

/** @returns {boolean} Whether this process is the one to build. */
function takeLock() {
  mkdirSync(cache, { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch ({ code }) {
    if (code !== 'EEXIST') throw new Error(`${lock} can't be written: ${code}`);
  }
  // A process that was killed leaves its lock behind.
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
  } catch ({ code }) {
    if (code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}
