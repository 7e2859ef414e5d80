import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the test processes share from run to run; npm removes it with everything else in node_modules. */
export const cache = join(root, 'node_modules/.cache/agentkeys-ses-routing-test');
