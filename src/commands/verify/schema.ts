/**
 * The schema of `verify --json`.
 */
import { headerSchema } from '../../reconcile/schema.js';
import {
  constant,
  either,
  list,
  mapOf,
  named,
  object,
  oneOfTexts,
  optional,
  type Schema,
  type TypeOf,
  text,
  wholeNumber,
} from '../../schema/schema.js';
import type { Check, Finding, Witness } from './check.js';

const witnessSchema = object(
  {
    principal: text("The caller's ARN, or a service principal."),
    action: text('The action, such as s3:GetObject.'),
    resource: text("The resource's ARN."),
    context: mapOf(
      either(
        [text('The value of the key.'), list(text('A value.'), 'The values of a key with several.')],
        'The value or the values of a condition key.',
      ),
      'The condition keys and their values.',
    ),
  } satisfies Record<keyof Witness, unknown>,
  'A request that the policies allow; absent if none was found for a statement that cannot be shown to be safe.',
);

const findingSchema = named('finding', () =>
  object(
    {
      policy: text("The policy's name."),
      statement: text("The statement's Sid, or else its number in the policy, counted from 1."),
      reason: text('What is wrong with it.'),
      witness: optional(witnessSchema),
    } satisfies Record<keyof Finding, unknown>,
    'A policy statement that allows what it should not.',
  ),
);

const checkSchema: Schema<Check> = named('check', (self) =>
  object(
    {
      name: text('The statement that holds when the outcome is OK; unique among its siblings.'),
      outcome: oneOfTexts(['OK', 'FAIL', 'SKIP'], 'The outcome. SKIP: it could not be checked, or does not apply.'),
      reason: optional(text('What was found, or why the check was skipped.')),
      fix: optional(text('How to fix a FAIL.')),
      findings: optional(list(findingSchema, 'The statements that make it a FAIL, where the policies are at fault.')),
      checks: optional(list(self, 'The checks that this one consists of.')),
    } satisfies Record<keyof Check, unknown>,
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
