/** --service and --tos-reviewed: what they add to the prefixes, and what is refused. */
import t from 'tap';
import { InvalidSettingsError, loadSettings } from '../../src/settings/index.js';

const directory = t.testdir({});

async function load(flags: Record<string, unknown>, env: NodeJS.ProcessEnv = {}) {
  return (await loadSettings(flags, env, directory)).settings;
}

/** The day this many days from now, in UTC. */
const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

t.test('a service adds its prefix and removes none', async (t) => {
  const cases: Array<[flags: Record<string, unknown>, env: NodeJS.ProcessEnv, prefixes: string[]]> = [
    [{}, {}, ['or']],
    [{ services: ['openrouter'] }, {}, ['or']],
    [{ services: ['groq'] }, {}, ['or', 'groq']],
    [{ services: ['groq,brave-search', 'jina'] }, {}, ['or', 'groq', 'brave', 'jina']],
    [{ prefixes: ['xy'], services: ['openrouter'] }, {}, ['xy', 'or']],
    [{ prefixes: ['groq,or'], services: ['groq'] }, {}, ['groq', 'or']],
    [{ prefixes: ['xy'] }, { AGENTKEYS_SES_ROUTING_SERVICE: 'gemini, groq' }, ['xy', 'gemini', 'groq']],
    [{ services: ['groq'] }, { AGENTKEYS_SES_ROUTING_PREFIX: 'xy' }, ['xy', 'groq']],
  ];
  for (const [flags, env, prefixes] of cases)
    t.strictSame((await load(flags, env)).prefixes, prefixes, JSON.stringify([flags, env]));
});

t.test('reviews, from flag, variable and file', async (t) => {
  const reviews = { groq: '2026-01-02', openrouter: '2026-01-03' };
  t.strictSame((await load({ tosReviewed: ['groq=2026-01-02', 'openrouter=2026-01-03'] })).tosReviewed, reviews);
  const env = { AGENTKEYS_SES_ROUTING_TOS_REVIEWED: 'groq=2026-01-02,openrouter=2026-01-03' };
  t.strictSame((await load({}, env)).tosReviewed, reviews);
  const cwd = t.testdir({
    'agentkeys-ses-routing.json': JSON.stringify({ services: ['groq'], tosReviewed: reviews }),
  });
  const { settings } = await loadSettings({}, {}, cwd);
  t.strictSame(settings.tosReviewed, reviews);
  t.strictSame(settings.prefixes, ['or', 'groq']);
  t.strictSame((await load({ tosReviewed: [`groq=${day(0)}`] })).tosReviewed, { groq: day(0) }, 'today');
});

t.test('what is refused, and why', async (t) => {
  const all = 'openrouter, brave-search, jina, anthropic, groq, gemini';
  const form = 'must be <service>=<YYYY-MM-DD> with a valid date, not';
  const cases: Array<[flags: Record<string, unknown>, fault: string | RegExp]> = [
    [{ services: ['grok'] }, `--service must be one of ${all}, not "grok"`],
    [{ services: [''] }, `--service must be one of ${all}, not ""`],
    [{ services: ['groq,groq'] }, '--service contains "groq" twice'],
    [{ services: ['groq', 'x'] }, /^--service can't be x, which is not supported: its Authenticity policy/],
    [{ services: ['instagram'] }, /Its support requires Meta's express permission \(from the command line\)$/],
    [{ tosReviewed: ['grok=2026-01-02'] }, `--tos-reviewed must be for one of ${all}, not "grok"`],
    [{ tosReviewed: ['x=2026-01-02'] }, /^--tos-reviewed can't be for x, which is not supported: its Auth/],
    [{ tosReviewed: ['groq'] }, `--tos-reviewed ${form} "groq"`],
    [{ tosReviewed: ['groq=2026-02-30'] }, `--tos-reviewed ${form} "groq=2026-02-30"`],
    [{ tosReviewed: ['groq=yes'] }, `--tos-reviewed ${form} "groq=yes"`],
    [{ tosReviewed: [`groq=${day(2)}`] }, `--tos-reviewed must not be in the future: "groq=${day(2)}"`],
    [{ tosReviewed: ['groq=2026-01-02,groq=2026-01-03'] }, '--tos-reviewed contains "groq" twice'],
  ];
  for (const [flags, fault] of cases) {
    const error = await load(flags).catch((thrown) => thrown);
    t.type(error, InvalidSettingsError);
    const expected = typeof fault === 'string' ? [`${fault} (from the command line)`] : [fault];
    t.match(error.faults, expected, JSON.stringify(flags));
    t.equal(error.faults.length, 1);
  }
});
