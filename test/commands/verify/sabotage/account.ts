/**
 * One account for a whole table of cases: each changes one thing, is tried with real requests, judged by verify, and taken back.
 */
import { CreateAccessKeyCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, type Credentials } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import { type Aws, createAws } from '../../../../src/aws/clients.js';
import { operatorNames } from '../../../../src/commands/demo/operator-account.js';
import type { Check, Finding } from '../../../../src/commands/verify/check.js';
import type { Statement } from '../../../../src/policy/document.js';
import { createSession } from '../../../../src/sandbox/index.js';
import { walletA, walletB } from '../../../mailbox/support.js';
import { type Deployed, paths, startDeployed } from '../operator.js';

export { walletA, walletB };

export const account = '111122223333';
export const bucketArn = `arn:aws:s3:::agentkeys-mail-${account}`;
export const { brokerRole, dataRole, issuer, audience } = operatorNames;
export const functionRole = 'agentkeys-ses-routing-role';
export const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
export const provider = (host: string) => `arn:aws:iam::${account}:oidc-provider/${host}`;

/** What is in the bucket: login mail, the mail of two wallets, and what other teams keep there. */
const objects = [
  'inbound/login',
  `bots/${walletA}/inbound/mail`,
  `bots/${walletB}/inbound/mail`,
  `bots/${walletB}/credentials/openrouter.enc`,
  'reports/q1',
];

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Verify's judgement of the isolation: checks by their paths below it, as `the broker > does not read routed mail`. */
export interface Judgement {
  failed: string[];
  skipped: string[];
  /** The findings of the check with this path. */
  findings(path: string): Finding[];
  /** The isolation's checks as JSON. */
  json: string;
}

export interface Account extends Deployed {
  /** A session of a role, whatever its trust policy says: an instance's or a function's. */
  session(role: string, tags?: Record<string, string>): Aws;
  /** A session that is opened with a token of an identity provider. Its claims are an agent's own unless given. */
  withToken(claims?: Record<string, unknown>, session?: string): Promise<Aws>;
  /** An IAM user of the account who may do everything with STS, and nothing else. */
  user: Aws;
  /** A session of the data role that this user opens, with what AssumeRole is given. */
  assumedByUser(more?: object): Promise<Aws>;
  judge(flags?: string[]): Promise<Judgement>;
  /** Remembers the policies. @returns what puts them back */
  save(): () => void;
}

export const documentOf = (Statement: readonly Statement[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** An agent's token, unsigned: the embedded AWS does not check signatures. */
function token(claims: Record<string, unknown>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = {
    iss: `https://${issuer}`,
    aud: audience,
    sub: 'agent',
    exp: Date.now() / 1_000 + 600,
    'https://aws.amazon.com/tags': { principal_tags: { agentkeys_user_wallet: [walletA] } },
    ...claims,
  };
  return `${part({ alg: 'none' })}.${part(payload)}.unsigned`;
}

export async function startAccount(t: Test): Promise<Account> {
  const deployed = await startDeployed(t, {}, 'before it');
  const { aws, sandbox, bucket: Bucket } = deployed;
  const { endpoint, region, state } = sandbox;
  // The probe of routing takes most of a run's time, and is not what these cases are about.
  sandbox.intercept(({ operation, input }) =>
    operation === 'PutObject' && /^inbound\/agentkeys-ses-routing-probe-/.test(String(Object(input).Key))
      ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'No probes.' }
      : undefined,
  );
  for (const Key of objects) await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'mail' }));
  await sandbox.settled();

  const open = new Map<string, Aws>();
  t.teardown(() => {
    for (const clients of open.values()) clients.close();
  });
  const as = (credentials: Keys): Aws => {
    const clients = open.get(credentials.accessKeyId) ?? createAws({ region, endpointUrl: endpoint, credentials });
    open.set(credentials.accessKeyId, clients);
    return clients;
  };
  const asSession = ({ AccessKeyId, SecretAccessKey, SessionToken }: Credentials): Aws =>
    as({
      accessKeyId: String(AccessKeyId),
      secretAccessKey: String(SecretAccessKey),
      sessionToken: String(SessionToken),
    });

  await aws.iam.send(new CreateUserCommand({ UserName: 'mallory' }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName: 'mallory' }));
  const stsOnly = documentOf([{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }]);
  state.iam.users.get('mallory')?.inline.set('sts', stsOnly);
  const user = as({
    accessKeyId: String(AccessKey?.AccessKeyId),
    secretAccessKey: String(AccessKey?.SecretAccessKey),
  });
  const role = { RoleArn: roleArn(dataRole), RoleSessionName: 'session' };
  return {
    ...deployed,
    user,
    session(name, tags = {}) {
      const found = state.iam.roles.get(name);
      if (found === undefined) throw new Error(`there is no role ${name}`);
      const { id, secret, sessionToken } = createSession(state, found, { session: 'session', tags });
      return as({ accessKeyId: id, secretAccessKey: secret, sessionToken });
    },
    async withToken(claims = {}, RoleSessionName = 'session') {
      const input = { ...role, RoleSessionName, WebIdentityToken: token(claims) };
      const answer = await aws.sts.send(new AssumeRoleWithWebIdentityCommand(input));
      return asSession({ ...answer.Credentials } as Credentials);
    },
    async assumedByUser(more = {}) {
      const answer = await user.sts.send(new AssumeRoleCommand({ ...role, ...more }));
      return asSession({ ...answer.Credentials } as Credentials);
    },
    async judge(flags = []) {
      const { checks, stdout } = await deployed.verify(['--timeout', '1', ...flags]);
      const isolation = checks.find(({ name }) => name === 'isolation, by the policies');
      if (isolation === undefined) throw new Error(stdout);
      const under = isolation.checks ?? [];
      return {
        failed: paths(under, 'FAIL'),
        skipped: paths(under, 'SKIP'),
        findings: (path) => checkAt(under, path)?.findings ?? [],
        json: JSON.stringify(isolation),
      };
    },
    save() {
      const bucket = state.s3.buckets.get(Bucket);
      const policy = bucket?.policy;
      const roles = [...state.iam.roles.values()].map((one) => ({ one, was: structuredClone(one) }));
      return () => {
        if (bucket !== undefined) Object.assign(bucket, { policy });
        for (const { one, was } of roles) Object.assign(one, { boundary: undefined }, was);
      };
    },
  };
}

function checkAt(checks: Check[], path: string): Check | undefined {
  for (const check of checks) {
    if (check.name === path) return check;
    if (path.startsWith(`${check.name} > `)) return checkAt(check.checks ?? [], path.slice(check.name.length + 3));
  }
  return undefined;
}
