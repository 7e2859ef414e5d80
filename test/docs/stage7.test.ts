/**
 * docs/stage7-demo-and-verification.md, from its first command to its last, on the account that the demo leaves running.
 * `TAP_SNAPSHOT=1 npx tap test/docs/stage7.test.ts` regenerates their output.
 */

import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { operatorNames } from '../../src/commands/demo/operator-account.js';
import { createSession } from '../../src/sandbox/index.js';
import { delivered, mailDomain } from '../support/mail.js';
import { type Operator, startOperator } from '../support/operator.js';
import { operatorEnvironment } from '../support/process.js';
import { type Command, readCommands } from './markdown.js';
import { printedBefore, withOutputs } from './outputs.js';
import { runShell } from './shell.js';

const page = 'docs/stage7-demo-and-verification.md';
const A = `0x${'1'.repeat(40)}`;

/** A command on the broker's host, with the credentials of its instance role. */
function onBrokerHost({ sandbox }: Operator, command: Command): Command {
  const role = sandbox.state.iam.roles.get(operatorNames.brokerRole);
  if (role === undefined) throw new Error('the account has a broker');
  const { id, secret, sessionToken } = createSession(sandbox.state, role, { session: 'i-0' });
  const variables = `AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY='${secret}' AWS_SESSION_TOKEN='${sessionToken}'`;
  return { ...command, text: `${variables} ${command.text}` };
}

t.test('every command, and what it prints', async (t) => {
  const operator = await startOperator(t);
  const { sandbox, bucket } = operator;
  // What the demo does before it prints the variables.
  const demo = await operator.run(['deploy', '--mail-domain', mailDomain, '--remove-broad-grants', '--yes']);
  t.equal(demo.status, 0, demo.stderr);
  await delivered(operator);
  const { REGION, ...keys } = operatorEnvironment(sandbox);
  const env = { ...keys, AWS_REGION: REGION, ACCOUNT_ID: sandbox.account, BUCKET: bucket, MAIL_DOMAIN: mailDomain };

  // `demo --keep` itself: the account was made above.
  const asked = (await readCommands(page)).filter(({ text }) => !text.includes(' demo --keep'));
  const commands = asked.map((one) => (one.words.includes('broker-host') ? onBrokerHost(operator, one) : one));
  const ran = await runShell(t, commands, { env, cwd: t.testdir({}), before: () => sandbox.settled() });
  for (const { text, line, status, promised, output } of ran) t.equal(status, promised, `${line}: ${text}\n${output}`);

  const output = (part: string) => ran.filter(({ text }) => text.includes(part)).map((one) => one.output);
  t.match(output("--link 'verify"), [/^https:\/\/openrouter\.example\.com\/verify\?token=made-up-0001$/m]);
  t.match(output('inbox list --wallet "$A"'), [`AWS does not let these credentials read bots/${A}/inbound/`]);
  t.match(output(' routed.eml'), ['An error occurred (AccessDenied)']);
  t.match(output('verify --web-identity'), [/^\d+ OK, 0 FAIL, 0 skipped\.$/m]);

  const document = await readFile(page, 'utf8');
  const expected = withOutputs(document, (position) => printedBefore(ran, position, document));
  if (process.env.TAP_SNAPSHOT === '1') await writeFile(page, expected);
  t.equal(await readFile(page, 'utf8'), expected);
});
