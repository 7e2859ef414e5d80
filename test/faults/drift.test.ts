/**
 * A deploy that repairs every resource, disrupted at each of its calls.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('deploy over drift', (t) => sweepInChildProcess(t, 'deploy over drift'));
