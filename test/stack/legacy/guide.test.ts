/** docs/from-deploy-sh.md is true: what it shows of a plan is what a plan says, and its way back leads back. */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { runDeploySh } from '../../support/deploy-sh.js';
import { afterDeploySh, minutes } from './account.js';

/** The parts of plans that the guide shows: indented, beginning with a plan's mark. */
async function shownParts(): Promise<string[]> {
  const guide = await readFile('docs/from-deploy-sh.md', 'utf8');
  return guide.split('\n\n').flatMap((paragraph) => {
    const [, indent] = /^( {4,6})[-~!] /.exec(paragraph) ?? [];
    return indent === undefined ? [] : [paragraph.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd()];
  });
}

const untimed = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>');

t.test('what it shows', async (t) => {
  const { run, pass, sandbox } = await afterDeploySh(t);
  const plans = [await run(['deploy']), await run(['deploy'])];
  await pass(minutes(10));
  plans.push(await run(['deploy', '--dry-run']));
  const fn = sandbox.state.lambda.functions.get('agentkeys-ses-router');
  Object.assign(fn ?? {}, { memory: 512 });
  plans.push(await run(['deploy', '--dry-run']));
  const said = untimed(plans.map(({ stdout }) => stdout).join('\n'));
  const parts = await shownParts();
  t.equal(parts.length, 4);
  for (const part of parts) t.ok(said.includes(`${untimed(part)}\n`), part);
});

t.test('rolling back before the old path is removed', async (t) => {
  const { run, mail, routedBy } = await afterDeploySh(t);
  await run(['deploy']);
  t.equal((await run(['teardown', '--yes'])).status, 0);
  await mail();
  t.strictSame(await routedBy(), ['old']);
});

t.test('rolling back after it was removed', async (t) => {
  const { aws, bucket, run, pass, mail, routedBy, sandbox } = await afterDeploySh(t);
  await run(['deploy']);
  await pass(minutes(10));
  t.equal((await run(['deploy', '--yes'])).writes.length, 5);
  await runDeploySh(aws, { account: sandbox.account, bucket }, pass);
  await mail();
  t.equal((await run(['teardown', '--yes'])).status, 0);
  await mail();
  t.strictSame(await routedBy(), ['old', 'old']);
});
