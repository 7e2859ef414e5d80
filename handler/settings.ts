/**
 * The function's settings, from its environment variables. With invalid ones, the function does not start.
 */

/** The handler's settings. */
export interface RoutingSettings {
  /** The bucket that SES stores mail in, and that it is routed within. */
  bucket: string;
  /** The account that must own the bucket: every S3 call names it as the expected owner. */
  accountId: string;
  /** The only domain that is routed, in lower case; empty means any domain. */
  mailDomain: string;
  /** The configured prefixes, in lower case. */
  prefixes: string[];
  /** Whether a message is deleted from `inbound/` after it was routed by its envelope recipient. */
  deleteSource: boolean;
  /** The lowest level that is logged. */
  logLevel: 'info' | 'error';
}

/** The default of PREFIXES. */
export const DEFAULT_PREFIXES = 'or';

/** The environment variables are invalid; the message lists every fault. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly faults: string[]) {
    super(`the function's environment is wrong: ${faults.join('; ')}. Deploy again to set it right`);
  }
}

/**
 * Reads the settings. BUCKET and ACCOUNT_ID are required; MAIL_DOMAIN (any), PREFIXES (`or`), DELETE_SOURCE (`false`) and LOG_LEVEL (`info`)
 * may be missing or empty.
 *
 * @param environment Usually `process.env`.
 * @throws {SettingsError} naming every variable that is missing or invalid.
 */
export function settingsFromEnvironment(environment: Record<string, string | undefined>): RoutingSettings {
  const faults: string[] = [];
  const read = (name: string, fallback: string, form: RegExp, expected: string): string => {
    const text = environment[name] || fallback;
    if (!form.test(text)) faults.push(`${name} must be ${expected}`);
    return text;
  };

  const domain = /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)+)?$/i;
  const prefixes = /^[a-z0-9]+(?:,[a-z0-9]+)*$/i;
  const settings: RoutingSettings = {
    bucket: read('BUCKET', '', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
    accountId: read('ACCOUNT_ID', '', /^\d{12}$/, '12 digits'),
    mailDomain: read('MAIL_DOMAIN', '', domain, 'a domain name, or empty for any domain').toLowerCase(),
    prefixes: read('PREFIXES', DEFAULT_PREFIXES, prefixes, 'letters and digits, with a comma between two prefixes')
      .toLowerCase()
      .split(','),
    deleteSource: read('DELETE_SOURCE', 'false', /^(?:true|false)$/, 'true or false') === 'true',
    logLevel: read('LOG_LEVEL', 'info', /^(?:info|error)$/, 'info or error') === 'error' ? 'error' : 'info',
  };
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}
