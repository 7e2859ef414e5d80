/**
 * Services on the deployed stack: which mail is routed, which reviews are recorded, and what is refused. The plan's notes are in
 * plan/services.test.ts.
 */
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import t from 'tap';
import { type DemoMessage, deliver, routedKeys } from '../../src/commands/demo/mail.js';
import { delivered, deployed, keysIn, mailDomain, messages, outcomes, startRouting } from '../support/mail.js';
import { type Operator, type Run, startOperator } from '../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const domain = ['--mail-domain', mailDomain];
const groq = ['--service', 'groq'];
const reviewed = ['--tos-reviewed', 'groq=2026-01-02'];

/** The environment of the deployed function. */
function environment({ sandbox }: Operator): Record<string, string> {
  return { ...sandbox.state.lambda.functions.get(FunctionName)?.environment };
}

/** Changes it outside of this tool. */
function setByHand({ aws }: Operator, Variables: Record<string, string>) {
  return aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
}

/** The lines of a plan about services, on one line each. */
function servicesIn({ stdout }: Run): string[] {
  const entries = stdout.split(/\n(?=[-+~>=!] )|\n\n/);
  return entries.filter((entry) => entry.startsWith('! service')).map((entry) => entry.replaceAll(/\n +/g, ' '));
}

/** The note on a service whose terms were not reviewed. */
const unreviewedNote = (terms: string, slug: string) =>
  `no review of its terms is recorded, and AgentKeys' rule is to review them before the first live sign-up (${terms}); then deploy with --tos-reviewed ${slug}=YYYY-MM-DD`;
const openrouterNote = `! service         openrouter ${unreviewedNote('https://openrouter.ai/terms', 'openrouter')}`;
const groqReason = `${unreviewedNote('https://console.groq.com/docs/legal/services-agreement', 'groq')}; until then, leave it out of --service and --prefix`;
const groqNote = `! service         groq ${groqReason}`;

/** A sign-up's mail, to an address of another prefix. */
function signup(prefix: string): DemoMessage {
  const [message] = messages;
  if (message === undefined) throw new Error('no fixtures');
  const raw = Buffer.from(message.raw.toString('latin1').replaceAll('or-0x1', `${prefix}-0x1`), 'latin1');
  return { ...message, key: `inbound/${prefix}`, raw };
}

t.test('only the services that are turned on are routed', async (t) => {
  const operator = await startOperator(t);
  const [openrouters, groqs, jinas] = [signup('or'), signup('groq'), signup('jina')];
  const copies = async () => (await keysIn(operator)).filter((key) => key.startsWith('bots/'));

  await deployed(operator);
  await delivered(operator, [openrouters, groqs]);
  t.strictSame(await copies(), routedKeys(openrouters), 'a planned service is off until it is named');
  t.match(
    outcomes(operator).find(({ key }) => key === groqs.key),
    { outcome: 'skipped', Reason: 'not-a-routed-address' },
  );

  await deployed(operator, ...groq, ...reviewed);
  t.equal(environment(operator).PREFIXES, 'or,groq');
  await delivered(operator, [groqs, jinas]);
  t.strictSame(await copies(), [...routedKeys(groqs), ...routedKeys(openrouters)].sort());

  t.match(
    (await operator.run(['deploy', ...domain])).stderr,
    'stop routing mail to groq-0x',
    'leaving it out needs confirmation',
  );
  await deployed(operator, '--yes');
  t.match(environment(operator), { PREFIXES: 'or', TOS_REVIEWED: 'groq=2026-01-02' });
  await delivered(operator, [{ ...signup('groq'), key: 'inbound/later' }]);
  t.notOk((await copies()).some((key) => key.endsWith('/later')));
});

t.test('a planned service without a review is refused before anything is written', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox } = operator;
  for (const naming of [groq, ['--prefix', 'or,groq']])
    for (const dry of [[], ['--dry-run'], ['--dry-run', '--detailed-exitcode']]) {
      const refused = await run(['deploy', ...domain, ...naming, ...dry]);
      t.equal(refused.status, 1);
      t.strictSame(refused.writes, []);
      t.strictSame(servicesIn(refused), [openrouterNote, groqNote]);
      t.equal(
        refused.stderr.trimEnd().split('\n').at(-1),
        `error: This plan can't be applied. The service groq: ${groqReason}. Nothing was written.`,
      );
    }
  const { status, stdout } = await run(['deploy', ...groq, '--service', 'jina', '--json']);
  t.equal(status, 1);
  t.match(JSON.parse(stdout), {
    outcome: 'failed',
    error: /^This plan can't be applied\. The service jina: .*\. The service groq: .* Nothing was written\.$/,
  });
  t.equal(sandbox.state.lambda.functions.size, 0);
});

t.test('a service that was turned on by hand: status and verify note it, deploy refuses', async (t) => {
  const operator = await startRouting(t, '--prefix', 'or,xy');
  const { run } = operator;
  await setByHand(operator, { ...environment(operator), PREFIXES: 'or,groq' });
  const args = [...domain, ...groq];
  const status = await run(['status', ...args]);
  t.equal(status.status, 0, 'a note is no drift');
  t.match(status.stdout, /^note {6}service {10}groq\n {12}no review of its terms is recorded, and/m);
  t.match(status.stdout, /^ {2}groq {19}groq-0x…; no review of its terms is recorded$/m);
  const { checks } = JSON.parse((await run(['verify', '--json', ...args])).stdout);
  const [stack] = checks;
  t.match(
    stack.checks.find(({ name }: { name: string }) => name === 'service groq'),
    { outcome: 'SKIP', reason: /^note: no review of its terms/ },
  );
  const refused = await run(['deploy', ...args]);
  t.equal(refused.status, 1, 'even if there is nothing to write');
  t.strictSame(refused.writes, []);
});

t.test('a review is recorded, kept, and replaced by a later one', async (t) => {
  const operator = await startOperator(t);
  const { run } = operator;
  const first = await deployed(operator);
  t.strictSame(servicesIn(first), [openrouterNote]);
  t.notHas(environment(operator), 'TOS_REVIEWED', 'there is nothing to record');

  const second = await deployed(operator, ...groq, ...reviewed);
  t.match(second.stdout, /^ {4}\+ environment TOS_REVIEWED: groq=2026-01-02$/m);
  t.strictSame(servicesIn(second), [openrouterNote]);
  t.equal(environment(operator).TOS_REVIEWED, 'groq=2026-01-02');

  for (const flags of [groq, [...groq, ...reviewed]]) {
    const again = await deployed(operator, ...flags);
    t.strictSame(again.writes, [], flags.join(' '));
    t.match(again.stdout, /^Nothing to do; 12 in sync, 2 to note/m);
  }

  const both = await deployed(operator, ...groq, '--tos-reviewed', 'openrouter=2026-01-03');
  t.match(
    both.stdout,
    /^ {4}~ environment TOS_REVIEWED: groq=2026-01-02 ->\n {6}groq=2026-01-02,openrouter=2026-01-03$/m,
  );
  t.strictSame(servicesIn(both), []);
  t.strictSame(both.writes, ['lambda:UpdateFunctionConfiguration']);

  await deployed(operator, ...groq, '--tos-reviewed', 'groq=2026-01-04');
  t.equal(environment(operator).TOS_REVIEWED, 'groq=2026-01-04,openrouter=2026-01-03');
  const { status, stdout } = await run(['status', ...domain, ...groq]);
  t.equal(status, 0);
  t.match(
    stdout,
    `Services
  openrouter             or-0x…; terms reviewed on 2026-01-03
  groq                   groq-0x…; terms reviewed on 2026-01-04

Mail
`,
  );
  t.notMatch(stdout, /^note {6}service/m);
  t.strictSame(JSON.parse((await run(['status', '--json', ...domain, ...groq])).stdout).services, [
    { service: 'openrouter', prefix: 'or', termsReviewed: '2026-01-03' },
    { service: 'groq', prefix: 'groq', termsReviewed: '2026-01-04' },
  ]);

  t.equal((await run(['teardown', '--yes'])).status, 0, 'a teardown ignores it');
});

t.test('status shows the services that the deployed function routes', async (t) => {
  const operator = await startOperator(t);
  const { run } = operator;
  const shown = async () => JSON.parse((await run(['status', '--json', '--no-mail'])).stdout).services;
  t.equal(await shown(), undefined, 'nothing is deployed');
  await deployed(operator);
  t.strictSame(await shown(), [{ service: 'openrouter', prefix: 'or', termsReviewed: null }]);
  const { PREFIXES, ...rest } = environment(operator);
  t.equal(PREFIXES, 'or');
  await setByHand(operator, rest);
  t.match(await shown(), [{ service: 'openrouter' }], 'the default, as in the function');
  await setByHand(operator, { ...rest, PREFIXES: 'xy' });
  t.strictSame(await shown(), []);
  t.match((await run(['status'])).stdout, 'Services\n  no service of the catalogue is routed\n');
});

t.test('backfill routes the services that are turned on, itself or by the function', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, bucket } = operator;
  await deliver(aws, bucket, [signup('groq')]);
  await operator.sandbox.settled();
  await deployed(operator, ...groq, ...reviewed);
  const here = await run(['backfill', '--dry-run', ...domain, ...groq]);
  t.match(here.stdout, /^ +1 {2}to be routed$/m);
  t.match((await run(['backfill', '--dry-run', ...domain])).stdout, /^ +1 {2}stays: not-a-routed-address$/m);
  t.match((await run(['backfill', '--via', 'lambda', ...domain])).stderr, 'with these settings (PREFIXES)');
  const handed = await run(['backfill', '--via', 'lambda', ...domain, ...groq]);
  t.equal(handed.status, 0, handed.stderr);
  await operator.sandbox.settled();
  t.strictSame(
    (await keysIn(operator)).filter((key) => key.startsWith('bots/')),
    routedKeys(signup('groq')),
  );
});

t.test('an unreadable record counts as none, and the next deploy replaces it', async (t) => {
  const operator = await startRouting(t, ...groq, ...reviewed, '--tos-reviewed', 'openrouter=2026-01-03');
  const before = environment(operator);
  await setByHand(operator, { ...before, TOS_REVIEWED: 'groq = soon, openrouter=2026-01-03' });
  const lost = await operator.run(['deploy', ...domain, ...groq]);
  t.equal(lost.status, 1);
  t.strictSame(servicesIn(lost), [openrouterNote, groqNote]);
  t.match(lost.stdout, /^ {4}- environment TOS_REVIEWED: groq = soon, openrouter=2026-01-03$/m);
  await setByHand(operator, { ...before, TOS_REVIEWED: 'groq=soon,openrouter=2026-01-03' });
  const repaired = await deployed(operator, ...groq, ...reviewed);
  t.match(repaired.stdout, 'groq=soon,openrouter=2026-01-03 ->');
  t.strictSame(environment(operator), before);
});

t.test('a record that is removed during a deploy stops it', async (t) => {
  const operator = await startRouting(t, ...groq, ...reviewed);
  const { TOS_REVIEWED, ...rest } = environment(operator);
  t.ok(TOS_REVIEWED);
  let removed = false;
  operator.sandbox.intercept(async ({ operation }) => {
    if (operation === 'UpdateFunctionConfiguration' && !removed) {
      removed = true;
      await setByHand(operator, rest);
    }
    return undefined;
  });
  const { status, stderr } = await operator.run(['deploy', ...domain, ...groq, '--memory', '512']);
  t.equal(status, 1);
  t.match(stderr, 'Failed: The service groq changed after the plan was made, in a way that the plan did not show.');
  t.not(operator.sandbox.state.lambda.functions.get(FunctionName)?.memory, 512);
});
