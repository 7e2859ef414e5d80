/**
 * SQS's batches: each entry succeeds or fails on its own, and the answer is 200.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
 */
import { AwsRefusal, refusalOf } from '../../operation.js';

interface Entry {
  Id: string;
}

/** @throws {AwsRefusal} for a batch of none or more than ten, for ids that are not valid, and for two that are the same */
function check(kind: string, entries: Entry[]): void {
  if (entries.length === 0) {
    const message = `There should be at least one ${kind}MessageBatchRequestEntry in the request.`;
    throw new AwsRefusal('EmptyBatchRequest', message);
  }
  if (entries.length > 10) {
    const message = `Maximum number of entries per request are 10. You have sent ${entries.length}.`;
    throw new AwsRefusal('TooManyEntriesInBatchRequest', message);
  }
  const ids = entries.map(({ Id }) => Id);
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    const message =
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.';
    throw new AwsRefusal('InvalidBatchEntryId', message);
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new AwsRefusal('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
}

/** Runs each entry of a batch. @throws {AwsRefusal} if the batch itself is invalid */
export function runBatch<One extends Entry>(kind: string, entries: One[] = [], run: (entry: One) => object) {
  check(kind, entries);
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    const { Id } = entry;
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (failure) {
      const { code: Code, message: Message, status } = refusalOf(failure);
      Failed.push({ Id, SenderFault: status < 500, Code, Message });
    }
  }
  return { Successful, Failed };
}
