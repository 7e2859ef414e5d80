/**
 * A deploy over a stack of ours, disturbed at each of its calls.
 */
import t from 'tap';
import { sweepApart } from './child-process.js';

t.test('update of the code', (t) => sweepApart(t, 'update of the code'));
