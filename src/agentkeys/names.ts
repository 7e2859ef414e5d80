/**
 * Names that belong to AgentKeys' own installation, and to this project's mark of ownership.
 */

/** The tag that marks a resource as managed by this tool. */
export const managedBy = { key: 'managed-by', value: 'agentkeys-ses-routing' } as const;

/** The session tag that the bucket's policy compares with the wallet in a key. */
export const WALLET_TAG = 'agentkeys_user_wallet';

/** The domain at which SES receives mail for agents, unless an operator names another. */
export const DEFAULT_MAIL_DOMAIN = 'bots.litentry.org';

/** The role that agents assume, unless an operator names another. */
export const DATA_ROLE_NAME = 'agentkeys-data-role';

/**
 * The mail bucket of an account, unless an operator names another.
 *
 * @param account 12 digits.
 */
export function mailBucketName(account: string): string {
  return `agentkeys-mail-${account}`;
}

/**
 * Reads a mail domain: labels of letters, digits and hyphens (RFC 1123, section 2.1), at least two of them, because no mail is
 * received for a top-level domain.
 *
 * @returns it in lower case; undefined for anything else.
 */
export function readHostName(text: string): string | undefined {
  const name = text.toLowerCase();
  return name.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
    ? name
    : undefined;
}
