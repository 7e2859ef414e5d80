/**
 * Two runs at once.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('races', (t) =>
  sweepInChildProcess(t, ['two deploys', 'a deploy and a teardown', 'two teardowns, or a deploy in one']),
);
