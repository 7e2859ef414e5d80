/**
 * The way from deploy.sh, disturbed at each call.
 */
import t from 'tap';
import { sweepApart } from './apart.js';

t.test("first deploy beside deploy.sh's router", (t) => sweepApart(t, "first deploy beside deploy.sh's router"));
t.test("removal of deploy.sh's router", (t) => sweepApart(t, "removal of deploy.sh's router"));
