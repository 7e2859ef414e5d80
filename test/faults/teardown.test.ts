/**
 * A teardown, disrupted at each of its calls.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('teardowns', (t) => sweepInChildProcess(t, ['teardown', 'a teardown whose reads come late']));
