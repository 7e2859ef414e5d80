/**
 * Lets Node.js import the project's TypeScript: `node --import=./.build/test/loader.mjs test/faults/main.ts`.
 */
import { register } from 'node:module';
import { prebundledSdk } from './sdk.mjs';

register('./hooks.mjs', { parentURL: import.meta.url, data: { sdk: await prebundledSdk() } });
