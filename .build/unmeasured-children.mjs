/**
 * Loaded before each test file: takes back what the test runner does to every child process, to measure its coverage. Under that, each
 * starts in 125 ms in place of 25, and runs slower; and what the tests run as processes of their own is the built package, which is
 * measured by the tests of its sources.
 */
import processOnSpawn from 'process-on-spawn';

processOnSpawn.removeAllListeners();
