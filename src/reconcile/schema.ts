/**
 * The schema of a plan as JSON.
 */
import {
  anyObject,
  constant,
  list,
  named,
  object,
  oneOfTexts,
  optional,
  type TypeOf,
  text,
  trueOrFalse,
  wholeNumber,
} from '../schema/schema.js';
import type { Difference, Header, PlannedEntry } from './plan.js';

/** Where a command ran, and as whom. */
export const headerSchema = named('header', () =>
  object(
    {
      account: text('The account ID.'),
      partition: text('The partition of the region, such as aws.'),
      region: text('The region of the bucket and the function.'),
      caller: text("The caller's ARN."),
      stack: optional(text('The name of the stack; absent for the unnamed one.')),
      bucket: text('The name of the mail bucket.'),
    } satisfies Record<keyof Header, unknown>,
    'Where the command ran, and as whom.',
  ),
);

export const differenceSchema = named('difference', () =>
  object(
    {
      field: text('The field that differs.'),
      from: optional(text('Its current value; absent if the field is to be added.')),
      to: optional(text('Its configured value; absent if the field is to be removed.')),
    } satisfies Record<keyof Difference, unknown>,
    'A field that differs.',
  ),
);

const writeSchema = named('write', () =>
  object(
    {
      call: text('The service and the operation, such as iam:CreateRole.'),
      input: anyObject(
        "The operation's input, as in the AWS API. Binary values are replaced by their size and SHA-256. Values that are known only while the plan is applied are in angle brackets.",
      ),
    },
    'A call that changes something in AWS.',
  ),
);

const entrySchema = named('entry', () =>
  object(
    {
      part: text('The part of the stack that it belongs to.'),
      resource: text('The kind of resource, such as execution role.'),
      name: text('The name of the resource in AWS.'),
      action: oneOfTexts(
        ['create', 'update', 'delete', 'adopt', 'none', 'attention'],
        'What to do about the resource. attention: something for the operator to note.',
      ),
      note: optional(text('The reason, where the action alone does not show it.')),
      differences: list(differenceSchema, 'The differences between the current and the configured state.'),
      destroys: optional(text('What would be lost; such an entry needs confirmation.')),
      widens: optional(text('What would be allowed in addition; such an entry needs confirmation.')),
      blocks: optional(trueOrFalse('Whether the plan cannot be applied while it has this entry.')),
      offer: optional(
        oneOfTexts(
          ['remove-broad-grants', 'take-retry-slots', 'broker-reads-inbound'],
          'The flag, without its hyphens, that turns the entry into a change. broker-reads-inbound: this flag, or its opposite, is required.',
        ),
      ),
      writes: list(writeSchema, 'The calls, in order.'),
    } satisfies Record<keyof PlannedEntry, unknown>,
    'One resource, and what to do about it.',
  ),
);

const countOf = (action: string) => wholeNumber(`The number of entries with the action ${action}.`);

export const planSchema = named('plan', () =>
  object(
    {
      version: constant(1, 'The version of this format.'),
      command: oneOfTexts(['deploy', 'teardown'], 'The command that the plan is for.'),
      header: headerSchema,
      entries: list(entrySchema, 'The entries, in the order in which they are applied.'),
      counts: object(
        {
          create: countOf('create'),
          update: countOf('update'),
          delete: countOf('delete'),
          adopt: countOf('adopt'),
          none: countOf('none'),
          attention: countOf('attention'),
        },
        'The number of entries by action.',
      ),
    },
    'What the command changes.',
  ),
);

/** A plan as the value that `--json` prints. */
export type PlanDocument = TypeOf<typeof planSchema>;
