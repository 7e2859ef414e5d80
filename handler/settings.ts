/**
 * The function's settings, from the environment that the stack gives it. Wrong ones stop the function as it starts.
 */

/** What the handler goes by. */
export interface RoutingSettings {
  /** The bucket that SES stores mail in, and that it is routed within. */
  bucket: string;
  /** The account that must own the bucket: every S3 call names it. */
  accountId: string;
  /** The only domain that is routed, in lower case; empty: any. */
  mailDomain: string;
  /** The prefixes in force, in lower case. */
  prefixes: string[];
  /** Whether a message is deleted from `inbound/` once it was routed by its envelope recipient. */
  deleteSource: boolean;
  /** The least level that is logged. */
  logLevel: 'info' | 'error';
}

/** What is routed where PREFIXES says nothing. */
export const DEFAULT_PREFIXES = 'or';

/** The environment does not make valid settings; the message lists every fault. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly faults: string[]) {
    super(`the function's environment is wrong: ${faults.join('; ')}. Deploy again to set it right`);
  }
}

/**
 * Reads the settings: BUCKET and ACCOUNT_ID must be there; MAIL_DOMAIN (any), PREFIXES (`or`), DELETE_SOURCE (`false`)
 * and LOG_LEVEL (`info`) may be left out or empty.
 *
 * @param environment Usually `process.env`.
 * @throws {SettingsError} naming every variable that is missing or wrong.
 */
export function settingsFromEnvironment(environment: Record<string, string | undefined>): RoutingSettings {
  const faults: string[] = [];
  const read = (name: string, fallback: string, form: RegExp, wanted: string): string => {
    const text = environment[name] || fallback;
    if (!form.test(text)) faults.push(`${name} must be ${wanted}`);
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
