/**
 * The way from deploy.sh, its first half, disturbed at each call.
 */
import t from 'tap';
import { sweepInChildProcess } from './child-process.js';

t.test("first deploy beside deploy.sh's router", (t) =>
  sweepInChildProcess(t, "first deploy beside deploy.sh's router"),
);
