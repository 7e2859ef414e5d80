/**
 * The way from deploy.sh, its second half, disturbed at each call.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test("removal of deploy.sh's router", (t) => sweepInChildProcess(t, "removal of deploy.sh's router"));
