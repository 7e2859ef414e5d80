/**
 * The bucket's events to EventBridge: turned on, with all other notifications unchanged.
 */
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import type { Write } from '../../../aws/writes.js';
import { deferred } from '../../../reconcile/deferred.js';
import { difference, type Entry, unchanged } from '../../../reconcile/plan.js';
import type { Resource } from '../../resource.js';
import type { Scope } from '../../scope.js';
import { notYetOn, onSince, otherBucketOf, type RuleState, sinceTag } from '../rule.js';
import { checkAfterPut, checkBeforePut, putNotifications, readNotifications } from './notifications.js';

/** The bucket's whole notification configuration. */
export type BucketEventsState = NotificationConfiguration;

/** What its plan depends on. */
interface EventsView {
  bucketEvents: BucketEventsState;
  rule: RuleState | undefined;
}

const kind = 'bucket events';

export const bucketEvents: Resource<BucketEventsState, EventsView> = {
  /** The time since when EventBridge is on is a tag of the rule. */
  alsoChanges: ['rule'],

  read: readNotifications,

  deploy: (observed, scope) => [eventBridgeEntry(observed, scope)],

  teardown({ bucketEvents: have }, { names }) {
    return have.EventBridgeConfiguration === undefined
      ? []
      : [unchanged(kind, names.bucket, 'EventBridge stays on: others may rely on it')];
  },

  permissions: ({ names }) => [
    { for: 'read', actions: ['s3:GetBucketNotification'], resources: [names.bucketArn] },
    { for: 'deploy', actions: ['s3:PutBucketNotification'], resources: [names.bucketArn] },
  ],

  prepare: (write, scope, { bucketEvents: have }) => checkBeforePut(write, have, scope),

  settle: (write, _answer, scope) => checkAfterPut(write, scope),
};

function eventBridgeEntry({ bucketEvents: have, rule }: EventsView, scope: Scope): Entry {
  const { names } = scope;
  const on = have.EventBridgeConfiguration !== undefined;
  // The rule's own entry resets the tag of a rule that is moved here from another bucket.
  const moves = otherBucketOf(rule, names) !== undefined;
  const since = moves ? notYetOn : rule?.tags[sinceTag];
  if (on && !moves && onSince(rule) !== undefined) return unchanged(kind, names.bucket);
  const entry = { resource: kind, name: names.bucket, action: 'update' } as const;
  if (on)
    return {
      ...entry,
      note: 'EventBridge is already on; the tag records since when',
      differences: [difference(`tag ${sinceTag}`, since, 'now')],
      writes: [stamp(deferred.now, scope)],
    };
  return {
    ...entry,
    note: others(have),
    differences: [difference('EventBridge', 'off', 'on'), difference(`tag ${sinceTag}`, since, 'now')],
    writes: [
      // The old time is reset first: if the run ended after turning EventBridge on, the next one would rely on it.
      ...(since === undefined || since === notYetOn ? [] : [stamp(notYetOn, scope)]),
      putNotifications({ ...have, EventBridgeConfiguration: {} }, scope),
      stamp(deferred.now, scope),
    ],
  };
}

function stamp(value: string, { names }: Scope): Write {
  return {
    call: 'events:TagResource',
    input: { ResourceARN: names.ruleArn, Tags: [{ Key: sinceTag, Value: value }] },
  };
}

function others({ TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations }: NotificationConfiguration) {
  const lists = [TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations];
  const kept = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  return kept === 0 ? 'there are no other notifications' : `${kept} other notification(s) kept as they are`;
}
