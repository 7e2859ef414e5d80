import { functionArn, type PlanCase, pattern, queueArn, ruleName, target } from '../support.js';

const line = `~ rule            ${ruleName}`;
const [start, end] = pattern.split(' ');
const newPattern = [`      ${start}`, `      ${end}`];
const queueLines = ['    + dead-letter queue:', `      ${queueArn}`];

export const ruleCases: PlanCase[] = [
  {
    name: 'disabled',
    observed: ({ rule }) => ({ rule: { ...rule, state: 'DISABLED' } }),
    lines: [line, '    ~ state: DISABLED -> ENABLED'],
    writes: ['events:PutRule'],
  },
  {
    name: 'another event pattern',
    observed: ({ rule }) => ({ rule: { ...rule, pattern: '{"source":["aws.s3"]}' } }),
    lines: [line, '    ~ pattern: {"source":["aws.s3"]} ->', ...newPattern],
    writes: ['events:PutRule'],
  },
  {
    name: 'the event pattern with its keys in another order: no difference',
    observed: ({ rule }) => ({
      rule: { ...rule, pattern: JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(pattern)).reverse())) },
    }),
    lines: [],
    writes: [],
  },
  {
    name: 'a schedule, without an event pattern',
    observed: ({ rule }) => ({ rule: { ...rule, pattern: '' } }),
    lines: [line, '    ~ pattern: (none) ->', ...newPattern],
    writes: ['events:PutRule'],
  },
  {
    name: 'not managed: adopted',
    observed: ({ rule }) => ({ rule: { ...rule, tags: { 'eventbridge-on-since': '2026-01-01T00:00:00.000Z' } } }),
    lines: [`> rule            ${ruleName}`, '    + tag managed-by: agentkeys-ses-routing'],
    writes: ['events:TagResource'],
  },
  {
    name: 'without its target',
    observed: ({ rule }) => ({ rule: { ...rule, targets: [] } }),
    lines: [
      '+ target          agentkeys-ses-routing',
      '    + function:',
      `      ${functionArn}`,
      '    + event age: 86400',
      '    + retries: 185',
      ...queueLines,
    ],
    writes: ['events:PutTargets'],
  },
  {
    name: 'its target has another function and retry policy, and an input',
    observed: ({ rule }) => ({
      rule: {
        ...rule,
        targets: [
          {
            Id: target.Id,
            Arn: `${functionArn}-old`,
            RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
            Input: '{"a":1}',
          },
        ],
      },
    }),
    lines: [
      '~ target          agentkeys-ses-routing',
      '    ~ function:',
      `      ${functionArn}-old`,
      `      -> ${functionArn}`,
      '    ~ event age: 60 -> 86400',
      '    ~ retries: 0 -> 185',
      ...queueLines,
      '    - Input: (value not shown)',
    ],
    writes: ['events:PutTargets'],
    destroys: ["remove the target's Input, which others set"],
  },
  {
    name: 'targets of others: left alone',
    observed: ({ rule }) => ({ rule: { ...rule, targets: [...rule.targets, { Id: 'theirs', Arn: 'arn:x' }] } }),
    lines: [],
    writes: [],
  },
];
