/** What the tests of the embedded AWS share: an account, real SDK clients for it, and roles to speak as. */
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SESClient } from '@aws-sdk/client-ses';
import { STSClient } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import { createSession, type SessionOptions, uniqueId } from '../../src/sandbox/access/callers.js';
import type { Bucket, Role } from '../../src/sandbox/account/state.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Unmodified clients that never retry, so that each refusal is seen. */
export function clients(sandbox: Sandbox, credentials: Credentials, region = sandbox.region) {
  const common = { endpoint: sandbox.endpoint, region, credentials, maxAttempts: 1 };
  return {
    iam: new IAMClient(common),
    sts: new STSClient(common),
    ses: new SESClient(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
  };
}

/** An account of the test's own, and the administrator's clients. */
export async function start(t: Test, options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  t.teardown(() => sandbox.close());
  return { sandbox, ...clients(sandbox, sandbox.administrator) };
}

export const trustAnyone = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
});

/** A policy's text. */
export function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** Puts a role into the account, with one inline policy. */
export function addRole(sandbox: Sandbox, name: string, inline: string, more: Partial<Role> = {}): Role {
  const role: Role = {
    name,
    path: '/',
    id: uniqueId('AROA'),
    arn: `arn:aws:iam::${sandbox.account}:role/${name}`,
    created: new Date(0),
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

/** Temporary credentials of a role. */
export function sessionOf(sandbox: Sandbox, role: Role, options: Partial<SessionOptions> = {}): Required<Credentials> {
  const key = createSession(sandbox.state, role, { session: 'session', ...options });
  return { accessKeyId: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken };
}

/** Puts a bucket into the account, or into another account or region. */
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

/** A promise to be settled from outside. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
