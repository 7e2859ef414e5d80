/**
 * Two runs at once.
 */
import t from 'tap';
import { sweepApart } from './child-process.js';

t.test('two deploys', (t) => sweepApart(t, 'two deploys'));
t.test('a deploy and a teardown', (t) => sweepApart(t, 'a deploy and a teardown'));
t.test('two teardowns, or a deploy in one', (t) => sweepApart(t, 'two teardowns, or a deploy in one'));
