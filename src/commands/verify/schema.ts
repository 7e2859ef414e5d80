/**
 * The schema of `verify --json`.
 */
import { headerSchema } from '../../reconcile/schema.js';
import {
  constant,
  list,
  named,
  object,
  oneOfTexts,
  optional,
  type Schema,
  type TypeOf,
  text,
  wholeNumber,
} from '../../schema/schema.js';
import type { Check } from './check.js';

const checkSchema: Schema<Check> = named('check', (self) =>
  object(
    {
      name: text('The statement that holds when the outcome is OK; unique among its siblings.'),
      outcome: oneOfTexts(['OK', 'FAIL', 'SKIP'], 'The outcome. SKIP: it could not be checked, or does not apply.'),
      reason: optional(text('What was found, or why the check was skipped.')),
      fix: optional(text('How to fix a FAIL.')),
      checks: optional(list(self, 'The checks that this one consists of.')),
    },
    'A check and its outcome.',
  ),
);

const fields = {
  version: constant(2, 'The version of this format.'),
  outcome: oneOfTexts(
    ['OK', 'FAIL', 'interrupted'],
    'OK: no check failed. FAIL: a check failed. interrupted: Ctrl-C ended the run, and no check had failed.',
  ),
  counts: object(
    {
      OK: wholeNumber('The number of checks that are OK.'),
      FAIL: wholeNumber('The number of checks that failed.'),
      SKIP: wholeNumber('The number of checks that were skipped.'),
    },
    'The number of innermost checks by outcome.',
  ),
  checks: list(checkSchema, 'The checks.'),
};

/** The result of the checks, as `deploy --verify` prints it too. */
export const verificationSchema = named('verification', () => object(fields, 'The result of the checks.'));

export type VerificationDocument = TypeOf<typeof verificationSchema>;

export const verifySchema = object({ ...fields, header: headerSchema }, 'What verify --json prints.');

export type VerifyDocument = TypeOf<typeof verifySchema>;
