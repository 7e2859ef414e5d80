/**
 * The EventBridge rule that matches new mail in the bucket's events, and its target, the function.
 */
import {
  DescribeRuleCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { ifExists } from '../../aws/errors.js';
import { NotYet, until } from '../../aws/waits.js';
import type { Write } from '../../aws/writes.js';
import { attention, type Difference, difference, differences, type Entry, unchanged } from '../../reconcile/plan.js';
import { orderedJson } from '../canonical-json.js';
import type { Resource } from '../resource.js';
import { type Names, type ReadScope, type Scope, stackTags } from '../scope.js';
import { isManaged, missingTags, tagDifferences, tagList, tagRecord } from '../tags.js';
import { bucketsIn, mailPattern } from './mail-pattern.js';
import { deadLetterQueueOf, targetId, usesRetryQueue } from './retry/names.js';
import { deadLetterQueueTag, fromSlotTag, keptSlot, slotTagValue } from './retry/slots.js';

export interface RuleState {
  pattern: string;
  state: string;
  tags: Record<string, string>;
  targets: Target[];
}

/** The rule's tag with the time since when EventBridge has been on for the bucket, which AWS does not record. */
export const sinceTag = 'eventbridge-on-since';

/** Since when EventBridge has been on, milliseconds since 1970; undefined if the tag is missing or is no time. */
export function onSince(rule: RuleState | undefined): number | undefined {
  const time = Date.parse(String(rule?.tags[sinceTag]));
  return Number.isNaN(time) ? undefined : time;
}

/** The tag's value while EventBridge is being turned on, or the rule moved to another bucket. */
export const notYetOn = 'not yet';

/** The bucket that the rule is for, if that is not the stack's: a drifted pattern that still names the stack's bucket is the stack's. */
export function otherBucketOf(rule: RuleState | undefined, { bucket }: Names): string | undefined {
  const named = bucketsIn(rule?.pattern ?? '');
  return named.includes(bucket) ? undefined : named[0];
}

const kind = 'rule';
const targetKind = 'target';

/** What every rule of this tool says of itself: it tells them from others' rules in a listing, which has no tags. */
export const ruleDescription = 'New mail in inbound/ goes to the function that routes it (agentkeys-ses-routing)';

async function readWhole({ aws, names }: ReadScope): Promise<RuleState | undefined | NotYet> {
  const [described, listed, tagged] = await Promise.all([
    ifExists(aws.events.send(new DescribeRuleCommand({ Name: names.ruleName }))),
    ifExists(aws.events.send(new ListTargetsByRuleCommand({ Rule: names.ruleName }))),
    ifExists(aws.events.send(new ListTagsForResourceCommand({ ResourceARN: names.ruleArn }))),
  ]);
  if (described === undefined) return undefined;
  if (listed === undefined || tagged === undefined)
    return new NotYet(`EventBridge to return all of the rule ${names.ruleName}`);
  const { EventPattern = '', State = '' } = described;
  const { Targets = [] } = listed;
  return { pattern: EventPattern, state: State, tags: tagRecord(tagged.Tags), targets: Targets };
}

/**
 * EventBridge's defaults, set explicitly: a day, 185 attempts, which are the maximum.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
export const retryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

/** A dead-letter queue of the target that others set. */
function othersQueue(have: RuleState | undefined, { names }: Scope): string | undefined {
  const queue = deadLetterQueueOf(have);
  return queue === names.retryQueueArn ? undefined : queue;
}

/** The tag that records a dead-letter queue that is taken from others; none if it is kept. */
function recordOf(queue: string | undefined, { settings }: Scope): Record<string, string> {
  const value = queue === undefined ? undefined : slotTagValue(queue);
  return settings.retryQueue && settings.takeRetrySlots && value !== undefined ? { [deadLetterQueueTag]: value } : {};
}

/** The target; a dead-letter queue that others set is kept, unless it is recorded. */
function desiredTarget(have: RuleState | undefined, scope: Scope): Target {
  const { functionArn, retryQueueArn } = scope.names;
  const others = othersQueue(have, scope);
  const kept = Object.keys(recordOf(others, scope)).length === 0 ? others : undefined;
  const queue = kept ?? (usesRetryQueue(have, scope) ? retryQueueArn : undefined);
  return {
    Id: targetId,
    Arn: functionArn,
    RetryPolicy: retryPolicy,
    ...(queue === undefined ? {} : { DeadLetterConfig: { Arn: queue } }),
  };
}

export const rule: Resource<RuleState | undefined, { rule: RuleState | undefined }> = {
  async read(scope) {
    // Responses that disagree mean that the rule is just being created or deleted: read by half, it would look unmanaged.
    return until({ ...scope, deadline: 30_000 }, () => readWhole(scope));
  },

  deploy({ rule: have }, scope) {
    return [ruleEntry(have, scope), ...targetEntries(have, scope)];
  },

  teardown({ rule: have }, { names }) {
    if (have === undefined) return [];
    const { ruleName } = names;
    const others = have.targets.filter(({ Id }) => Id !== targetId);
    const managed = isManaged(have.tags);
    const entries: Entry[] = [];
    const before = fromSlotTag(have.tags[deadLetterQueueTag]);
    if (others.length < have.targets.length)
      entries.push({
        resource: targetKind,
        name: targetId,
        action: 'delete',
        ...(before === undefined ? {} : { note: `its dead-letter queue was ${before}, before --take-retry-slots` }),
        differences: [],
        writes: [{ call: 'events:RemoveTargets', input: { Rule: ruleName, Ids: [targetId] } }],
      });
    if (!managed) entries.push(attention(kind, ruleName, 'left alone: it does not carry our tag'));
    else if (others.length > 0)
      entries.push(
        attention(kind, ruleName, `left alone: it has targets that this tool does not manage: ${ids(others)}`),
      );
    else
      entries.push({
        resource: kind,
        name: ruleName,
        action: 'delete',
        differences: [],
        writes: [{ call: 'events:DeleteRule', input: { Name: ruleName } }],
      });
    return entries;
  },

  permissions: ({ names }) => [
    {
      for: 'read',
      actions: ['events:DescribeRule', 'events:ListTargetsByRule', 'events:ListTagsForResource'],
      resources: [names.ruleArn],
    },
    {
      for: 'deploy',
      actions: ['events:PutRule', 'events:PutTargets', 'events:TagResource'],
      resources: [names.ruleArn],
    },
    { for: 'teardown', actions: ['events:RemoveTargets', 'events:DeleteRule'], resources: [names.ruleArn] },
  ],
};

function ruleEntry(have: RuleState | undefined, { names, settings }: Scope): Entry {
  const want = { pattern: mailPattern(names.bucket), state: 'ENABLED' };
  const tags = missingTags(have?.tags ?? {}, stackTags(settings));
  const currentPattern = have === undefined ? undefined : normalized(have.pattern);
  const changed: Difference[] = differences(
    { pattern: currentPattern, state: have?.state },
    {
      pattern: normalized(want.pattern),
      state: want.state,
    },
  );
  const writes: Write[] = [];
  // The tag is about the bucket from before: if the run ended after PutRule, the next one would rely on it.
  const moved = otherBucketOf(have, names) !== undefined && have?.tags[sinceTag] !== notYetOn;
  const first: Record<string, string> = moved ? { [sinceTag]: notYetOn } : {};
  if (have !== undefined && moved) writes.push(tagRule(first, names));
  if (changed.length > 0)
    writes.push({
      call: 'events:PutRule',
      input: {
        Name: names.ruleName,
        Description: ruleDescription,
        EventPattern: want.pattern,
        State: 'ENABLED',
        ...(have === undefined ? { Tags: tagList(tags) } : {}),
      },
    });
  // PutRule accepts tags only when it creates the rule. Last: an adopted rule is tagged as managed once it is.
  if (have !== undefined && Object.keys(tags).length > 0) writes.push(tagRule(tags, names));
  if (writes.length === 0) return unchanged(kind, names.ruleName);
  return {
    resource: kind,
    name: names.ruleName,
    action: have === undefined ? 'create' : isManaged(have.tags) ? 'update' : 'adopt',
    differences: [...changed, ...(have === undefined ? [] : tagDifferences(have.tags, { ...tags, ...first }))],
    writes,
  };
}

function tagRule(tags: Record<string, string>, { ruleArn }: Names): Write {
  return { call: 'events:TagResource', input: { ResourceARN: ruleArn, Tags: tagList(tags) } };
}

function targetEntries(have: RuleState | undefined, scope: Scope): Entry[] {
  const { names, settings } = scope;
  const want = desiredTarget(have, scope);
  const current = have?.targets.find(({ Id }) => Id === targetId);
  const others = (have?.targets ?? []).filter(({ Id }) => Id !== targetId);
  const changed = differences(current === undefined ? {} : targetLines(current), targetLines(want));
  const surplus = current === undefined ? [] : Object.keys(current).filter((field) => !(field in want));
  // By name only: an input of somebody's own may hold what is not for the screen.
  const extra = surplus.map((field) => difference(field, '(value not shown)', undefined));
  const kept =
    others.length === 0
      ? []
      : [attention(targetKind, ids(others), `on the rule ${names.ruleName}, not managed by this tool: left alone`)];
  const from = othersQueue(have, scope);
  const record = recordOf(from, scope);
  if (settings.retryQueue && from !== undefined && Object.keys(record).length === 0)
    kept.push(
      keptSlot({
        resource: targetKind,
        name: targetId,
        what: 'dead-letter queue',
        field: 'dead-letter queue',
        from,
        to: names.retryQueueArn,
        events: "Events that EventBridge can't deliver",
      }),
    );
  if (changed.length === 0 && extra.length === 0) return [unchanged(targetKind, targetId), ...kept];
  // Recorded before it is replaced.
  const recorded = missingTags(have?.tags ?? {}, record);
  return [
    {
      resource: targetKind,
      name: targetId,
      action: current === undefined ? 'create' : 'update',
      differences: [...changed, ...extra, ...tagDifferences(have?.tags ?? {}, recorded)],
      ...(surplus.length === 0 ? {} : { destroys: `remove the target's ${surplus.join(', ')}, which others set` }),
      writes: [
        ...(Object.keys(recorded).length === 0 ? [] : [tagRule(recorded, names)]),
        { call: 'events:PutTargets', input: { Rule: names.ruleName, Targets: [want] } },
      ],
    },
    ...kept,
  ];
}

function targetLines({ Arn, RetryPolicy, DeadLetterConfig }: Target): Record<string, string | undefined> {
  return {
    function: Arn,
    'event age': RetryPolicy?.MaximumEventAgeInSeconds?.toString(),
    retries: RetryPolicy?.MaximumRetryAttempts?.toString(),
    'dead-letter queue': DeadLetterConfig?.Arn,
  };
}

/** A pattern with its keys in order: EventBridge stores the text as it was put, but the order has no meaning. */
function normalized(pattern: string): string {
  // A schedule has no pattern.
  return pattern === '' ? '(none)' : orderedJson(JSON.parse(pattern));
}

function ids(targets: Target[]): string {
  return targets.map(({ Id }) => Id).join(', ');
}
