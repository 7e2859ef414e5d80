/**
 * V8's compile cache: in a folder of the user's own, or none.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import t, { type Test } from 'tap';
import { enableCompileCache } from '../../src/cli/compile-cache.js';
import { executable } from '../support/process.js';

/** The folders that the cache is turned on in. */
function enabledIn(env: NodeJS.ProcessEnv): string[] {
  const folders: string[] = [];
  enableCompileCache(env, (folder) => folders.push(folder));
  return folders;
}

t.test("in the user's folder for caches, which only they can write to", async (t) => {
  const home = t.testdir({});
  const folder = `${home}/.cache/agentkeys-ses-routing`;
  t.strictSame(enabledIn({ HOME: home }), [folder]);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  t.strictSame(enabledIn({ HOME: home }), [folder], 'again');
  t.strictSame(enabledIn({ HOME: home, XDG_CACHE_HOME: 'relative' }), [folder], 'a relative path is ignored');
  t.strictSame(enabledIn({ HOME: home, XDG_CACHE_HOME: `${home}/xdg` }), [`${home}/xdg/agentkeys-ses-routing`]);
});

t.test("Node's own variables decide first", async (t) => {
  const home = t.testdir({});
  t.strictSame(enabledIn({ HOME: home, NODE_COMPILE_CACHE: '/elsewhere' }), []);
  t.strictSame(enabledIn({ HOME: home, NODE_DISABLE_COMPILE_CACHE: '1' }), []);
  t.notOk(existsSync(`${home}/.cache`), 'and no folder is made');
});

t.test('none without a folder to trust', async (t) => {
  t.strictSame(enabledIn({}), [], 'no home');
  t.strictSame(enabledIn({ HOME: 'here' }), [], 'a relative home');
  const home = t.testdir({ file: '' });
  t.strictSame(enabledIn({ HOME: `${home}/file` }), [], 'it cannot be made');
  const shared = `${home}/.cache/agentkeys-ses-routing`;
  mkdirSync(shared, { recursive: true });
  for (const mode of [0o770, 0o707]) {
    chmodSync(shared, mode);
    t.strictSame(enabledIn({ HOME: home }), [], `others can write to it: ${mode.toString(8)}`);
  }
});

t.test(
  'none in a folder of another user',
  { skip: process.getuid?.() !== 0 && 'only root can make one' },
  async (t) => {
    const { chownSync } = await import('node:fs');
    const home = t.testdir({});
    const folder = `${home}/.cache/agentkeys-ses-routing`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chownSync(folder, 65_534, 65_534);
    t.strictSame(enabledIn({ HOME: home }), []);
  },
);

/** Runs the executable with a home directory. */
function runAt(t: Test, home: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [executable, '--help'], { env: { HOME: home } });
  t.strictSame({ status, stderr: String(stderr) }, { status: 0, stderr: '' });
  t.match(String(stdout), /^Usage: /);
}

t.test('the executable uses it where Node.js has it', async (t) => {
  const home = t.testdir({});
  runAt(t, home);
  const folder = `${home}/.cache/agentkeys-ses-routing`;
  if (!('enableCompileCache' in module)) return t.notOk(existsSync(folder), 'this version of Node.js has none');
  t.not(readdirSync(folder, { recursive: true }).length, 0);
  return runAt(t, home);
});

t.test('the executable says nothing of a home that cannot be written to', async (t) => {
  const home = t.testdir({});
  writeFileSync(`${home}/.cache`, '');
  runAt(t, home);
});
