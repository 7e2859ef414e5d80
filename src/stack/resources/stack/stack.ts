/**
 * The stack as a whole: whether it moves from another bucket, and whether another stack has the same bucket.
 */
import { ListRulesCommand, type Rule } from '@aws-sdk/client-eventbridge';
import { ifExists, nameOf } from '../../../aws/errors.js';
import { attention, type Entry } from '../../../reconcile/plan.js';
import type { Resource } from '../../resource.js';
import type { Scope } from '../../scope.js';
import { bucketsIn } from '../mail-pattern.js';
import { ruleDescription } from '../rule.js';
import { type OwnershipView, servingOthers } from './ownership.js';

/** The names of other rules of this tool that match the bucket's mail; undefined if AWS denied listing them. */
export interface StackState {
  otherRules: string[] | undefined;
}

/** What its plan depends on. */
interface StackView extends OwnershipView {
  stack: StackState;
}

const kind = 'stack';

/** A rule of this tool, and the buckets whose mail it matches. */
export interface MailRule {
  name: string;
  buckets: string[];
  state: string;
}

/**
 * All rules of this tool in the region, of any stack and name. They are recognized by their description, which a listing has: one call for
 * a hundred rules. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html
 */
export async function listMailRules({ aws }: Pick<Scope, 'aws'>): Promise<MailRule[]> {
  const rules: Rule[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ifExists(aws.events.send(new ListRulesCommand({ NextToken })));
    rules.push(...(page?.Rules ?? []));
    NextToken = page?.NextToken;
  } while (NextToken !== undefined);
  return rules
    .filter(({ Description }) => Description === ruleDescription)
    .map(({ Name = '', EventPattern = '', State = '' }) => ({
      name: Name,
      buckets: bucketsIn(EventPattern),
      state: State,
    }));
}

export const stack: Resource<StackState, StackView> = {
  async read(scope) {
    const { names } = scope;
    try {
      const rules = await listMailRules(scope);
      const others = rules.filter(({ name, buckets }) => name !== names.ruleName && buckets.includes(names.bucket));
      return { otherRules: others.map(({ name }) => name) };
    } catch (error) {
      if (nameOf(error) !== 'AccessDeniedException') throw error;
      return { otherRules: undefined };
    }
  },

  deploy: (observed, scope) => [...moveEntries(observed, scope), ...sharedBucketEntries(observed.stack, scope)],

  teardown: () => [],

  permissions: ({ identity: { partition, region, account } }) => [
    {
      for: 'read',
      actions: ['events:ListRules'],
      resources: [`arn:${partition}:events:${region}:${account}:rule/*`],
    },
  ],
};

function moveEntries(observed: StackView, { names, settings }: Scope): Entry[] {
  const [moved] = servingOthers(observed, names);
  if (moved === undefined) return [];
  const { bucket: from } = moved;
  return [
    {
      ...attention(
        kind,
        settings.stack ?? names.functionName,
        `moves from the bucket ${from}: mail that arrives there stays in its inbound/, and so does what is there now (backfill --bucket ${from} routes it)`,
      ),
      destroys: `move the stack from the bucket ${from} to ${names.bucket}, and stop routing the mail of ${from}`,
    },
  ];
}

function sharedBucketEntries({ otherRules }: StackState, { names }: Scope): Entry[] {
  if (otherRules === undefined)
    return [
      attention(
        kind,
        names.functionName,
        'whether another stack has the same bucket is unknown: AWS denied events:ListRules',
      ),
    ];
  return otherRules.map((rule) => ({
    ...attention(
      kind,
      rule,
      `this rule, of another stack or from before --rule-name, matches the mail of ${names.bucket} too, and each message would be copied twice; give each stack a bucket of its own, or tear the other one down first`,
    ),
    blocks: true,
  }));
}
