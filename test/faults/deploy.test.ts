/**
 * Deploys, disrupted at each of their calls: the first one, one that changes the code, and one that repairs every resource.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('deploys', (t) =>
  sweepInChildProcess(t, ['first deploy', 'a deploy whose reads come late', 'update of the code', 'deploy over drift']),
);
