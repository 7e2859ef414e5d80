/**
 * A live probe of the retry queue: the event of a probe message is put into the queue, and the message must be routed again.
 */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { explain, isDenied } from '../../../aws/errors.js';
import { ownCommand } from '../../../aws/own-command.js';
import type { StackPlan } from '../../../stack/index.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, skip } from '../check.js';

export const retried = 'an event in the retry queue is routed';

/** The queue's URL; or the reason why no event is put into it. */
export type RetryProbe = { url: string } | { skip: string };

/** The parts by which a record gets from the queue to the function. */
const kinds = ['retry queue', 'event source', 'execution role'];

/** Pure. @param url the queue's, if there is one. */
export function retryProbe(
  { entries }: StackPlan,
  url: string | undefined,
  { settings }: Pick<Scope, 'settings'>,
): RetryProbe {
  const broken = entries.filter(({ resource, writes }) => kinds.includes(resource) && writes.length > 0);
  if (broken.length > 0)
    return { skip: `it needs a repair first: ${broken.map(({ resource, name }) => `${resource} ${name}`).join(', ')}` };
  if (url === undefined) return { skip: 'the stack has no retry queue, or it is not read with --no-retry-queue' };
  if (settings.deleteSource) return { skip: 'with --delete-source, a message that was routed is gone' };
  return { url };
}

/**
 * Puts an event as EventBridge sends it to its dead-letter queue. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 *
 * @returns a check if AWS denies it.
 * @throws the SDK's other errors.
 */
export async function sendEvent(event: object, url: string, { aws, settings }: Scope): Promise<Check | undefined> {
  try {
    const input = { QueueUrl: url, MessageBody: JSON.stringify(event) };
    await aws.client(SQSClient).send(new SendMessageCommand(input));
    return undefined;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return skip(retried, explain(error, settings.endpointUrl));
  }
}

/** How to fix a probe that does not come back. */
export const notRetried = `check the function's log (${ownCommand('logs --failed')}), then \`status\` for what the queue holds`;
