import t from 'tap';
import { deferred } from '../../src/reconcile/deferred.js';
import { type Counts, difference, type Entry, type Plan } from '../../src/reconcile/plan.js';
import { planAsJson, renderCounts, renderEntry, renderPlan } from '../../src/reconcile/render.js';
import { wrap } from '../../src/terminal/text.js';

const unpainted = (text: string) => text;

function entry(more: Partial<Entry>): Entry {
  return { resource: 'rule', name: 'a-rule', action: 'none', differences: [], writes: [], ...more };
}

t.test('a plan, line by line', async (t) => {
  const plan: Plan = {
    version: 1,
    command: 'deploy',
    header: {
      account: '111122223333',
      partition: 'aws',
      region: 'us-east-1',
      caller: 'arn:aws:iam::111122223333:user/administrator',
      bucket: 'a-bucket',
    },
    entries: [
      { part: 'bucket', ...entry({ resource: 'mail bucket', name: 'a-bucket' }) },
      { part: 'rule', ...entry({ action: 'create', differences: [difference('state', undefined, 'ENABLED')] }) },
      {
        part: 'rule',
        ...entry({ resource: 'target', name: 'a', action: 'update', differences: [difference('retries', '0', '185')] }),
      },
      {
        part: 'function',
        ...entry({ resource: 'function', name: 'a', action: 'delete', differences: [difference('x', '1', undefined)] }),
      },
      { part: 'executionRole', ...entry({ resource: 'execution role', name: 'a-role', action: 'adopt' }) },
      { part: 'broker', ...entry({ resource: 'broker policy', name: 'b', action: 'attention', note: 'left alone' }) },
    ],
  };
  const lines = [
    'Plan to deploy agentkeys-ses-routing',
    '  account  111122223333 (aws), region us-east-1',
    '  caller   arn:aws:iam::111122223333:user/administrator',
    '  bucket   a-bucket',
    '',
    '= mail bucket     a-bucket',
    '+ rule            a-rule',
    '    + state: ENABLED',
    '~ target          a',
    '    ~ retries: 0 -> 185',
    '- function        a',
    '    - x: 1',
    '> execution role  a-role',
    '! broker policy   b',
    '    left alone',
    '',
    '1 to create, 1 to update, 1 to delete, 1 to adopt; 1 in sync, 1 to note (!).',
  ];
  t.strictSame(renderPlan(plan, unpainted), lines);
  const [title] = renderPlan({ ...plan, command: 'teardown' }, unpainted);
  t.equal(title, 'Plan to tear down agentkeys-ses-routing');
});

t.test('only the first line of an entry is coloured, by its action', async (t) => {
  const painted = renderEntry(
    entry({ action: 'update', note: 'why', differences: [difference('state', 'a', 'b')] }),
    (text, tone) => `<${tone}>${text}`,
    80,
  );
  t.strictSame(painted, ['<change>~ rule            a-rule', '    why', '    ~ state: a -> b']);
});

t.test('long notes and differences are wrapped to the width', async (t) => {
  const arn = 'arn:aws:lambda:us-east-1:111122223333:function:agentkeys-ses-routing';
  const lines = renderEntry(
    entry({
      note: 'grants more on agentkeys-mail-111122223333 than reading inbound/; --remove-broad-grants removes that access',
      differences: [difference('function', `${arn}-old`, arn), difference('state', 'on', 'off')],
    }),
    unpainted,
    80,
  );
  t.strictSame(lines, [
    '= rule            a-rule',
    '    grants more on agentkeys-mail-111122223333 than reading inbound/;',
    '    --remove-broad-grants removes that access',
    '    ~ function:',
    `      ${arn}-old`,
    `      -> ${arn}`,
    '    ~ state: on -> off',
  ]);
});

t.test('a value that exists only later is shown as such', async (t) => {
  const shown = Object.values(deferred).flatMap((pending) =>
    renderEntry(entry({ differences: [difference('tag id', 'AROA1', pending)] }), unpainted, 80).slice(1),
  );
  t.strictSame(new Set(shown), new Set(['    ~ tag id: AROA1 -> (known after apply)']));
});

t.test('wrapping', async (t) => {
  const cases: Array<[text: string, width: number, lines: string[]]> = [
    ['', 10, ['  ']],
    ['one', 10, ['  one']],
    ['one two three', 20, ['  one two three']],
    ['123456 890', 12, ['  123456 890']],
    ['123456 8901', 12, ['  123456', '    8901']],
    ['averylongword', 5, ['  averylongword']],
    ['a averylongword b', 8, ['  a', '    averylongword', '    b']],
    ['a  b', 10, ['  a  b']],
  ];
  for (const [text, width, lines] of cases) t.strictSame(wrap(text, width, '  ', '    '), lines, text);
  t.strictSame(wrap('one two', 6, '  '), ['  one', '  two'], 'without a hanging indent of its own');
});

t.test('the counts', async (t) => {
  const none: Counts = { create: 0, update: 0, delete: 0, adopt: 0, none: 0, attention: 0 };
  const cases: Array<[counts: Partial<Counts>, line: string]> = [
    [{ none: 9 }, 'Nothing to do; 9 in sync.'],
    [{ none: 9, attention: 2 }, 'Nothing to do; 9 in sync, 2 to note (!).'],
    [{ create: 1 }, '1 to create; 0 in sync.'],
    [{ create: 1, delete: 2, none: 3 }, '1 to create, 2 to delete; 3 in sync.'],
    [{ update: 1, adopt: 1 }, '1 to update, 1 to adopt; 0 in sync.'],
  ];
  for (const [counts, line] of cases) t.equal(renderCounts({ ...none, ...counts }), line);
});

t.test('as JSON: everything, with bytes as size and hash', async (t) => {
  const plan: Plan = {
    version: 1,
    command: 'deploy',
    header: { account: 'a', partition: 'aws', region: 'r', caller: 'c', bucket: 'b' },
    entries: [
      {
        part: 'function',
        ...entry({
          action: 'update',
          note: 'why',
          writes: [
            {
              call: 'lambda:UpdateFunctionCode',
              input: { FunctionName: 'x', ZipFile: Buffer.from('abc'), Architectures: ['arm64'], DryRun: false },
            },
          ],
        }),
      },
    ],
  };
  t.strictSame(planAsJson(plan), {
    version: 1,
    command: 'deploy',
    header: { account: 'a', partition: 'aws', region: 'r', caller: 'c', bucket: 'b' },
    entries: [
      {
        part: 'function',
        resource: 'rule',
        name: 'a-rule',
        action: 'update',
        note: 'why',
        differences: [],
        writes: [
          {
            call: 'lambda:UpdateFunctionCode',
            input: {
              FunctionName: 'x',
              ZipFile: { bytes: 3, sha256: 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' },
              Architectures: ['arm64'],
              DryRun: false,
            },
          },
        ],
      },
    ],
    counts: { create: 0, update: 1, delete: 0, adopt: 0, none: 0, attention: 0 },
  });
});
