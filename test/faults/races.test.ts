/**
 * Two runs at once.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('two deploys', (t) => sweepInChildProcess(t, 'two deploys'));
t.test('a deploy and a teardown', (t) => sweepInChildProcess(t, 'a deploy and a teardown'));
t.test('two teardowns, or a deploy in one', (t) => sweepInChildProcess(t, 'two teardowns, or a deploy in one'));
