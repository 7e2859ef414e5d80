/**
 * The schemas of what deploy and teardown print with `--json`, and of an error.
 */
import { planSchema } from '../../reconcile/schema.js';
import { constant, either, list, object, oneOfTexts, optional, type TypeOf, text } from '../../schema/schema.js';
import { verificationSchema } from '../verify/schema.js';

const version = constant(1, 'The version of this format.');

const failed = {
  version,
  outcome: oneOfTexts(['failed', 'interrupted'], 'interrupted: Ctrl-C ended the run.'),
  error: text('What happened, what was done and what was not, and what to do next.'),
};

const next = optional(text('A command to run next.'));

const entries = (description: string) =>
  list(text('An entry, such as: create function agentkeys-ses-routing.'), description);

const unverified = object(failed, 'The deploy is complete, but the checks could not be run.');

const verify = optional(either([verificationSchema, unverified], 'The result of deploy --verify.'));

/** What deploy and teardown print. */
export const runSchema = either(
  [
    object(
      {
        version,
        outcome: constant('planned', 'A dry run: nothing was written.'),
        plan: planSchema,
        saved: optional(text('The file that the plan was saved in, with --out.')),
      },
      'A dry run.',
    ),
    object(
      { version, outcome: constant('in sync', 'There was nothing to do.'), plan: planSchema, verify },
      'A run with nothing to do.',
    ),
    object(
      {
        version,
        outcome: constant('applied', 'The plan was applied.'),
        plan: planSchema,
        applied: entries('The entries that were applied.'),
        denied: optional(list(text('What AWS denied, and what that means.'), 'Parts that the rest works without.')),
        next,
        verify,
      },
      'A run that changed something.',
    ),
    object(
      {
        version,
        outcome: constant('declined', 'Nothing was written: a confirmation was not given.'),
        plan: planSchema,
        reason: text('Why nothing was written, and the flag to use.'),
      },
      'A run that needed a confirmation.',
    ),
  ],
  'What deploy --json and teardown --json print.',
);

export type RunDocument = TypeOf<typeof runSchema>;

/** What each command prints when it fails. */
export const errorSchema = either(
  [
    object(failed, 'The command failed. Nothing was written, unless the message says so.'),
    object(
      {
        ...failed,
        plan: planSchema,
        applied: entries('The entries that were applied.'),
        failed: text('The entry at which the run stopped.'),
        alsoFailed: optional(
          list(
            object({ entry: text('The entry.'), error: text('Why.') }, 'An entry that failed.'),
            'Other entries, under way at the same time, that failed as well.',
          ),
        ),
        remaining: entries('The entries that were not applied.'),
        next,
      },
      'The plan was applied in part.',
    ),
  ],
  'What any command prints with --json when it fails.',
);

export type ErrorDocument = TypeOf<typeof errorSchema>;
