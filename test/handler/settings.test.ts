import t from 'tap';
import { SettingsError, settingsFromEnvironment } from '../../handler/settings.js';

const least = { BUCKET: 'agentkeys-mail-111122223333', ACCOUNT_ID: '111122223333' };
const defaults = {
  bucket: 'agentkeys-mail-111122223333',
  accountId: '111122223333',
  mailDomain: '',
  prefixes: ['or'],
  deleteSource: false,
  logLevel: 'info',
};

t.test('reads the settings from the environment', async (t) => {
  const cases: Record<string, [environment: Record<string, string | undefined>, settings: object]> = {
    'bucket and account suffice': [{ ...least, AWS_REGION: 'us-east-1' }, defaults],
    'empty is the same as absent': [
      { ...least, MAIL_DOMAIN: '', PREFIXES: '', DELETE_SOURCE: '', LOG_LEVEL: undefined },
      defaults,
    ],
    'all of them': [
      { ...least, MAIL_DOMAIN: 'Bots.Litentry.org', PREFIXES: 'OR,gh2', DELETE_SOURCE: 'true', LOG_LEVEL: 'error' },
      { ...defaults, mailDomain: 'bots.litentry.org', prefixes: ['or', 'gh2'], deleteSource: true, logLevel: 'error' },
    ],
    'spelled-out defaults': [{ ...least, DELETE_SOURCE: 'false', LOG_LEVEL: 'info', PREFIXES: 'or' }, defaults],
  };
  for (const [name, [environment, settings]] of Object.entries(cases)) {
    t.strictSame(settingsFromEnvironment(environment), settings, name);
  }
});

t.test('invalid settings are rejected', async (t) => {
  const cases: Array<[environment: Record<string, string>, faults: string[]]> = [
    [{}, ['BUCKET must be the name of a bucket', 'ACCOUNT_ID must be 12 digits']],
    [{ ...least, BUCKET: 'No Bucket' }, ['BUCKET must be the name of a bucket']],
    [{ ...least, ACCOUNT_ID: '11112222333' }, ['ACCOUNT_ID must be 12 digits']],
    [{ ...least, MAIL_DOMAIN: '@bots.litentry.org' }, ['MAIL_DOMAIN must be a domain name, or empty for any domain']],
    [{ ...least, PREFIXES: 'or;gh' }, ['PREFIXES must be letters and digits, with a comma between two prefixes']],
    [{ ...least, PREFIXES: 'or,' }, ['PREFIXES must be letters and digits, with a comma between two prefixes']],
    [
      { ...least, DELETE_SOURCE: 'yes', LOG_LEVEL: 'loud' },
      ['DELETE_SOURCE must be true or false', 'LOG_LEVEL must be info or error'],
    ],
  ];
  for (const [environment, faults] of cases) {
    t.throws(() => settingsFromEnvironment(environment), new SettingsError(faults), faults.join());
    t.throws(() => settingsFromEnvironment(environment), {
      name: 'SettingsError',
      faults,
      message: `the function's environment is wrong: ${faults.join('; ')}. Deploy again to set it right`,
    });
  }
});
