/**
 * Names of AgentKeys' installation, and the tag that marks this tool's resources.
 */

/** The tag of resources that this tool manages. */
export const managedBy = { key: 'managed-by', value: 'agentkeys-ses-routing' } as const;

/** The tag with the name of the stack that a resource belongs to; the unnamed stack's resources have none. */
export const STACK_TAG = 'agentkeys-ses-routing:stack';

/**
 * The names of a stack's resources, and of AgentKeys' roles that belong to it. All that tells two stacks of an account apart is made
 * here. The longest, the rule's, has 30 characters besides the stack's name, of the 64 that AWS allows.
 *
 * @param stack the stack's name; the unnamed stack has the names without one.
 */
export function stackNames(stack?: string) {
  const suffix = stack === undefined ? '' : `-${stack}`;
  const base = `agentkeys-ses-routing${suffix}`;
  return {
    functionName: base,
    roleName: `${base}-role`,
    ruleName: `${base}-inbound`,
    brokerRole: `agentkeys-broker-host${suffix}`,
    dataRoleName: `agentkeys-data-role${suffix}`,
    /** What a stack puts on the broker's role. A tag's key has a slash before the name, so that no name makes it another stack's key. */
    brokerPolicyName: `${base}-broker`,
    retainedPolicyName: `${base}-broker-retained`,
    brokerTagPrefix: stack === undefined ? 'agentkeys-ses-routing:' : `agentkeys-ses-routing/${stack}:`,
    savedPolicyPath: stack === undefined ? '/agentkeys-ses-routing/' : `/agentkeys-ses-routing/${stack}/`,
  };
}

/** The session tag that the bucket policy compares with the wallet in a key. */
export const WALLET_TAG = 'agentkeys_user_wallet';

/** The session tag that the vault bucket's policy compares with the actor's ID in a key. */
export const OMNI_TAG = 'agentkeys_actor_omni';

/** The folder of a wallet's or an actor's secrets, below its own. */
export const CREDENTIALS_FOLDER = 'credentials/';

/** The default domain at which SES receives agents' mail. */
export const DEFAULT_MAIL_DOMAIN = 'bots.litentry.org';

/** The name of the stack whose rule has this name; undefined for the unnamed stack's, and for any other name. */
export function stackOfRule(ruleName: string): string | undefined {
  return /^agentkeys-ses-routing-(.+)-inbound$/.exec(ruleName)?.[1];
}

/**
 * The default name of a stack's mail bucket: AgentKeys' own names for production and test.
 *
 * @param account 12 digits.
 * @param stack the stack's name.
 */
export function mailBucketName(account: string, stack?: string): string {
  return bucketName('mail', account, stack);
}

/**
 * The default name of a stack's vault bucket.
 *
 * @param account 12 digits.
 * @param stack the stack's name.
 */
export function vaultBucketName(account: string, stack?: string): string {
  return bucketName('vault', account, stack);
}

function bucketName(what: 'mail' | 'vault', account: string, stack: string | undefined): string {
  return `agentkeys-${what}-${stack === undefined ? '' : `${stack}-`}${account}`;
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
