/**
 * Reads the function's log group, page by page.
 */
import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { isAbsent, isDenied, OperatorError, sentence } from '../../aws/errors.js';
import { ownCommand } from '../../aws/own-command.js';
import type { Scope } from '../../stack/scope.js';
import { logsPermission } from './permissions.js';

/** A line of the log. */
export interface LogEvent {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  message: string;
}

/** What is read of the log. */
export interface LogSelection {
  /** The earliest time; milliseconds since 1970. */
  start: number;
  /** A text that each line contains. It only spares reading the others: where CloudWatch can't look for it, all lines are read. */
  text?: string;
}

/**
 * The lines since a time, oldest first: CloudWatch sorts them by time. A page may be empty though more follow.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 *
 * @throws OperatorError when there is no log group, or AWS denies access; the SDK's other errors.
 */
export async function* readLog(
  { aws, names, identity }: Pick<Scope, 'aws' | 'names' | 'identity'>,
  { start, text = '' }: LogSelection,
): AsyncGenerator<LogEvent[]> {
  const input = {
    logGroupName: names.logGroupName,
    startTime: start,
    // Letters and digits in quotes mean the same in every syntax of patterns:
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    ...(/^[a-z0-9]+$/i.test(text) ? { filterPattern: `"${text}"` } : {}),
  };
  try {
    for await (const { events = [] } of paginateFilterLogEvents({ client: aws.logs }, input))
      yield events.map(({ eventId = '', timestamp = 0, message = '' }) => ({ id: eventId, at: timestamp, message }));
  } catch (error) {
    if (isAbsent(error))
      throw new OperatorError(
        `There is no log group ${names.logGroupName} in ${identity.region}. Check --region, --stack and --function-name; if the function was never deployed, \`deploy\` creates both.`,
      );
    if (!isDenied(error)) throw error;
    const { actions, resources } = logsPermission({ names });
    throw new OperatorError(
      `AWS denied access to the log: ${sentence(String((error as Error).message))} To read it, allow ${actions.join()} on ${resources.join()}; \`${ownCommand('policy logs')}\` prints the policy.`,
      { cause: error },
    );
  }
}
