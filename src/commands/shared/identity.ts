/**
 * The wallet that a command acts for, from the settings or the broker's token.
 */
import { explain, OperatorError } from '../../aws/errors.js';
import { MailboxError } from '../../mailbox/errors.js';
import { readToken, tokenIn } from '../../mailbox/token.js';
import type { Settings } from '../../settings/index.js';
import { UNKNOWN_EFFECT, VaultError } from '../../vault/errors.js';
import { readTokenFile } from './token-file.js';

/** Reads the broker's token; undefined without --token-file. The file may also be AgentKeys' `session.json` or the broker's answer. */
export async function tokenOf({ tokenFile }: Settings): Promise<string | undefined> {
  const text = await readTokenFile(tokenFile, '--token-file');
  return text === undefined ? undefined : tokenIn(text);
}

/**
 * Determines the wallet.
 *
 * @param configured the wallet of --wallet, in lower case.
 * @throws OperatorError when neither gives one, or the token is for another wallet.
 */
export function walletOf(token: string | undefined, configured: string | undefined, now: Date): string {
  const tokenWallet = token === undefined ? undefined : readToken(token, now).wallet;
  const wallet = tokenWallet ?? configured;
  if (wallet === undefined)
    throw new OperatorError('No wallet given: use --wallet (AGENTKEYS_USER_WALLET), or --token-file with its token.');
  if (configured !== undefined && configured !== wallet)
    throw new OperatorError(
      `The token is for the wallet ${wallet}, not for ${configured} (--wallet, AGENTKEYS_USER_WALLET).`,
    );
  return wallet;
}

/** Runs `work`; errors of the mailbox and of the vault become operator errors. */
export async function asOperatorError<Result>({ endpointUrl }: Settings, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MailboxError || error instanceof VaultError)) throw error;
    const { code, message, cause } = error;
    if (code !== 'AWS_FAILED' || cause === undefined) throw new OperatorError(message, { cause: error });
    const effect = message.endsWith(UNKNOWN_EFFECT) ? ` ${UNKNOWN_EFFECT}` : '';
    throw new OperatorError(`${explain(cause, endpointUrl)}${effect}`, { cause: error });
  }
}
