/**
 * V8's compile cache: a second start does not compile this program's code again. Node.js 22.8 and later has it.
 *
 * https://nodejs.org/docs/latest-v24.x/api/module.html#module-compile-cache
 */
import { mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { isAbsolute, join } from 'node:path';

/** Node's function, which the oldest supported version lacks. */
export type Enable = (folder: string) => unknown;

const { enableCompileCache: enableOfNode }: typeof module & { enableCompileCache?: Enable } = module;

/**
 * Turns the cache on, in a folder of the user's own: the system's folder for temporary files, Node's default, is shared with others, and
 * what is in the cache is executed. Without such a folder there is no cache, and no message.
 *
 * NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE are left to Node.js.
 */
export function enableCompileCache(env: NodeJS.ProcessEnv, enable: Enable | undefined = enableOfNode): void {
  if (enable === undefined || env.NODE_COMPILE_CACHE || env.NODE_DISABLE_COMPILE_CACHE) return;
  const folder = cacheFolder(env);
  if (folder !== undefined && isOwn(folder)) enable(folder);
}

/** The folder, by the XDG Base Directory Specification 0.8, which has relative paths ignored. */
function cacheFolder({ XDG_CACHE_HOME: caches = '', HOME: home = '' }: NodeJS.ProcessEnv): string | undefined {
  const base = isAbsolute(caches) ? caches : isAbsolute(home) ? join(home, '.cache') : undefined;
  return base && join(base, 'agentkeys-ses-routing');
}

/** Makes a folder that only the user can write to. Returns whether it is one: with `sudo`, HOME may be another user's. */
function isOwn(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}
