import t from 'tap';
import { parseAddress } from '../../handler/mail/address.js';
import { catalogue, isService, services, servicesOf, unsupported, whyNot } from '../../src/agentkeys/services.js';
import { signupAddress } from '../../src/mailbox/address.js';
import { settingsTable } from '../../src/settings/table.js';

const wallet = `0x${'a'.repeat(40)}`;
/** The last second with ten digits: in November 2286. */
const now = new Date(9_999_999_999_000);

t.test('each service has its own prefix, and its addresses can be routed', async (t) => {
  const prefixes = services.map((slug) => catalogue[slug].prefix);
  t.strictSame(prefixes, ['or', 'brave', 'jina', 'anthropic', 'groq', 'gemini']);
  t.strictSame(settingsTable.prefixes.parse(prefixes), { value: prefixes }, 'what --prefix takes, none twice');
  for (const service of services) {
    const address = signupAddress({ wallet, service, now });
    t.equal(parseAddress(address)?.prefix, catalogue[service].prefix);
    const [local = ''] = address.split('@');
    t.match(local, /-\d{10}$/);
    t.ok(Buffer.byteLength(local) <= 64, `${local}: RFC 5321 §4.5.3.1.1`);
  }
});

t.test("the services routed by default are those of --prefix's default", async (t) => {
  const byDefault = services.filter((slug) => catalogue[slug].standing === 'routed by default');
  t.strictSame(byDefault, ['openrouter']);
  t.strictSame(
    byDefault.map((slug) => catalogue[slug].prefix),
    settingsTable.prefixes.default,
  );
});

t.test('each supported service has terms, each unsupported one a reason and a requirement', async (t) => {
  for (const slug of services) t.match(catalogue[slug].terms, /^https:\/\/\S+[^.]$/, slug);
  t.strictSame(Object.keys(unsupported), ['x', 'instagram']);
  for (const [slug, { reason, change }] of Object.entries(unsupported)) {
    t.notOk(isService(slug));
    t.match(reason, /https:\/\/.*[^.]$/, `${slug}: where it says so`);
    t.match(change, /permission(.*[^.])?$/, slug);
  }
});

t.test('the services that prefixes enable', async (t) => {
  const cases: Array<[prefixes: string[], on: string[]]> = [
    [['or'], ['openrouter']],
    [
      ['groq', 'xy', 'or'],
      ['openrouter', 'groq'],
    ],
    [['brave-search', 'openrouter', 'xy'], []],
    [[], []],
  ];
  for (const [prefixes, on] of cases) t.strictSame(servicesOf(prefixes), on, prefixes.join());
});

t.test('reasons for a service without mail', async (t) => {
  t.match(
    whyNot('x'),
    /^can't be x, which is not supported: its Authenticity policy .*\. Its support requires X's perm/,
  );
  t.match(whyNot('instagram', 'be for'), /^can't be for instagram, which is not supported: its Terms of Use/);
  for (const slug of ['nothing', 'toString', 'X'])
    t.equal(whyNot(slug), 'must be one of openrouter, brave-search, jina, anthropic, groq, gemini', slug);
});
