/**
 * A first deploy, disrupted at each of its calls.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('first deploy', (t) => sweepInChildProcess(t, 'first deploy'));
t.test('a deploy whose reads come late', (t) => sweepInChildProcess(t, 'a deploy whose reads come late'));
