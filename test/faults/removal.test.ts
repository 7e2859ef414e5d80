/**
 * The second half of the migration from deploy.sh, disrupted at each call.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test("removal of deploy.sh's router", (t) => sweepInChildProcess(t, "removal of deploy.sh's router"));
