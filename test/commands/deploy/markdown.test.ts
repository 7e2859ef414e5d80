/** `deploy --dry-run --markdown` says what the terminal says. */
import t from 'tap';
import { startDeployed, startOperator } from '../../support/operator.js';

/** What a plan says of its entries, without marks, spaces and wrapping. */
function words(text: string): string {
  return text.replace(/[`\s]+/g, ' ');
}

t.test('the same entries, notes and counts as on the terminal, and exit statuses', async (t) => {
  const { run } = await startOperator(t);
  const shown = await run(['deploy', '--dry-run']);
  const marked = await run(['deploy', '--dry-run', '--markdown', '--detailed-exitcode']);
  t.strictSame([shown.status, marked.status, marked.writes], [0, 2, []]);
  t.match(marked.stdout, /^### Plan to deploy agentkeys-ses-routing\n\n\*\*\d+ to create/);
  const facts = shown.stdout.split('\n').filter((line) => /^([-+~!=>] | {4}[^-+~ ])/.test(line));
  t.ok(facts.length > 10);
  for (const fact of facts) t.match(words(marked.stdout), words(fact.replace(/^[-+~!=>] /, '')).trim(), fact);
  const [counts = ''] = shown.stdout.trimEnd().split('\n').slice(-1);
  t.match(marked.stdout, `**${counts}**`);
});

t.test('what is lost or opened stands before the changes', async (t) => {
  const { run } = await startDeployed(t);
  const { stdout } = await run(['deploy', '--dry-run', '--markdown', '--remove-broad-grants', '--delete-source']);
  const asked = /\*\*To confirm before it is applied:\*\*\n\n```diff\n([^`]*)```/.exec(stdout)?.[1] ?? '';
  t.match(asked, /^- .*delete messages.*\(--yes\)$/ms);
  t.match(asked, /AmazonS3FullAccess/);
});

t.test('flags that contradict each other are errors', async (t) => {
  const { run } = await startOperator(t);
  const both = await run(['deploy', '--dry-run', '--markdown', '--json']);
  t.match(both.stderr, "error: option '--markdown' cannot be used with option '--json'");
  const alone = await run(['deploy', '--markdown']);
  t.equal(alone.stderr, 'error: --markdown needs --dry-run. Nothing was read or written.\n');
  for (const { status, calls } of [both, alone]) t.strictSame([status, calls], [1, []]);
});
