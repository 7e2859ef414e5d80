/**
 * Whose mail is read: the wallet, from the settings or the broker's token.
 */
import { explain, OperatorError } from '../../aws/errors.js';
import { MailboxError } from '../../mailbox/errors.js';
import { readToken } from '../../mailbox/token.js';
import type { Settings } from '../../settings/index.js';
import { readTokenFile } from '../shared/token-file.js';

/** The broker's token, where a file was named. */
export function tokenOf({ tokenFile }: Settings): Promise<string | undefined> {
  return readTokenFile(tokenFile, '--token-file');
}

/**
 * @param named the wallet that was named, in lower case.
 * @throws OperatorError when there is none, or the token's is another.
 */
export function walletOf(token: string | undefined, named: string | undefined, now: Date): string {
  const own = token === undefined ? undefined : readToken(token, now).wallet;
  const wallet = own ?? named;
  if (wallet === undefined)
    throw new OperatorError(
      'Whose mail? Name the wallet (--wallet, AGENTKEYS_USER_WALLET), or give its token (--token-file).',
    );
  if (named !== undefined && named !== wallet)
    throw new OperatorError(
      `The token is for the wallet ${wallet}, not for ${named} (--wallet, AGENTKEYS_USER_WALLET).`,
    );
  return wallet;
}

/** Does some work; what the mailbox raises is told to an operator. */
export async function asOperatorError<Result>({ endpointUrl }: Settings, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MailboxError)) throw error;
    const { code, message, cause } = error;
    const reason = code === 'AWS_FAILED' && cause !== undefined ? explain(cause, endpointUrl) : message;
    throw new OperatorError(reason, { cause: error });
  }
}
