import { bucket, type PlanCase } from '../support.js';

const line = `~ bucket events   ${bucket}`;
const theirs = { LambdaFunctionConfigurations: [{ Id: 'theirs', LambdaFunctionArn: 'arn:x', Events: [] }] };

export const bucketEventsCases: PlanCase[] = [
  {
    name: 'EventBridge off: turned on, other notifications kept; the tag is reset before',
    observed: () => ({ bucketEvents: theirs }),
    lines: [
      line,
      '    1 other notification(s) kept as they are',
      '    ~ EventBridge: off -> on',
      '    ~ tag eventbridge-on-since: 2026-01-01T00:00:00.000Z -> now',
    ],
    writes: ['events:TagResource', 's3:PutBucketNotificationConfiguration', 'events:TagResource'],
  },
  {
    name: 'EventBridge off, without other notifications',
    observed: () => ({ bucketEvents: {} }),
    lines: [
      line,
      '    there are no other notifications',
      '    ~ EventBridge: off -> on',
      '    ~ tag eventbridge-on-since: 2026-01-01T00:00:00.000Z -> now',
    ],
    writes: ['events:TagResource', 's3:PutBucketNotificationConfiguration', 'events:TagResource'],
  },
  {
    name: 'EventBridge on, without the tag',
    observed: ({ rule }) => ({ rule: { ...rule, tags: { 'managed-by': 'agentkeys-ses-routing' } } }),
    lines: [line, '    EventBridge is already on; the tag records since when', '    + tag eventbridge-on-since: now'],
    writes: ['events:TagResource'],
  },
  {
    name: 'EventBridge on, with a tag that is no time',
    observed: ({ rule }) => ({
      rule: { ...rule, tags: { 'managed-by': 'agentkeys-ses-routing', 'eventbridge-on-since': 'not yet' } },
    }),
    lines: [
      line,
      '    EventBridge is already on; the tag records since when',
      '    ~ tag eventbridge-on-since: not yet -> now',
    ],
    writes: ['events:TagResource'],
  },
];
