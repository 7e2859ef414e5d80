/**
 * An account to compare answers in: the SDK's own clients, which try once.
 */

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
import type { ServiceName } from '../../src/sandbox/index.js';

/** Where the account is, and whose credentials to use. */
export interface Place {
  url: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** One comparison: a call, made in both accounts. */
export interface Case {
  /** What is special about it: `there already`. */
  title: string;
  send(account: Account): Promise<object>;
}

export type Account = ReturnType<typeof openAccount>;

export function openAccount({ url, region, credentials }: Place) {
  const common = { endpoint: url, region, credentials, maxAttempts: 1 };
  const clients = {
    sts: new STSClient(common),
    iam: new IAMClient(common),
    lambda: new LambdaClient(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
    events: new EventBridgeClient(common),
    logs: new CloudWatchLogsClient(common),
    ses: new SESClient(common),
    mailmanager: new MailManagerClient(common),
    cloudwatch: new CloudWatchClient(common),
    sqs: new SQSClient(common),
    accessanalyzer: new AccessAnalyzerClient(common),
  } satisfies Record<ServiceName, object>;
  return {
    ...clients,
    /** Where a case keeps what a later one needs: an access key's id, a token. */
    kept: new Map<string, string>(),
    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
