/**
 * Names of AgentKeys' installation, and the tag that marks this tool's resources.
 */

/** The tag of resources that this tool manages. */
export const managedBy = { key: 'managed-by', value: 'agentkeys-ses-routing' } as const;

/** The session tag that the bucket policy compares with the wallet in a key. */
export const WALLET_TAG = 'agentkeys_user_wallet';

/** The session tag that the vault bucket's policy compares with the actor's ID in a key. */
export const OMNI_TAG = 'agentkeys_actor_omni';

/** The default domain at which SES receives agents' mail. */
export const DEFAULT_MAIL_DOMAIN = 'bots.litentry.org';

/** The default name of the role that agents assume. */
export const DATA_ROLE_NAME = 'agentkeys-data-role';

/**
 * The default name of an account's mail bucket.
 *
 * @param account 12 digits.
 */
export function mailBucketName(account: string): string {
  return `agentkeys-mail-${account}`;
}

/**
 * The default name of an account's vault bucket.
 *
 * @param account 12 digits.
 */
export function vaultBucketName(account: string): string {
  return `agentkeys-vault-${account}`;
}

/** A domain of at least two labels. */
export const HOST_NAME = /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** Characters. */
export const LONGEST_HOST_NAME = 253;

/**
 * Parses a mail domain: at least two labels of letters, digits and hyphens (RFC 1123, section 2.1); top-level domains receive no mail.
 *
 * @returns the domain in lower case; undefined for anything else.
 */
export function readHostName(text: string): string | undefined {
  return text.length <= LONGEST_HOST_NAME && HOST_NAME.test(text) ? text.toLowerCase() : undefined;
}
