/**
 * Both halves of the migration from deploy.sh, disrupted at each call.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test('migrations', (t) =>
  sweepInChildProcess(t, ["first deploy beside deploy.sh's router", "removal of deploy.sh's router"]),
);
