/** What the tests of the embedded AWS share: an account, real SDK clients for it, and the identities that call it. */
import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { MailManagerClient } from '@aws-sdk/client-mailmanager';
import { S3Client } from '@aws-sdk/client-s3';
import { SESClient } from '@aws-sdk/client-ses';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import { createAccessKey, createSession, type SessionOptions, uniqueId } from '../../src/sandbox/access/callers.js';
import type { Bucket, Role } from '../../src/sandbox/account/state.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Unmodified clients that never retry, so that a test sees each refusal. */
export function clients(
  sandbox: Sandbox,
  credentials: Credentials = sandbox.administrator,
  region: string = sandbox.region,
) {
  const common = { endpoint: sandbox.endpoint, region, credentials, maxAttempts: 1 };
  return {
    iam: new IAMClient(common),
    sts: new STSClient(common),
    ses: new SESClient(common),
    mailmanager: new MailManagerClient(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
    lambda: new LambdaClient(common),
    events: new EventBridgeClient(common),
    logs: new CloudWatchLogsClient(common),
    cloudwatch: new CloudWatchClient(common),
    sqs: new SQSClient(common),
    accessanalyzer: new AccessAnalyzerClient(common),
  };
}

/** An embedded AWS that closes with the test, and its administrator's clients. */
export async function start(t: Test, options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  t.teardown(() => sandbox.close());
  return { sandbox, ...clients(sandbox) };
}

export const trustAnyone = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
});

/** A policy's text. */
export function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** A trust policy that lets a service assume the role. @param service `lambda.amazonaws.com` */
export function trustService(service: string): string {
  return policy({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
}

/** Adds a role with one inline policy. An existing role of that name is replaced by one with another id. */
export function addRole(sandbox: Sandbox, name: string, inline: string, more: Partial<Role> = {}): Role {
  const role: Role = {
    name,
    path: '/',
    id: uniqueId('AROA'),
    arn: `arn:aws:iam::${sandbox.account}:role/${name}`,
    created: new Date(sandbox.state.now()),
    maxSessionDuration: 3600,
    trust: trustAnyone,
    inline: new Map([['inline', inline]]),
    attached: new Set(),
    tags: new Map(),
    ...more,
  };
  sandbox.state.iam.roles.set(name, role);
  return role;
}

/** Adds a user with one inline policy. @returns the user's access key */
export function addUser(sandbox: Sandbox, name: string, statements: object[]): Credentials {
  sandbox.state.iam.users.set(name, {
    name,
    id: uniqueId('AIDA'),
    arn: `arn:aws:iam::${sandbox.account}:user/${name}`,
    created: new Date(sandbox.state.now()),
    inline: new Map([['inline', policy(...statements)]]),
    attached: new Set(),
    tags: new Map(),
  });
  const key = createAccessKey(sandbox.state, name);
  return { accessKeyId: key.id, secretAccessKey: key.secret };
}

/** Temporary credentials of a role. */
export function sessionOf(sandbox: Sandbox, role: Role, options: Partial<SessionOptions> = {}): Required<Credentials> {
  const key = createSession(sandbox.state, role, { session: 'session', ...options });
  return { accessKeyId: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken };
}

/** Adds a bucket, of this account and region or of others. */
export function addBucket(sandbox: Sandbox, name: string, more: Partial<Bucket> = {}): Bucket {
  const bucket: Bucket = {
    name,
    owner: sandbox.account,
    region: sandbox.region,
    created: new Date(0),
    encryption: { algorithm: 'AES256' },
    notification: {},
    objects: new Map(),
    ...more,
  };
  sandbox.state.s3.buckets.set(name, bucket);
  return bucket;
}

/** A refusal as one line: `404 NoSuchKey: The specified key does not exist.`; `fine` when there was none. */
export async function refusal(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return 'fine';
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}: ${message}`;
  }
}

/** A promise that the test settles. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
