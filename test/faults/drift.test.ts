/**
 * A deploy that has everything to mend, disturbed at each of its calls.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('deploy over drift', (t) => sweepInChildProcess(t, 'deploy over drift'));
