/** `services`: through the command line. */
import t from 'tap';
import { startOperator } from '../../support/operator.js';

const unsupported = [
  'x             -          not supported',
  '              reason: its Authenticity policy (April 2025,',
  '              https://help.x.com/en/rules-and-policies/authenticity) forbids',
  '              creating or mass-registering accounts that are not genuine, among',
  '              them automated ones that do not comply with its Developer Policy;',
  '              its developer guidelines (https://docs.x.com/developer-guidelines)',
  '              allow its official API, and no automation of a browser; and a',
  '              sign-up may ask for a phone number, which no mail answers',
  "              requires: X's permission for accounts that agents sign up for, and",
  '              a phone number for each where it is asked for',
  'instagram     -          not supported',
  '              reason: its Terms of Use',
  '              (https://help.instagram.com/581066165581870) forbid creating',
  "              accounts in an automated way without Meta's express permission",
  "              requires: Meta's express permission",
];

t.test('lists the catalogue and what the settings turn on, without calling AWS', async (t) => {
  const { run } = await startOperator(t);
  const { status, stdout, stderr, calls } = await run(['services', '--service', 'groq'], {
    env: { AGENTKEYS_SES_ROUTING_TOS_REVIEWED: 'groq=2026-01-02', AGENTKEYS_SES_ROUTING_PREFIX: 'or,jina' },
  });
  t.equal(status, 0, stderr);
  t.equal(stderr, '');
  t.strictSame(calls, []);
  t.strictSame(stdout.trimEnd().split('\n'), [
    'service       prefix     state',
    'openrouter    or         on, routed by default',
    '              terms: https://openrouter.ai/terms',
    'brave-search  brave      off, planned',
    '              terms: https://api-dashboard.search.brave.com/terms-of-service',
    'jina          jina       on, planned',
    '              terms: https://jina.ai/legal/',
    'anthropic     anthropic  off, planned',
    '              terms: https://www.anthropic.com/legal/commercial-terms',
    'groq          groq       on, planned',
    '              terms: https://console.groq.com/docs/legal/services-agreement,',
    '              reviewed on 2026-01-02',
    'gemini        gemini     off, planned',
    '              terms: https://ai.google.dev/gemini-api/terms',
    ...unsupported,
  ]);
  t.ok(stdout.split('\n').every((line) => line.length <= 80));
});

t.test('--json', async (t) => {
  const { run } = await startOperator(t);
  const { status, stdout, calls } = await run([
    'services',
    '--json',
    '--prefix',
    'groq',
    '--tos-reviewed',
    'groq=2026-01-02',
  ]);
  t.equal(status, 0);
  t.strictSame(calls, []);
  const { version, services } = JSON.parse(stdout);
  t.equal(version, 1);
  t.strictSame(services[0], {
    slug: 'openrouter',
    name: 'OpenRouter',
    prefix: 'or',
    standing: 'routed by default',
    terms: 'https://openrouter.ai/terms',
    on: false,
    termsReviewed: null,
  });
  t.match(services[4], { slug: 'groq', standing: 'planned', on: true, termsReviewed: '2026-01-02' });
  t.strictSame(Object.keys(services[6]), ['slug', 'name', 'standing', 'reason', 'change']);
  t.match(services[6], { slug: 'x', name: 'X', standing: 'not supported', reason: /Authenticity policy/ });
  t.equal(services.length, 8);
});
