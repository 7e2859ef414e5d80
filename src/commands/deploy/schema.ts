/**
 * The schema of a saved plan, the file of `deploy --dry-run --out`.
 */
import { constant, list, mapOf, object, optional, type TypeOf, text, time } from '../../schema/schema.js';

/** What a saved plan says that it is. */
export const PLAN_KIND = 'agentkeys-ses-routing plan';

const fingerprint = text('A fingerprint, in hexadecimal digits.');

const savedEntrySchema = object(
  {
    part: text('The part of the stack that it belongs to.'),
    resource: text('The kind of resource, such as execution role.'),
    name: text('The name of the resource in AWS.'),
    action: text('What to do about it: create, update, delete or adopt.'),
    calls: list(text('The service and the operation, such as iam:CreateRole.'), 'The calls, in order.'),
    fingerprint: text('The fingerprint of its differences and of the calls with their input.'),
  },
  'One resource that is to be changed.',
);

export const savedPlanSchema = object(
  {
    kind: constant(PLAN_KIND, 'What the file is.'),
    version: constant(1, 'The version of this format.'),
    package: text('The version of this tool, with the hash of the code of the function that it deploys.'),
    saved: time('When the plan was saved.'),
    account: text('The account ID.'),
    region: text('The region of the bucket and the function.'),
    stack: optional(text('The name of the stack; absent for the unnamed one.')),
    bucket: text('The name of the mail bucket.'),
    salt: text('Random, a part of every fingerprint.'),
    settings: mapOf(
      fingerprint,
      'The fingerprints of the settings, by their keys; absent for a setting without a value.',
    ),
    read: mapOf(fingerprint, 'The fingerprints of what was read, by part of the stack.'),
    entries: list(savedEntrySchema, 'The changes, in order.'),
    checksum: text('The SHA-256 of all other fields, against damage.'),
  },
  'A plan to deploy: names and fingerprints, no values.',
);

/** A plan as it is saved. */
export type SavedPlan = TypeOf<typeof savedPlanSchema>;
