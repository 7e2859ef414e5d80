/**
 * The wallet whose mail is read: from the settings or the broker's token.
 */
import { explain, OperatorError } from '../../aws/errors.js';
import { MailboxError } from '../../mailbox/errors.js';
import { readToken, tokenIn } from '../../mailbox/token.js';
import type { Settings } from '../../settings/index.js';
import { readTokenFile } from '../shared/token-file.js';

/** The broker's token, where a file was named; AgentKeys' `session.json` and the broker's answer are read as they are. */
export async function tokenOf({ tokenFile }: Settings): Promise<string | undefined> {
  const text = await readTokenFile(tokenFile, '--token-file');
  return text === undefined ? undefined : tokenIn(text);
}

/**
 * @param named the wallet from the settings, in lower case.
 * @throws OperatorError when there is none, or the token names another.
 */
export function walletOf(token: string | undefined, named: string | undefined, now: Date): string {
  const own = token === undefined ? undefined : readToken(token, now).wallet;
  const wallet = own ?? named;
  if (wallet === undefined)
    throw new OperatorError('No wallet given: use --wallet (AGENTKEYS_USER_WALLET), or --token-file with its token.');
  if (named !== undefined && named !== wallet)
    throw new OperatorError(
      `The token is for the wallet ${wallet}, not for ${named} (--wallet, AGENTKEYS_USER_WALLET).`,
    );
  return wallet;
}

/** Does some work; turns the mailbox's errors into an operator's. */
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
