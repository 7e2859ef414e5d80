/**
 * docs/ci.md: its workflow is YAML with the rights that the page says, its trust policies are enforced by the embedded AWS, and its commands
 * run there with the sessions that they give and the printed permissions.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { type Operator, startOperator } from '../support/operator.js';
import { readBlocks } from './markdown.js';

interface Step {
  run?: string;
  uses?: string;
  with?: Record<string, string>;
}

interface Job {
  if?: string;
  needs?: string;
  environment?: string;
  permissions: Record<string, string>;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: object;
  env: Record<string, string>;
  jobs: Record<string, Job>;
}

async function workflowOf(): Promise<Workflow> {
  const [block] = await readBlocks('docs/ci.md', 'yaml');
  return parse(String(block?.text), { strict: true, uniqueKeys: true });
}

/** The arguments of this tool's commands in a job. */
function commandsOf({ steps }: Job): string[][] {
  return steps.flatMap(({ run = '' }) => {
    const [, args] = /^npx --no agentkeys-ses-routing ([^>]*)/.exec(run) ?? [];
    return args === undefined ? [] : [args.trim().split(' ')];
  });
}

t.test('the workflow has the rights that it needs, and no others', async (t) => {
  const { on, permissions, jobs } = await workflowOf();
  t.strictSame(on, { pull_request: null, push: { branches: ['main'] } }, 'not pull_request_target');
  t.strictSame(permissions, {});
  const rights = { contents: 'read', 'id-token': 'write' };
  t.strictSame(Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.permissions])), {
    comment: { ...rights, 'pull-requests': 'write' },
    plan: rights,
    deploy: rights,
  });
  const { comment, plan, deploy } = jobs as Record<'comment' | 'plan' | 'deploy', Job>;
  t.match(comment.if, 'head.repo.full_name == github.repository', 'not for forks');
  t.equal(plan.if, "github.event_name == 'push'");
  t.match(deploy, { needs: 'plan', environment: 'production' });
  t.notMatch(comment.environment, 'production');
  for (const { steps } of Object.values(jobs))
    for (const { run = '' } of steps) t.notMatch(run, '$'.concat('{{'), 'an expression in a script is an injection');
});

function token(sub: string, aud = 'sts.amazonaws.com'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part({ alg: 'RS256' })}.${part({ iss: 'https://token.actions.githubusercontent.com', sub, aud, exp })}.c2ln`;
}

/** An account with the page's provider and roles, each with the permissions that the page's command prints. */
async function github(
  t: Test,
): Promise<Operator & { assume(role: string, token: string): ReturnType<typeof session> }> {
  const operator = await startOperator(t);
  const { aws, sandbox, run } = operator;
  await aws.iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: 'https://token.actions.githubusercontent.com',
      ClientIDList: ['sts.amazonaws.com', 'another-audience'],
    }),
  );
  const blocks = await readBlocks('docs/ci.md', 'json');
  for (const [task, RoleName] of [
    ['dry-run', 'mail-plan'],
    ['deploy', 'mail-deploy'],
  ] as const) {
    const trust = blocks.find(({ words }) => words[0] === RoleName)?.text;
    await aws.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    const { stdout: PolicyDocument } = await run(['policy', task]);
    const created = await aws.iam.send(new CreatePolicyCommand({ PolicyName: RoleName, PolicyDocument }));
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: created.Policy?.Arn }));
  }
  return { ...operator, assume: (role, WebIdentityToken) => session(aws, sandbox.account, role, WebIdentityToken) };
}

async function session({ sts }: Operator['aws'], account: string, role: string, WebIdentityToken: string) {
  const RoleArn = `arn:aws:iam::${account}:role/${role}`;
  const input = { RoleArn, RoleSessionName: 'GitHubActions', WebIdentityToken };
  const { Credentials } = await sts.send(new AssumeRoleWithWebIdentityCommand(input));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = { ...Credentials };
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

t.test('the roles open for their own jobs only', async (t) => {
  const { assume } = await github(t);
  const subjects = {
    pull: 'repo:example/mail:pull_request',
    main: 'repo:example/mail:ref:refs/heads/main',
    production: 'repo:example/mail:environment:production',
    branch: 'repo:example/mail:ref:refs/heads/feature',
    tag: 'repo:example/mail:ref:refs/tags/main',
    'other environment': 'repo:example/mail:environment:production-2',
    fork: 'repo:somebody/mail:pull_request',
    'fork, main': 'repo:somebody/mail:ref:refs/heads/main',
    'fork, production': 'repo:somebody/mail:environment:production',
    'other repository': 'repo:example/mail-2:ref:refs/heads/main',
    'other case': 'repo:Example/mail:ref:refs/heads/main',
  };
  const opens: Record<string, string[]> = { 'mail-plan': ['pull', 'main'], 'mail-deploy': ['production'] };
  for (const [role, allowed] of Object.entries(opens))
    for (const [name, sub] of Object.entries(subjects))
      if (allowed.includes(name)) t.ok((await assume(role, token(sub))).accessKeyId, `${role}: ${name}`);
      else await t.rejects(assume(role, token(sub)), { name: 'AccessDenied' }, `${role}: ${name}`);
  await t.rejects(assume('mail-plan', token(subjects.main, 'another-audience')), { name: 'AccessDenied' });
});

t.test('the role for plans lists keys, and reads no mail', async (t) => {
  const { aws, assume, bucket, sandbox } = await github(t);
  const { endpoint, region } = sandbox;
  const wallet = `0x${'a'.repeat(40)}`;
  const keys = ['inbound/1', `bots/${wallet}/inbound/1`];
  for (const Key of keys) await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'mail' }));
  const credentials = await assume('mail-plan', token('repo:example/mail:pull_request'));
  const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials });
  t.teardown(() => s3.destroy());
  await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  for (const Key of keys)
    await t.rejects(s3.send(new GetObjectCommand({ Bucket: bucket, Key })), { name: 'AccessDenied' }, Key);
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  t.equal(KeyCount, 2, 'HeadBucket needs s3:ListBucket, which lists the keys too');
});

t.test('the commands run with the sessions of their jobs, and the plan is applied', async (t) => {
  const { run, assume } = await github(t);
  const { jobs, env } = await workflowOf();
  const folder = t.testdir({});
  const subjects: Record<string, string> = {
    comment: 'repo:example/mail:pull_request',
    plan: 'repo:example/mail:ref:refs/heads/main',
    deploy: 'repo:example/mail:environment:production',
  };
  const writes: Record<string, string[]> = {};
  for (const [name, job] of Object.entries(jobs)) {
    const role = job.steps.map((step) => step.with?.['role-to-assume']).find((one) => one !== undefined);
    const credentials = await assume(String(role).split('/')[1] ?? '', token(String(subjects[name])));
    const commands = commandsOf(job);
    t.equal(commands.length, 1, name);
    for (const args of commands) {
      const here = args.map((arg) => (arg === 'plan.json' ? join(folder, arg) : arg));
      const result = await run(here, { env, credentials });
      t.equal(result.status, 0, `${name}: ${args.join(' ')} ${result.stderr}`);
      writes[name] = result.writes;
      if (args.includes('--markdown')) t.match(result.stdout, /^### Plan to deploy/);
    }
  }
  const { entries } = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
  const calls = entries.flatMap((entry: { calls: string[] }) => entry.calls);
  t.ok(calls.length > 10);
  t.strictSame({ ...writes, deploy: writes.deploy?.toSorted() }, { comment: [], plan: [], deploy: calls.toSorted() });
});
