/**
 * What the tests of the mailbox share: sign-up mail as SES delivers it, and agents with sessions of the data role.
 */
import { readFile } from 'node:fs/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import { routedKey } from '../../handler/mail/address.js';
import { agentToken, operatorNames } from '../../src/commands/demo/operator-account.js';
import { assumeDataRole } from '../../src/mailbox/role.js';
import { type Operator, startOperator } from '../support/operator.js';

export const walletA = `0x${'1'.repeat(40)}`;
export const walletB = `0x${'2'.repeat(40)}`;

/** Seconds since 1970, ten minutes from now. */
export const soon = () => Math.floor(Date.now() / 1_000) + 600;

export function signup(name: string): Promise<Buffer> {
  return readFile(`fixtures/signups/${name}.eml`);
}

/** The link that is in it, as it was written before it was encoded. */
export async function linkIn(name: string): Promise<string | undefined> {
  const index: { messages: Array<{ file: string; link?: string }> } = JSON.parse(
    await readFile('fixtures/signups/index.json', 'utf8'),
  );
  return index.messages.find(({ file }) => file === `${name}.eml`)?.link;
}

/** A message of a few lines, as SES stores it. */
export function mail({
  from = 'Example <no-reply@example.com>',
  subject = 'Hello',
  body = '',
  top = [],
}: {
  from?: string;
  subject?: string;
  body?: string;
  /** Fields of SES's, below its Received. */
  top?: string[];
}): Buffer {
  const received =
    'Received: from out.example.com (out.example.com [192.0.2.1])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id abc\r\n for x@bots.litentry.org;\r\n Thu, 28 Aug 2025 19:24:08 +0000 (UTC)';
  return Buffer.from([received, ...top, `From: ${from}`, `Subject: ${subject}`, '', body].join('\r\n'));
}

/** An account with an agent in it: an S3 client with a session of the data role, tagged with wallet A. */
export interface Agent extends Operator {
  s3: S3Client;
  roleArn: string;
  sts: STSClient;
  /** Puts a message where wallet A's are routed to. */
  routed(id: string, raw: Buffer, wallet?: string): Promise<void>;
}

export async function startAgent(t: Test, now: () => number = Date.now): Promise<Agent> {
  const operator = await startOperator(t, { now });
  const { endpoint, region, account } = operator.sandbox;
  const roleArn = `arn:aws:iam::${account}:role/${operatorNames.dataRole}`;
  // AssumeRoleWithWebIdentity takes no credentials: there are none.
  const sts = new STSClient({
    region,
    endpoint,
    maxAttempts: 1,
    credentials: () => Promise.reject(new Error('the call is not to be signed')),
  });
  const token = agentToken(walletA, now() / 1_000 + 600);
  const credentials = assumeDataRole({ roleArn, token, sts, now: () => new Date(now()) });
  const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials, maxAttempts: 1 });
  t.teardown(() => {
    s3.destroy();
    sts.destroy();
  });
  return {
    ...operator,
    s3,
    sts,
    roleArn,
    async routed(id, raw, wallet = walletA) {
      const Key = routedKey(wallet, id);
      await operator.aws.s3.send(new PutObjectCommand({ Bucket: operator.bucket, Key, Body: raw }));
    },
  };
}
