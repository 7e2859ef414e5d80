/**
 * A first deploy, disturbed at each of its calls.
 */
import t from 'tap';
import { sweepApart } from './child-process.js';

t.test('first deploy', (t) => sweepApart(t, 'first deploy'));
t.test('a deploy whose reads come late', (t) => sweepApart(t, 'a deploy whose reads come late'));
