/** The services that are turned on, and the reviews of their terms: recorded in the function's environment, noted when missing. */
import t from 'tap';
import type { Observed } from '../../../src/stack/index.js';
import { checkNotes, checkPlans, type Deployed, entriesOf, environment, functionName } from './support.js';

/** The deployed function with other environment variables. */
const withEnvironment =
  (variables: Record<string, string>) =>
  ({ function: { existing } }: Deployed): Partial<Observed> => ({
    function: {
      existing: {
        ...existing,
        configuration: { ...existing.configuration, Environment: { Variables: { ...environment, ...variables } } },
      },
    },
  });

const both = ['or', 'groq'];
const day = '2026-01-02';
const deployedBoth = (TOS_REVIEWED: string) => withEnvironment({ PREFIXES: 'or,groq', TOS_REVIEWED });

const openrouter = [
  '! service         openrouter',
  "    no review of its terms is recorded, and AgentKeys' rule is to review them",
  '    before the first live sign-up (https://openrouter.ai/terms); then deploy',
  '    with --tos-reviewed openrouter=YYYY-MM-DD',
];
const groq = [
  '! service         groq',
  "    no review of its terms is recorded, and AgentKeys' rule is to review them",
  '    before the first live sign-up',
  '    (https://console.groq.com/docs/legal/services-agreement); then deploy with',
  '    --tos-reviewed groq=YYYY-MM-DD; until then, leave it out of --service and',
  '    --prefix',
];

checkNotes(
  t,
  ['service'],
  [
    { name: 'no review', lines: openrouter },
    { name: 'a prefix that is no service', settings: { prefixes: ['xy'] }, lines: [] },
    { name: 'a planned service', settings: { prefixes: both }, lines: [...openrouter, ...groq] },
    {
      name: 'a planned service whose review is given',
      settings: { prefixes: both, tosReviewed: { groq: day } },
      lines: openrouter,
    },
    {
      name: 'reviews that are recorded',
      observed: deployedBoth(`groq=${day},openrouter=${day}`),
      settings: { prefixes: both },
      lines: [],
    },
    {
      name: 'one recorded, the other given',
      observed: deployedBoth(`openrouter=${day}`),
      settings: { prefixes: both, tosReviewed: { groq: day } },
      lines: [],
    },
    {
      name: "records that can't be read are none",
      observed: deployedBoth(`groq = soon,openrouter=2026-02-30`),
      settings: { prefixes: both },
      lines: [...openrouter, ...groq],
    },
    { name: 'a teardown notes none', command: 'teardown', settings: { prefixes: both }, lines: [] },
  ],
);

t.test('only a planned service without a review blocks the plan', async (t) => {
  const blocking = entriesOf({ settings: { prefixes: both } }).flatMap(({ blocks, name }) => (blocks ? [name] : []));
  t.strictSame(blocking, ['groq']);
});

const line = `~ function        ${functionName}`;
const writes = ['lambda:UpdateFunctionConfiguration'];

checkPlans(t, [
  {
    name: 'a review is recorded with the service',
    settings: { prefixes: both, tosReviewed: { groq: day } },
    lines: [line, '    ~ environment PREFIXES: or -> or,groq', `    + environment TOS_REVIEWED: groq=${day}`],
    writes,
  },
  {
    name: 'a recorded review stands',
    observed: deployedBoth(`groq=${day}`),
    settings: { prefixes: both },
    lines: [],
    writes: [],
  },
  {
    name: 'the same review again: nothing to do',
    observed: deployedBoth(`groq=${day}`),
    settings: { prefixes: both, tosReviewed: { groq: day } },
    lines: [],
    writes: [],
  },
  {
    name: 'another review is added',
    observed: deployedBoth(`groq=${day}`),
    settings: { prefixes: both, tosReviewed: { openrouter: day } },
    lines: [line, `    ~ environment TOS_REVIEWED: groq=${day} ->`, `      groq=${day},openrouter=${day}`],
    writes,
  },
  {
    name: 'a later review replaces one',
    observed: deployedBoth(`groq=${day}`),
    settings: { prefixes: both, tosReviewed: { groq: '2026-02-03' } },
    lines: [line, `    ~ environment TOS_REVIEWED: groq=${day} -> groq=2026-02-03`],
    writes,
  },
  {
    name: 'a service is turned off: the review stays recorded, and its mail is no longer routed',
    observed: deployedBoth(`groq=${day}`),
    lines: [line, '    ~ environment PREFIXES: or,groq -> or'],
    writes,
    destroys: ['stop routing mail to groq-0x…'],
  },
]);
