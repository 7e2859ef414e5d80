/**
 * The schema of a line that `logs --json` prints.
 */
import {
  constant,
  either,
  list,
  object,
  oneOfTexts,
  optional,
  type TypeOf,
  text,
  time,
  trueOrFalse,
  wholeNumber,
} from '../../schema/schema.js';

const version = constant(1, 'The version of this format.');
const requestId = optional(text("Lambda's id of the invocation."));

/** What the function logged for a message; also a part of `trace --json`. */
export const messageEntryFields = {
  at: time('When it was logged.'),
  outcome: oneOfTexts(['routed', 'skipped', 'failed'], 'What became of the message.'),
  needsAttention: trueOrFalse('Whether an operator must act.'),
  key: optional(text("The message's key; absent if the event could not be read, or with LOG_LEVEL=error.")),
  wallets: list(text('A wallet, in lower case.'), 'The wallets that have a copy.'),
  by: optional(text('What decided: envelope or headers.')),
  deleted: trueOrFalse('Whether the message was deleted from inbound/.'),
  reason: optional(text('Why the message stays in inbound/.')),
  error: optional(object({ name: text('The kind of failure.'), message: text('One line on it.') }, 'What failed.')),
  attempt: optional(wholeNumber('How often the retry queue delivered the event.')),
  dropped: trueOrFalse('Whether the record was deleted from the retry queue.'),
  requestId,
  milliseconds: optional(wholeNumber('How long it took.')),
};

export const logsSchema = either(
  [
    object(
      { version, kind: constant('message', 'A line of the function.'), ...messageEntryFields },
      'What the function logged for a message.',
    ),
    object(
      {
        version,
        kind: constant('runtime', 'A line of Lambda.'),
        at: messageEntryFields.at,
        requestId,
        failure: text('Why the invocation ended.'),
      },
      'What Lambda logged about an invocation that the function could not log itself.',
    ),
  ],
  'A line that logs --json prints. Each line is one document.',
);

export type LogsDocument = TypeOf<typeof logsSchema>;
