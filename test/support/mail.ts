/**
 * Sends the fixtures through a deployed stack as SES does, and reads the results.
 */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Test } from 'tap';
import { type DemoMessage, deliver, readMessages, routedKeys } from '../../src/commands/demo/mail.js';
import { type Operator, type Run, startDeployed } from './operator.js';

export const { messages, mailDomain } = await readMessages('fixtures/messages');

/** The keys in the bucket once all mail is routed. */
export const expectedKeys: string[] = messages.flatMap((one) => [one.key, ...routedKeys(one)]).sort();

/** The keys of the messages themselves. */
export const inboundKeys: string[] = messages.map(({ key }) => key).sort();

/** @throws when the deploy fails. */
export async function deployed(operator: Operator, ...flags: string[]): Promise<Run> {
  const run = await operator.run(['deploy', '--mail-domain', mailDomain, ...flags]);
  if (run.status !== 0) throw new Error(run.stderr);
  return run;
}

/** An operator whose stack is deployed by the same command: see {@link startDeployed}. */
export function startRouting(t: Test, ...flags: string[]): Promise<Operator> {
  return startDeployed(t, { args: ['deploy', '--mail-domain', mailDomain, ...flags] });
}

/** Delivers messages and waits until the account is idle: one after the other, because each that is under way takes a process. */
export async function delivered(operator: Operator, mail: DemoMessage[] = messages): Promise<void> {
  for (const message of mail) {
    await deliver(operator.aws, operator.bucket, [message]);
    await operator.sandbox.settled();
  }
}

export async function keysIn({ aws, bucket }: Operator): Promise<string[]> {
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key).sort();
}

/** The function's log lines: the outcome of each message. */
export function outcomes({ sandbox }: Operator): Array<{ key: string; outcome: string; Reason?: string }> {
  const group = sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing');
  const lines = [...(group?.streams.values() ?? [])].flat().map(({ message }) => message);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

/** The keys of the messages whose delivery has failed after all retries. */
export function failedKeys({ sandbox }: Operator): string[] {
  const failed = sandbox.state.deliveries.filter(({ outcome }) => outcome === 'failed');
  return failed.map(({ key }) => key).sort();
}
