/**
 * Every command of the documents is run: in a shell, on an account of the embedded AWS, with the exit status that the document promises
 * (0, unless the command's comment says `exit 2`). A command without a runner ends with 127.
 * `TAP_SNAPSHOT=1 npx tap test/docs/commands.test.ts` regenerates the output that a document shows.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { RemovePermissionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { parseAddress } from '../../handler/mail/address.js';
import { agentToken, operatorNames } from '../../src/commands/demo/operator-account.js';
import { soon, walletA } from '../mailbox/support.js';
import { runDeploySh } from '../support/deploy-sh.js';
import { delivered, deployed, mailDomain } from '../support/mail.js';
import { type Operator, quickClock, startOperator } from '../support/operator.js';
import { operatorEnvironment } from '../support/process.js';
import { addVault, alice } from '../vault/support.js';
import { blocksOf, type Command, documentNames, readCommands } from './markdown.js';
import { printedBefore, withOutputs } from './outputs.js';
import { type Ran, runShell, type ShellOptions } from './shell.js';

/** Commands that are not run here, each with the reason. */
const exempt = new Map([
  ['npm ci && npm run demo', 'installs this repository; the gate of every landing does both'],
  ['npm ci && npm test', 'is what this test is a part of'],
  ['npm ci && npm pack', 'the gate of every landing packs and installs it'],
  ['mkdir ../mail-router', 'is where that is installed'],
  ['npm init --yes && npm install ../agentkeys-ses-routing-0.1.0.tgz', 'is that installation'],
  ['npm install ../agentkeys-ses-routing-0.1.0.tgz', 'is the installation of another version'],
  [
    'npm install agentkeys-ses-routing @aws-sdk/client-s3 @aws-sdk/client-sts',
    'test/mailbox/package.test.ts installs the package',
  ],
  ['npx --no agentkeys-ses-routing demo --keep', 'goes on until Ctrl-C: test/commands/demo/demo.test.ts'],
  [
    'aws cloudwatch put-metric-alarm',
    'the embedded AWS has no alarms; test/handler/documentation.test.ts looks at their names',
  ],
  [
    'bash infra/ses-routing-lambda/deploy.sh',
    "is AgentKeys' script: test/stack/legacy/guide.test.ts does what it does",
  ],
]);

/** Placeholders for a reader's own values. */
const placeholders: Array<[string, string]> = [
  ['<time>', '2026-01-31T12:00:00Z'],
  ['<task>', 'deploy'],
  ['0x…', walletA],
];

/** Documents whose commands another test runs. */
const elsewhere = ['docs/stage7-demo-and-verification.md'];

/** The account that a document's commands run in, and the files in their folder. */
interface Setting {
  operator: Operator;
  env?: NodeJS.ProcessEnv;
  files?: Record<string, string>;
  clock?: ShellOptions['clock'];
  before?: ShellOptions['before'];
  /** Checks what the commands have printed. */
  after?: (t: Test, ran: Ran[]) => void;
}

/** The router deployed, and mail delivered. */
async function withMail(t: Test): Promise<Setting & { env: NodeJS.ProcessEnv }> {
  const operator = await startOperator(t);
  await deployed(operator);
  await delivered(operator);
  return { operator, env: { DATA_ROLE_ARN: dataRoleArn(operator) } };
}

const settings: Record<string, (t: Test, markdown: string) => Promise<Setting>> = {
  'README.md': async (t) => ({ operator: await startOperator(t) }),
  'docs/cloud-setup.md': async (t, markdown) => {
    const [policy] = blocksOf('docs/cloud-setup.md', markdown).filter(({ language }) => language === 'json');
    return { operator: await startOperator(t), files: { 'bucket-policy.json': policy?.text ?? '' } };
  },
  'docs/configuration.md': async (t, markdown) => {
    const [file] = blocksOf('docs/configuration.md', markdown).filter(({ language }) => language === 'json');
    return { operator: await startOperator(t), files: { 'agentkeys-ses-routing.json': file?.text ?? '' } };
  },
  'docs/from-deploy-sh.md': async (t) => {
    const clock = quickClock();
    const { signal } = new AbortController();
    const operator = await startOperator(t, { now: clock.now });
    const { aws, bucket, sandbox } = operator;
    await runDeploySh(aws, { account: sandbox.account, bucket });
    // The reader waits ten minutes between two steps.
    return { operator, clock, before: () => clock.sleep(600_000, signal) };
  },
  'docs/logs-and-metrics.md': async (t) => {
    const operator = await startOperator(t);
    await deployed(operator);
    return { operator, env: { MAIL_DOMAIN: mailDomain } };
  },
  'docs/mailbox.md': withMail,
  'docs/vault.md': async (t) => {
    const operator = await startOperator(t);
    const { wallet, omni } = await addVault(operator);
    return {
      operator,
      env: { DATA_ROLE_ARN: wallet.roleArn, VAULT_ROLE_ARN: omni.roleArn },
      files: {
        'token.jwt': agentToken(alice.wallet, soon()),
        'wallet.key': alice.privateKey,
        'agent.js': "process.exitCode = process.env.OPENROUTER_API_KEY === 'sk-example' ? 0 : 1;",
      },
      after(t, ran) {
        t.strictSame(ran.map(({ output }) => output.replace(/^Secret for .*\n/, '').trim()).slice(1, 4), [
          'openrouter',
          'sk-example',
          '',
        ]);
      },
    };
  },
  'docs/operations.md': async (t) => {
    const { operator } = await withMail(t);
    const { aws, sandbox } = operator;
    const FunctionName = 'agentkeys-ses-routing';
    // The changes that the page describes.
    await aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 128 }));
    await sandbox.settled();
    const { policy = [] } = sandbox.state.lambda.functions.get(FunctionName) ?? {};
    for (const { Sid: StatementId } of policy)
      await aws.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
    const testBucket = `agentkeys-mail-test-${sandbox.account}`;
    await aws.s3.send(new CreateBucketCommand({ Bucket: testBucket }));
    const files = { 'operator-workstation.test.env': `BUCKET=${testBucket}\n` };
    return { operator, files, env: { MAIL_DOMAIN: mailDomain } };
  },
  'docs/ci.md': async (t) => ({ operator: await startOperator(t) }),
  'docs/permissions.md': async (t) => ({ operator: await startOperator(t) }),
  'docs/services.md': async (t) => ({ operator: await startOperator(t) }),
  'docs/migrating-the-provisioner.md': async (t) => {
    const { operator, env: found } = await withMail(t);
    const env = { ...found, TOKEN_FILE: 'token.jwt', WALLET: `0xAB${'1'.repeat(38)}` };
    return {
      operator,
      env,
      after(t, ran) {
        const [before, ...printed] = ran
          .filter(({ text }) => text.startsWith('echo'))
          .map(({ output }) => output.trim());
        const [ofToken, ofVariable, code] = printed;
        t.equal(parseAddress(before ?? ''), undefined, 'no such address is routed');
        t.match(parseAddress(ofToken ?? ''), { wallet: walletA });
        t.match(parseAddress(ofVariable ?? ''), { wallet: env.WALLET.toLowerCase() });
        t.equal(code, '123456');
      },
    };
  },
};

const dataRoleArn = ({ sandbox }: Operator) => `arn:aws:iam::${sandbox.account}:role/${operatorNames.dataRole}`;

/** AgentKeys' operator-workstation.env. */
function operatorWorkstation(operator: Operator): string {
  const { account, region } = operator.sandbox;
  const variables = { ACCOUNT_ID: account, REGION: region, BUCKET: operator.bucket, MAIL_DOMAIN: mailDomain };
  return Object.entries({ ...variables, DATA_ROLE_ARN: dataRoleArn(operator) })
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join('');
}

const isExempt = ({ text }: Command) => [...exempt.keys()].some((beginning) => text.startsWith(beginning));

for (const document of await documentNames()) {
  const commands = await readCommands(document);
  if (commands.length === 0 || elsewhere.includes(document)) continue;
  t.test(document, async (t) => {
    const prepare = settings[document];
    if (prepare === undefined)
      return t.fail(`no test runs its commands: ${commands.map(({ text }) => text).join('; ')}`);
    const { operator, env, files, after, ...options } = await prepare(t, await readFile(document, 'utf8'));
    const cwd = t.testdir({
      'operator-workstation.env': operatorWorkstation(operator),
      'token.jwt': agentToken(walletA, soon()),
      ...files,
    });
    const asked = commands
      .filter((command) => !isExempt(command))
      .map((command) => ({
        ...command,
        text: placeholders.reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), command.text),
      }));
    const { REGION, ...keys } = operatorEnvironment(operator.sandbox);
    const ran = await runShell(t, asked, { ...options, cwd, env: { ...keys, AWS_REGION: REGION, ...env } });
    for (const { line, text, status, promised, output } of ran)
      t.equal(status, promised, `${document}:${line}: ${text}${status === promised ? '' : `\n${output}`}`);
    after?.(t, ran);
    const page = await readFile(document, 'utf8');
    const expected = withOutputs(page, (position) => printedBefore(ran, position, page));
    if (process.env.TAP_SNAPSHOT === '1') await writeFile(document, expected);
    t.equal(await readFile(document, 'utf8'), expected, 'the output that it shows');
  });
}

t.test('each exempt command occurs in a document', async (t) => {
  const commands = (await Promise.all((await documentNames()).map(readCommands))).flat();
  for (const beginning of exempt.keys())
    t.ok(
      commands.some(({ text }) => text.startsWith(beginning)),
      beginning,
    );
});

t.test('an unknown command fails', async (t) => {
  const text = [
    'aws s3api put-object-acl --bucket b',
    'npx agentkeys-ses-routing status',
    'terraform apply',
    'npm start',
  ];
  const commands = text.map((one, line) => ({ document: '', line, text: one, promised: 0, words: [] }));
  const ran = await runShell(t, commands, { cwd: t.testdir({}), env: { AWS_REGION: 'us-east-1' } });
  t.strictSame(
    ran.map(({ status }) => status),
    [127, 127, 127, 127],
  );
});
