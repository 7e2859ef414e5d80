/**
 * A deploy over an existing stack, disrupted at each of its calls.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('update of the code', (t) => sweepInChildProcess(t, 'update of the code'));
