/** What `import t from 'tap'` gives to the test file in this module's query: its own root test, or the process's when it runs alone. */
import tap from 'tap';
import { roots } from './roots.mjs';

export default roots.get(new URL(import.meta.url).searchParams.get('file')) ?? tap;
