/** `trace <message>` against a deployed function: where the message is, why, who can read it, and what to do. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import type { PolicyDocument, Statement } from '../../../src/policy/document.js';
import { delivered, deployed, mailDomain, startRouting } from '../../support/mail.js';
import { byEnvelope, byHeaders, masked, runAs, staying } from './support.js';

t.test('a routed message', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, [byEnvelope]);
  const { run, bucket, sandbox } = operator;
  const read: Array<[operation: string, key: string]> = [];
  sandbox.intercept(({ operation, input }) => {
    if (operation === 'GetObject') read.push([operation, String((input as { Key?: string }).Key)]);
    return undefined;
  });
  const { status, stdout, writes } = await run(['trace', byEnvelope.key]);
  t.equal(status, 0);
  t.strictSame(writes, []);
  t.strictSame(read, [['GetObject', byEnvelope.key]], 'one range of the header, and no copy');
  const [wallet] = byEnvelope.routed?.wallets ?? [];
  const size = byEnvelope.raw.length.toLocaleString('en-US');
  t.strictSame(masked(stdout), [
    byEnvelope.key,
    '  It is routed: every copy is there.',
    '',
    'Where it is',
    `  inbound/    <time> (<n> s ago), ${size} bytes, STANDARD`,
    '  encryption  AES256',
    `  copy        ${wallet}:`,
    `              <time> (<n> s ago), ${size} bytes, STANDARD`,
    '',
    'What the function logged since <time>',
    `  <time>  routed   to ${wallet} (envelope), <n> ms`,
    '',
    'What it would decide now',
    `  to ${wallet}`,
    "  SES's trace header (Received) names a routed address",
    '  2,048 bytes of its header were read',
    "  decided with the deployed function's settings",
    '',
    'Who can read it, by the policies of roles and bucket',
    '  yes: the broker (agentkeys-broker-host), inbound/ (allowed by',
    '    agentkeys-ses-routing-broker)',
    '  no: an agent (agentkeys-data-role), inbound/ (no statement allows it)',
    '  yes: a session of the wallet (agentkeys-data-role), the copy (allowed by the',
    '    bucket policy)',
    '  no: the broker (agentkeys-broker-host), the copy (denied by',
    '    agentkeys-ses-routing-broker)',
    '  not looked at: others whom their own policies allow it, such as administrators',
    '    (verify)',
  ]);
  const id = byEnvelope.key.replace('inbound/', '');
  for (const same of [id, `bots/${wallet}/inbound/${id}`])
    t.match((await run(['trace', same])).stdout, `${byEnvelope.key}\n  It is routed`);
  const document = JSON.parse((await run(['trace', id, '--json'])).stdout);
  t.match(document, {
    kind: 'message',
    id,
    key: byEnvelope.key,
    message: { size: byEnvelope.raw.length, storageClass: 'STANDARD', encryption: 'AES256' },
    log: [{ outcome: 'routed', wallets: [wallet] }],
    now: { decision: 'route', by: 'envelope', wallets: [wallet], headerBytesRead: 2048 },
    copies: [{ wallet, copy: { size: byEnvelope.raw.length } }],
    next: [],
  });
  t.strictSame(document.now.recipients, [{ field: 'received', verdict: 'routed' }]);
  t.notMatch(stdout + JSON.stringify(document), mailDomain, 'no address');
  t.equal(bucket, operator.bucket);
});

t.test('the recipient is shown on request only', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, [byHeaders]);
  const plain = await operator.run(['trace', byHeaders.key]);
  t.notMatch(plain.stdout, '@');
  t.match(plain.stdout, /^ {2}To names a routed address$/m);
  const shown = await operator.run(['trace', byHeaders.key, '--show-recipient']);
  const [wallet] = byHeaders.routed?.wallets ?? [];
  t.match(shown.stdout, new RegExp(`^  To names\\s+or-${wallet}-\\d+@${mailDomain}:`, 'm'));
  const { now } = JSON.parse((await operator.run(['trace', byHeaders.key, '--show-recipient', '--json'])).stdout);
  t.match(now.recipients[0], { field: 'to', address: /@/ });
});

t.test('the policy is sufficient and minimal; what is denied is unknown', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, [byEnvelope]);
  const policy: PolicyDocument = JSON.parse((await operator.run(['policy', 'trace'])).stdout);
  const args = ['trace', byEnvelope.key];
  // Every kind of policy that a role may have.
  operator.sandbox.state.iam.roles
    .get('agentkeys-data-role')
    ?.inline.set('none', '{"Version":"2012-10-17","Statement":[]}');
  const whole = await runAs(operator, policy, args);
  t.equal(whole.status, 0, whole.stderr);
  t.notMatch(whole.stdout, 'unknown');
  t.strictSame(masked(whole.stdout), masked((await operator.run(args)).stdout));

  const single = policy.Statement.flatMap((statement): Statement[] =>
    [statement.Action ?? []].flat().map((Action) => ({ ...statement, Action })),
  );
  for (const one of single) {
    const lesser = { ...policy, Statement: single.filter((other) => other !== one) };
    const { status, stdout, stderr } = await runAs(operator, lesser, args);
    t.equal(status, 0, stderr);
    t.match(stdout, 'unknown', `without ${one.Action} on ${one.Resource}`);
    const document = JSON.parse((await runAs(operator, lesser, [...args, '--json'])).stdout);
    t.match(JSON.stringify(document), /unknown|settingsGiven/);
  }

  const nothing = { ...policy, Statement: single.filter(({ Action }) => Action === 's3:GetBucketPolicy') };
  const { status, stderr } = await runAs(operator, nothing, args);
  t.equal(status, 1);
  t.match(stderr, 'error: Nothing was found about the message');
  for (const denied of ['s3:GetObject on', 's3:ListBucket on', 'logs:FilterLogEvents on']) t.match(stderr, denied);
});

t.test('S3 fails otherwise than by a denial: where the message is, is unknown, and the cause is named', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, [byEnvelope]);
  operator.sandbox.intercept(({ operation }) =>
    ['HeadObject', 'ListObjectsV2'].includes(operation)
      ? { kind: 'refuse', code: 'InvalidRequest', message: 'Not now', status: 400 }
      : undefined,
  );
  const { status, stdout } = await operator.run(['trace', byEnvelope.key]);
  t.equal(status, 0);
  t.match(stdout, /^ {2}inbound\/ {4}unknown: .*InvalidRequest: Not now/ms);
  t.match(stdout, /^ {2}copy {8}0x1{40}: unknown:\s+InvalidRequest: Not now/m);
  t.notMatch(stdout, 'denied');
  t.notMatch(stdout, 'it is not there');
  t.notMatch(stdout, ': none');
});

t.test('a data role of another account: the policy asks for nothing of it', async (t) => {
  const { run } = await startRouting(t);
  const resources = async (env: Record<string, string> = {}) => {
    const { Statement }: PolicyDocument = JSON.parse((await run(['policy', 'trace'], { env })).stdout);
    return Statement.flatMap(({ Resource }) => Resource ?? []);
  };
  t.ok((await resources()).includes('arn:aws:iam::111122223333:role/agentkeys-data-role'));
  const others = await resources({ DATA_ROLE_ARN: 'arn:aws:iam::444455556666:role/theirs' });
  t.notOk(others.some((arn) => /444455556666|agentkeys-data-role/.test(arn)));
  t.ok(others.includes('arn:aws:iam::111122223333:role/agentkeys-broker-host'));
});

t.test('a failed message: all attempts, what to do, and the command does it', async (t) => {
  const operator = await startRouting(t);
  const { run, sandbox } = operator;
  const inline = sandbox.state.iam.roles.get('agentkeys-ses-routing-role')?.inline;
  for (const [name, text] of inline ?? []) inline?.set(name, text.replace('s3:GetObject', 's3:GetObjectAcl'));
  await delivered(operator, [byEnvelope]);
  const { stdout } = await run(['trace', byEnvelope.key]);
  t.match(stdout, '  It is not routed: the last attempt failed.\n');
  // Lambda's three, and those of the retry queue.
  t.ok(Number(stdout.match(/ {2}failed {3}S3CallError: GetObject failed: AccessDenied/g)?.length) > 3);
  t.match(stdout, /, attempt \d+ of the retry queue/);
  t.match(stdout, /^ {2}copy {8}0x1{40}: none$/m);
  t.match(stdout, 'What to do\n  Remove the cause that the log names. If nothing tries it again, route it.\n');
  const { command } = JSON.parse((await run(['trace', byEnvelope.key, '--json'])).stdout);
  t.ok(stdout.includes(`    ${command}\n`));
  t.equal((await run(command.split(' ').slice(3))).status, 0);
  t.match((await run(['trace', byEnvelope.key])).stdout, 'every copy is there');
});

t.test('not routed, and the function logged nothing: before the first deploy', async (t) => {
  const operator = await startRouting(t);
  operator.sandbox.state.events.rules.clear();
  await delivered(operator, [byEnvelope]);
  const { stdout } = await operator.run(['trace', byEnvelope.key]);
  t.match(stdout, 'It is not routed, and the function logged nothing about it.');
  t.match(stdout, '\n  nothing\n');
  t.match(stdout, 'What to do\n  See with `status` and `verify` whether new mail is routed, then route it.\n    npx');
});

t.test('deleted messages and copies', async (t) => {
  const operator = await startRouting(t);
  const { aws, bucket, run, sandbox } = operator;
  await delivered(operator, [byEnvelope, staying]);
  const [wallet] = byEnvelope.routed?.wallets ?? [];
  const id = byEnvelope.key.replace('inbound/', '');
  const remove = (Key: string) => aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  await remove(`bots/${wallet}/inbound/${id}`);
  const copyGone = await run(['trace', id]);
  t.match(copyGone.stdout, 'It was routed, and a copy was deleted since.\n');
  t.match(copyGone.stdout, 'route it again.\n    npx');
  await run(['backfill', '--mail-domain', mailDomain]);
  await remove(byEnvelope.key);
  await remove(staying.key);
  const gone = await run(['trace', id]);
  t.match(
    gone.stdout,
    /It was routed, and it is no longer in inbound\/\.\n\nWhere it is\n {2}inbound\/ {4}it is not there\n/,
  );
  t.notMatch(gone.stdout, 'What it would decide');
  t.match(JSON.parse((await run(['trace', id, '--json'])).stdout), { message: null, copies: [{ wallet }] });
  t.match(
    (await run(['trace', staying.key])).stdout,
    'It was not routed as far as the log shows, and it is no longer in',
  );

  sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing')?.streams.clear();
  const searched = await run(['trace', id]);
  t.match(searched.stdout, 'It was routed, and it is no longer in inbound/.');
  t.match(searched.stdout, `copy        ${wallet}:`);
  await remove(`bots/${wallet}/inbound/${id}`);
  const lost = await run(['trace', id]);
  t.equal(lost.status, 1);
  t.match(
    lost.stderr,
    `Nothing was found about the message ${id}. It is not in inbound/, there is no copy, and the log does not name it.`,
  );
});

t.test('what is no message', async (t) => {
  const { run } = await startRouting(t);
  for (const what of ['somebody@example.org', 'or-0x12-1@example.org', 'a/../b', '']) {
    const { status, stderr, calls } = await run(['trace', what]);
    t.equal(status, 1, what);
    t.match(stderr, 'error: This is no message id, no sign-up address');
    if (what !== '') t.notOk(stderr.includes(what), 'it is not repeated');
    t.strictSame(calls, []);
  }
});

t.test('a function that deletes what it routed', async (t) => {
  const operator = await startRouting(t);
  await deployed(operator, '--delete-source', '--yes');
  await delivered(operator, [byEnvelope]);
  t.match(
    (await operator.run(['trace', byEnvelope.key])).stdout,
    'It was routed, and the function deleted it from inbound/.',
  );
});
