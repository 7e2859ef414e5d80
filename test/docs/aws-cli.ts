/**
 * The commands of the AWS CLI that the documents use, executed by the SDK: the tests must also run without the CLI.
 * https://docs.aws.amazon.com/cli/latest/reference/
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Aws } from '../../src/aws/clients.js';

export interface AwsRun {
  status: number;
  stdout: string;
  stderr: string;
}

/** The CLI's exit status when AWS refuses a request. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html */
const REFUSED = 254;

interface Given {
  flags: Record<string, string | undefined>;
  operands: string[];
  aws: Aws;
  /** A file's path, where the command was run. */
  at(name: string): string;
}

const options = Object.fromEntries(
  ['bucket', 'key', 'body', 'policy', 'query', 'output', 'notification-configuration', 'since'].map((name) => [
    name,
    { type: 'string' as const },
  ]),
);

/** By name. Each returns what it prints. */
const commands: Record<string, (given: Given) => Promise<string>> = {
  's3api put-object': async ({ flags: { bucket, key, body = '' }, aws, at }) => {
    const Body = await readFile(at(body));
    const { ETag } = await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
    return json({ ETag });
  },
  's3api get-object': async ({ flags: { bucket, key }, operands: [file = ''], aws, at }) => {
    const { Body, ContentLength } = await aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    await writeFile(at(file), (await Body?.transformToByteArray()) ?? '');
    return json({ ContentLength });
  },
  's3api get-bucket-policy': async ({ flags: { bucket, query, output }, aws }) => {
    const { Policy } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    return query === 'Policy' && output === 'text' ? `${Policy}\n` : json({ Policy });
  },
  's3api put-bucket-policy': async ({ flags: { bucket, policy }, aws, at }) => {
    await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: await fromFile(policy, at) }));
    return '';
  },
  's3api get-bucket-notification-configuration': async ({ flags: { bucket }, aws }) => {
    const { $metadata, ...rest } = await aws.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
    return json(rest);
  },
  's3api put-bucket-notification-configuration': async ({ flags, aws, at }) => {
    const NotificationConfiguration = JSON.parse(await fromFile(flags['notification-configuration'], at));
    const command = { Bucket: flags.bucket, NotificationConfiguration, SkipDestinationValidation: true };
    await aws.s3.send(new PutBucketNotificationConfigurationCommand(command));
    return '';
  },
  'logs tail': async ({ operands: [logGroupName], flags: { since = '10m' }, aws }) => {
    const startTime = Date.now() - Number.parseInt(since, 10) * 60_000;
    const { events = [] } = await aws.logs.send(new FilterLogEventsCommand({ logGroupName, startTime }));
    return events.map(({ message = '' }) => `${message.trimEnd()}\n`).join('');
  },
};

/**
 * @param args what follows `aws`.
 * @returns undefined for a command or a flag that is not among these.
 */
export async function awsCommand(args: string[], aws: Aws, cwd: string): Promise<AwsRun | undefined> {
  const [service, operation, ...rest] = args;
  const command = commands[`${service} ${operation}`];
  try {
    if (command === undefined) return undefined;
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
    const stdout = await command({ flags: values, operands: positionals, aws, at: (name) => join(cwd, name) });
    return { status: 0, stdout, stderr: '' };
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    const called = String(operation).replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    const stderr = `\nAn error occurred (${error.name}) when calling the ${called} operation: ${error.message}\n`;
    return { status: REFUSED, stdout: '', stderr };
  } finally {
    aws.close();
  }
}

const json = (value: object) => `${JSON.stringify(value, null, 4)}\n`;

/** The text of a parameter such as `file://policy.json`. */
function fromFile(value: string | undefined, at: Given['at']): Promise<string> {
  const [, name] = /^file:\/\/(.+)$/.exec(value ?? '') ?? [];
  if (name === undefined) throw new Error(`${value} is no file://`);
  return readFile(at(name), 'utf8');
}
