/** A plan as Markdown: what it says, and that no name or value gets out of its fence. */
import t from 'tap';
import { renderMarkdown } from '../../src/reconcile/markdown.js';
import { difference, type Entry, type Plan } from '../../src/reconcile/plan.js';

function entry(more: Partial<Entry>): Plan['entries'][number] {
  return { part: 'rule', resource: 'rule', name: 'a-rule', action: 'none', differences: [], writes: [], ...more };
}

function planOf(entries: Plan['entries'], command: Plan['command'] = 'deploy'): Plan {
  const caller = 'arn:aws:sts::111122223333:assumed-role/ci/run-1';
  const header = { account: '111122223333', partition: 'aws', region: 'us-east-1', caller, bucket: 'a-bucket' };
  return { version: 1, command, header, entries };
}

const fact = [
  'account  111122223333 (aws), region us-east-1',
  'caller   arn:aws:sts::111122223333:assumed-role/ci/run-1',
];

t.test('the counts, what to confirm, the changes and notes; folded, what is in sync', async (t) => {
  const plan = planOf([
    entry({ resource: 'mail bucket', name: 'a-bucket' }),
    entry({ action: 'create', differences: [difference('state', undefined, 'ENABLED')] }),
    entry({
      resource: 'function',
      name: 'a',
      action: 'update',
      note: 'why',
      differences: [difference('retries', '0', '2'), difference('x', '1', undefined)],
      destroys: 'lose x',
      widens: 'route more',
    }),
    entry({ resource: 'execution role', name: 'a-role', action: 'adopt' }),
    entry({
      resource: 'broker policy',
      name: 'b',
      action: 'attention',
      note: 'undecided',
      offer: 'broker-reads-inbound',
    }),
    entry({ resource: 'service', name: 's', action: 'attention', note: 'not reviewed', blocks: true }),
    entry({
      resource: 'old',
      name: 'o',
      action: 'delete',
      differences: [difference('role', 'r', '<id of the execution role>')],
    }),
  ]);
  t.strictSame(renderMarkdown({ ...plan, header: { ...plan.header, stack: 'test' } }), [
    '### Plan to deploy agentkeys-ses-routing',
    '',
    '**1 to create, 1 to update, 1 to delete, 1 to adopt; 1 in sync, 2 to note (!).**',
    '',
    '```text',
    ...fact,
    'stack    test',
    'bucket   a-bucket',
    '```',
    '',
    '**To confirm before it is applied:**',
    '',
    '```diff',
    '! blocked: service s',
    '! to decide (--broker-reads-inbound): broker policy b',
    '> adopt execution role a-role (--adopt)',
    '- lose x (--yes)',
    '- route more (--yes)',
    '```',
    '',
    '```diff',
    '+ rule            a-rule',
    '+     state: ENABLED',
    '~ function        a',
    '      why',
    '-     retries: 0',
    '+     retries: 2',
    '-     x: 1',
    '> execution role  a-role',
    '! broker policy   b',
    '      undecided',
    '! service         s',
    '      not reviewed',
    '- old             o',
    '-     role: r',
    '+     role: (known after apply)',
    '```',
    '',
    '<details>',
    '<summary>1 in sync</summary>',
    '',
    '```diff',
    '= mail bucket     a-bucket',
    '```',
    '',
    '</details>',
  ]);
});

t.test('a plan with nothing to do, and one to tear down', async (t) => {
  const head = ['```text', ...fact, 'bucket   a-bucket', '```'];
  t.strictSame(renderMarkdown(planOf([])), [
    '### Plan to deploy agentkeys-ses-routing',
    '',
    '**Nothing to do; 0 in sync.**',
    '',
    ...head,
  ]);
  const text = renderMarkdown(planOf([entry({ action: 'delete' })], 'teardown')).join('\n');
  t.match(text, '### Plan to tear down agentkeys-ses-routing\n');
  t.match(text, '```diff\n- delete the rule a-rule (--yes)\n```');
});

/**
 * The lines outside of fenced code, by the rule of GFM: a fence is closed by a line of at least as many backticks and nothing else, after
 * at most three spaces. https://github.github.com/gfm/#fenced-code-blocks
 */
function outsideOfCode(lines: string[]): string[] {
  const outside: string[] = [];
  let open = 0;
  for (const line of lines.join('\n').split(/\r\n|[\n\r]/)) {
    const [, fence = '', rest = ''] = /^ {0,3}(`{3,})(.*)$/.exec(line) ?? [];
    if (open > 0) open = fence.length >= open && rest.trim() === '' ? 0 : open;
    else if (fence !== '') open = fence.length;
    else outside.push(line);
  }
  if (open > 0) throw new Error('a fence is not closed');
  return outside;
}

t.test('no name or value leaves its fence or looks like another line', async (t) => {
  const hostile = [
    '```',
    '`````````',
    '\n```\n</details><img src=x onerror=alert(1)>\n',
    '\r\n``````\r\n@octocat [a](javascript:b)',
    '\u2028```\u2028',
    '</details><script>alert(1)</script>',
    '| a | b |\n|---|---|',
    '\n- delete the function',
    '~~~',
    '\u202e\u001b[31mred',
    '--> <!--',
  ];
  const plain = (text: string) =>
    entry({
      name: text,
      resource: text,
      action: 'update',
      note: text,
      differences: [difference(text, text, text)],
      destroys: text,
      widens: `more ${text}`,
    });
  const usual = renderMarkdown(planOf([plain('usual'), { ...plain('usual'), action: 'none' }]));
  for (const [at, text] of [...hostile, hostile.join('')].entries()) {
    const plan = planOf([plain(text), { ...plain(text), action: 'none' }]);
    const lines = renderMarkdown({ ...plan, header: { ...plan.header, bucket: text, caller: text, stack: text } });
    t.strictSame(outsideOfCode(lines), outsideOfCode(usual), `text ${at}`);
    t.notMatch(lines.join('\n'), /[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u, 'no control or formatting characters');
    const [, first = ''] = lines.join('\n').split('```diff\n');
    t.notMatch(first, /^- delete/m);
  }
});

t.test('a long plan fits in a comment: what to confirm stays, and what is left out is counted', async (t) => {
  const many = Array.from({ length: 2_000 }, (_, at) => difference(`tag ${at}`, undefined, 'x'.repeat(60)));
  const plan = planOf([entry({ action: 'update', differences: many, destroys: 'lose x' }), entry({ name: 'in-sync' })]);
  const text = renderMarkdown(plan).join('\n');
  t.ok(text.length > 59_000 && text.length < 65_536, `${text.length} characters`);
  t.match(text, '- lose x (--yes)');
  t.match(text, '= rule            in-sync');
  const shown = text.match(/^\+ {5}tag \d+:/gm)?.length ?? 0;
  t.match(text, `**${2_000 - shown} more lines do not fit in a comment: see the plan in the job's log.**`);
  t.strictSame(
    outsideOfCode(text.split('\n')).filter((line) => line.includes('tag')),
    [],
  );
});
