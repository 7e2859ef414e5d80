/**
 * A process: the embedded AWS, so that its work is not the bench's. For each message it starts a new account and answers
 * with how to reach it.
 */
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';

/** A new account of the embedded AWS. */
export type EmbeddedAccount = Pick<Sandbox, 'endpoint' | 'account' | 'region' | 'administrator'>;

let running: Sandbox | undefined;

process.on('message', async () => {
  await running?.close();
  running = await startSandbox();
  const { endpoint, account, region, administrator } = running;
  process.send?.({ endpoint, account, region, administrator } satisfies EmbeddedAccount);
});
process.on('disconnect', () => process.exit());
