/**
 * Loaded before each test file (.taprc): TypeScript without TypeScript's own compiler, the AWS SDK from one bundle, and child processes
 * that are not measured. Together they halve the time that a test process takes to start.
 */
import asyncHooks from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import processOnSpawn from 'process-on-spawn';
import './loader.mjs';

// .taprc sets it, so that the runner's own TypeScript loader stays out. On Node.js 22 and later, the runner would pass it on to children.
delete process.env.TAP_TYPE_STRIP_ONLY;

// The machine's own network is not the tests': they reach servers on loopback addresses, with certificates of their own.
delete process.env.AWS_CA_BUNDLE;
const { no_proxy, NO_PROXY = '' } = process.env;
process.env[no_proxy === undefined ? 'NO_PROXY' : 'no_proxy'] = `${no_proxy ?? NO_PROXY},127.0.0.1,localhost`;

// Takes back what the test runner does to every child process to measure its coverage. Under that, each starts in 125 ms in place of 25,
// and runs slower; and what the tests run as processes of their own is the built package, which the tests of its sources measure.
processOnSpawn.removeAllListeners();

// The runner follows every promise from its creation to its collection, a quarter of a test's time, to learn which test an error belongs to
// that is thrown outside of all of them. Without that, such an error ends the test file's process, which is reported as its failure.
const { createHook } = asyncHooks;
asyncHooks.createHook = (callbacks) => {
  const followsAll = callbacks.init !== undefined && callbacks.destroy !== undefined;
  return followsAll ? { enable() {}, disable() {} } : createHook(callbacks);
};
syncBuiltinESMExports();
