/**
 * The schema of `backfill --json`.
 */
import {
  constant,
  list,
  mapOf,
  object,
  oneOfTexts,
  optional,
  type TypeOf,
  text,
  trueOrFalse,
  wholeNumber,
} from '../../schema/schema.js';

export const backfillSchema = object(
  {
    version: constant(1, 'The version of this format.'),
    dryRun: trueOrFalse('Whether it was a dry run, which copies nothing.'),
    via: oneOfTexts(['here', 'lambda'], 'Where messages were routed: on this machine, or by the deployed function.'),
    looked: wholeNumber('The number of messages that were processed, whatever the outcome.'),
    counts: mapOf(wholeNumber('The number of messages.'), 'The number of messages by outcome, without failures.'),
    deleted: optional(
      wholeNumber(
        'The number of messages that were deleted from inbound/, or would be; absent without --delete-source, and with --via lambda.',
      ),
    ),
    samples: list(
      object(
        { key: text("The message's key."), to: text('Where it would be copied to.') },
        'A message that would be copied.',
      ),
      'Some of the messages that would be copied; empty unless it was a dry run.',
    ),
    failed: wholeNumber('The number of messages that failed. They stay in inbound/.'),
    failures: list(
      object(
        { what: text("The message's key; of a batch, the first and the last."), reason: text('The error.') },
        'A failure.',
      ),
      'The first failures.',
    ),
    next: optional(text('The command that resumes the run; absent if it is complete.')),
    retry: optional(
      text(
        'The command that routes the messages that failed and would fail again, once the cause is fixed; absent if there are none, or if next routes them too.',
      ),
    ),
  },
  'What backfill --json prints.',
);

export type BackfillDocument = TypeOf<typeof backfillSchema>;
