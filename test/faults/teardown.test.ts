/**
 * A teardown, disrupted at each of its calls.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('teardown', (t) => sweepInChildProcess(t, 'teardown'));
t.test('a teardown whose reads come late', (t) => sweepInChildProcess(t, 'a teardown whose reads come late'));
