/**
 * The first half of the migration from deploy.sh, disrupted at each call.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test("first deploy beside deploy.sh's router", (t) =>
  sweepInChildProcess(t, "first deploy beside deploy.sh's router"),
);
