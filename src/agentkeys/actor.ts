/**
 * An actor's ID, which AgentKeys derives from the wallet ("omni account").
 */
import { createHash } from 'node:crypto';

/**
 * Derives an actor's ID: SHA-256 of `agentkeys`, `evm` and the wallet.
 *
 * @param wallet with `0x`, in lower case.
 * @returns 64 hexadecimal digits, in lower case.
 */
export function actorOmni(wallet: string): string {
  return createHash('sha256').update(`agentkeysevm${wallet}`).digest('hex');
}
