/**
 * The schema of `status --json`.
 */
import { differenceSchema, headerSchema } from '../../reconcile/schema.js';
import {
  constant,
  either,
  list,
  object,
  oneOfTexts,
  optional,
  orNull,
  type TypeOf,
  text,
  time,
  trueOrFalse,
  wholeNumber,
} from '../../schema/schema.js';
import { alarmSchema } from './alarms.js';
import type { ResourceState } from './drift.js';

const unknown = object({ unknown: text('Why the value is not available.') }, 'AWS did not return the value.');

const newest = (description: string) =>
  either(
    [
      orNull(
        object(
          {
            at: time('When it was stored.'),
            ageSeconds: wholeNumber('Its age, in seconds.'),
          },
          'The newest message.',
        ),
        'The newest message; null if there is none.',
      ),
      unknown,
    ],
    description,
  );

const lastModified = optional(time('When it was last modified, by anyone.'));

const code = {
  deployed: oneOfTexts(
    ['missing', 'same', 'other', 'replaced', 'unknown'],
    'How the deployed code relates to this version. missing: there is no function. replaced: someone replaced the code. unknown: it has no version tag.',
  ),
  version: optional(text('The deployed version; of replaced code, the version before it.')),
  here: text('The version that this tool would deploy.'),
};

const oneStackSchema = object(
  {
    version: constant(1, 'The version of this format.'),
    outcome: oneOfTexts(['in sync', 'drifted'], 'drifted: a deploy would change something.'),
    at: time('When the report was made.'),
    header: headerSchema,
    function: object({ ...code, lastModified }, 'The deployed code.'),
    resources: list(
      object(
        {
          state: oneOfTexts(
            ['in sync', 'drifted', 'missing', 'foreign', 'obsolete', 'note'],
            'foreign: it exists, but this tool did not create it. obsolete: a deploy removes it. note: for information.',
          ),
          resource: text('The kind of resource, such as execution role.'),
          name: text('The name of the resource in AWS.'),
          note: optional(text('What there is to know about it.')),
          differences: list(differenceSchema, 'The differences between the current and the configured state.'),
          lastModified,
        } satisfies Record<keyof ResourceState, unknown>,
        'A resource and its state.',
      ),
      'The resources.',
    ),
    services: optional(
      list(
        object(
          {
            service: text("The service's slug."),
            prefix: text("The prefix of its addresses' local parts."),
            termsReviewed: orNull(
              text('A date: YYYY-MM-DD.'),
              'When its terms were reviewed, as recorded in the function; null if no review is recorded.',
            ),
          },
          'A service whose mail is routed.',
        ),
        'The services that the deployed function routes; absent if there is no function.',
      ),
    ),
    mail: optional(
      object(
        {
          inbound: newest('The newest message in inbound/.'),
          routed: newest('The newest routed copy.'),
        },
        'The newest mail; absent with --no-mail.',
      ),
    ),
    eventBridge: object(
      {
        on: trueOrFalse('Whether S3 sends events for new mail to EventBridge.'),
        otherDestinations: list(text('A name.'), 'The functions, queues and topics that S3 notifies too.'),
        since: optional(time('Since when, at the latest; absent if it is not recorded.')),
      },
      "S3's events.",
    ),
    alarms: either(
      [list(alarmSchema, 'The alarms; empty if there are none: nobody is told.'), unknown],
      'The alarms of the stack.',
    ),
    retryQueue: orNull(
      object(
        {
          waiting: either(
            [wholeNumber('How many, as SQS counts them.'), unknown],
            'The events that wait to be retried.',
          ),
          oldestSeconds: optional(
            either(
              [wholeNumber('Seconds.'), unknown],
              'The age of the oldest, by CloudWatch, which leaves out those that were tried three times or more; absent when none waits.',
            ),
          ),
          lastFailure: optional(
            either(
              [
                orNull(
                  object({ at: time('When.'), reason: text('The error.') }, 'A failure.'),
                  'The last failure; null if there is none.',
                ),
                unknown,
              ],
              "The last failure in the function's log; absent when no event waits.",
            ),
          ),
        },
        'A retry queue.',
      ),
      'The retry queue; null if the stack has none.',
    ),
    notLookedAt: list(text('A part, and the reason.'), 'What the report leaves out.'),
    last24Hours: either(
      [
        object(
          {
            since: time('The start of the period: a full hour.'),
            invocations: wholeNumber('Invocations of the function.'),
            errors: wholeNumber('Invocations that failed.'),
            throttled: wholeNumber('Invocations that were throttled.'),
            routed: wholeNumber('Messages that were routed.'),
            stayed: wholeNumber('Messages that stayed in inbound/.'),
            failed: wholeNumber('Attempts to route a message that failed.'),
            queued: wholeNumber('Events that Lambda or EventBridge gave up on, and that went to the retry queue.'),
            dropped: wholeNumber('Events that Lambda or EventBridge gave up on, and that went to no retry queue.'),
            hours: list(
              object(
                {
                  from: time('The start of the hour.'),
                  mail: orNull(
                    object(
                      {
                        routed: wholeNumber('Messages that were routed.'),
                        stayed: wholeNumber('Messages that stayed in inbound/.'),
                        failed: wholeNumber('Attempts to route a message that failed.'),
                      },
                      'The counts.',
                    ),
                    'What became of the mail; null if it is unknown.',
                  ),
                },
                'An hour.',
              ),
              'The mail by the hour, the present hour last.',
            ),
            firstDroppedInHourFrom: optional(time('The start of the first hour in which events were dropped.')),
          },
          "The function's and EventBridge's metrics.",
        ),
        unknown,
      ],
      'Metrics of the last 24 hours.',
    ),
    next: optional(text('The command that routes the mail of dropped events.')),
  },
  'One stack.',
);

const stacksSchema = object(
  {
    version: constant(1, 'The version of this format.'),
    at: time('When the report was made.'),
    account: text('The account ID.'),
    partition: text('The partition of the region, such as aws.'),
    region: text('The region: stacks of other regions are not listed.'),
    caller: text("The caller's ARN."),
    stacks: list(
      object(
        {
          stack: orNull(
            text('Its name.'),
            'The name of the stack; null for the unnamed one, and for names of your own.',
          ),
          buckets: list(text('The name of a bucket.'), 'The buckets whose mail its rule matches.'),
          rule: text('The name of its rule.'),
          enabled: trueOrFalse('Whether the rule is enabled.'),
          function: either(
            [
              orNull(
                object(
                  {
                    name: text('Its name.'),
                    ...code,
                    prefixes: list(text('A prefix of local parts.'), 'The prefixes that it routes.'),
                    mailDomain: orNull(text('A domain.'), 'The domain that it routes mail for; null for any.'),
                  },
                  'A function.',
                ),
                'The function to which the rule sends events; null if there is none.',
              ),
              unknown,
            ],
            'Its function.',
          ),
        },
        'A stack.',
      ),
      'The stacks.',
    ),
  },
  'The stacks of the account in a region.',
);

export const statusSchema = either([oneStackSchema, stacksSchema], 'What status --json prints; the second with --all.');

export type StatusDocument = TypeOf<typeof oneStackSchema>;

export type StacksDocument = TypeOf<typeof stacksSchema>;
