/**
 * A deploy that has everything to mend, disturbed at each of its calls.
 */
import t from 'tap';
import { sweepApart } from './child-process.js';

t.test('deploy over drift', (t) => sweepApart(t, 'deploy over drift'));
