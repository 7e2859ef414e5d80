/**
 * An account for the handler's tests: a bucket, an administrator's client, and one with the execution role's policy.
 */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import { clientFromEnvironment } from '../../handler/client.js';
import { batchOf } from '../../handler/event.js';
import { createHandler } from '../../handler/handler.js';
import type { Outcome } from '../../handler/route.js';
import type { RoutingSettings } from '../../handler/settings.js';
import { type InterceptedCall, type Interceptor, type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { mailDomain } from './messages.js';

const BUCKET = 'agentkeys-mail-111122223333';

/** The execution role's permissions with `--delete-source`; tests omit some by name. */
const PERMISSIONS = {
  read: { Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/inbound/*` },
  list: {
    Action: 's3:ListBucket',
    Resource: `arn:aws:s3:::${BUCKET}`,
    Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
  },
  copy: { Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/bots/*/inbound/*` },
  delete: { Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${BUCKET}/inbound/*` },
};

export type Permission = keyof typeof PERMISSIONS;

export interface Account {
  sandbox: Sandbox;
  settings: RoutingSettings;
  /** The administrator's client. */
  administrator: S3Client;
  /** The function's own client, with the execution role's credentials. */
  s3: S3Client;
  /** Those credentials. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** Puts an object as SES does. */
  put(
    key: string,
    body: string | Buffer,
    more?: { Metadata?: Record<string, string>; Tagging?: string },
  ): Promise<void>;
  /** The keys in the bucket, in order. */
  keys(): string[];
  /** Returns and clears the S3 calls of the execution role: `GetObject bytes=0-2047`. */
  calls(): string[];
  /** Injects faults into the execution role's calls of an S3 operation. */
  meet(operation: string, fault: Interceptor): void;
}

/** Starts an account that closes with the test. */
export async function startAccount(t: Test, without: Permission[] = []): Promise<Account> {
  const sandbox = await startSandbox();
  t.teardown(() => sandbox.close());
  const common = { endpoint: sandbox.endpoint, region: sandbox.region, maxAttempts: 1 };
  const asAdministrator = { ...common, credentials: sandbox.administrator };

  const administrator = new S3Client({ ...asAdministrator, forcePathStyle: true });
  await administrator.send(new CreateBucketCommand({ Bucket: BUCKET }));

  const granted = Object.entries(PERMISSIONS).filter(([name]) => !without.some((left) => left === name));
  const credentials = await roleCredentials(
    new IAMClient(asAdministrator),
    new STSClient(asAdministrator),
    sandbox.account,
    granted.map(([, statement]) => statement),
  );

  let log: string[] = [];
  const intercept = (interceptor: Interceptor) => {
    t.teardown(sandbox.intercept(interceptor));
  };
  intercept((call) => {
    if (call.service === 's3' && isByRole(call))
      log.push([call.operation, headersOf(call).range].filter(Boolean).join(' '));
    return undefined;
  });
  const isByRole = (call: InterceptedCall) =>
    String(headersOf(call).authorization).includes(`Credential=${credentials.accessKeyId}/`);

  return {
    sandbox,
    administrator,
    credentials,
    s3: clientFromEnvironment({
      AWS_REGION: sandbox.region,
      AWS_ENDPOINT_URL: sandbox.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    }),
    settings: {
      bucket: BUCKET,
      accountId: sandbox.account,
      mailDomain,
      prefixes: ['or'],
      deleteSource: false,
      logLevel: 'info',
    },
    async put(Key, Body, more) {
      await administrator.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...more }));
    },
    keys: () => [...(sandbox.state.s3.buckets.get(BUCKET)?.objects.keys() ?? [])].sort(),
    calls() {
      const calls = log;
      log = [];
      return calls;
    },
    meet(operation, fault) {
      intercept((call) => (call.operation === operation && isByRole(call) ? fault(call) : undefined));
    },
  };
}

/** The headers of an intercepted S3 call. */
export function headersOf(call: InterceptedCall): Record<string, string | undefined> {
  const { input } = call;
  if (typeof input !== 'object' || input === null || !('headers' in input)) return {};
  return Object.fromEntries(Object.entries(Object(input.headers)).map(([name, value]) => [name, String(value)]));
}

async function roleCredentials(iam: IAMClient, sts: STSClient, account: string, permissions: object[]) {
  const RoleName = 'agentkeys-ses-routing-role';
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' };
  const document = (statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document([trust]) }));
  const PolicyDocument = document(permissions.map((permission) => ({ Effect: 'Allow', ...permission })));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline`, PolicyDocument }));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'function' }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** The part of an "Object Created" event that the function reads. */
export const eventFor = (key: string) => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: BUCKET }, object: { key } },
});

/** The function's handler on an account, and the lines it has written. */
export function handlerOn(
  { s3, settings }: Account,
  { remaining = 30_000, ...changed }: Partial<RoutingSettings> & { remaining?: number } = {},
) {
  const lines: Record<string, unknown>[] = [];
  const handler = createHandler({
    s3,
    settings: { ...settings, ...changed },
    write: (line) => lines.push(JSON.parse(line)),
  });
  const context = {
    functionName: 'agentkeys-ses-routing',
    awsRequestId: '8e5a0f0c-0000-4000-8000-000000000001',
    getRemainingTimeInMillis: () => remaining,
  };
  return {
    lines,
    /** With the event of one message. */
    invoke: (event: unknown) => handler(event, context) as Promise<Outcome>,
    /** With any event. */
    invokeWith: (event: unknown) => handler(event, context),
    /** With a batch. */
    invokeBatch: (keys: string[]) => handler(batchOf(settings.bucket, keys), context),
  };
}
