/**
 * A teardown, disturbed at each of its calls.
 */
import t from 'tap';
import { sweepApart } from './child-process.js';

t.test('teardown', (t) => sweepApart(t, 'teardown'));
t.test('a teardown whose reads come late', (t) => sweepApart(t, 'a teardown whose reads come late'));
