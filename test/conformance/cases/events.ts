/**
 * EventBridge's rules and targets.
 */
import * as api from '@aws-sdk/client-eventbridge';
import type { Case } from '../account.js';

const Name = 'conformance';
const Rule = Name;
const notThere = { Name: 'not-there' };
const ofNone = { Rule: 'not-there' };
const arnOf = (rule: string) => ({ ResourceARN: `arn:aws:events:us-east-1:123456789012:rule/${rule}` });
const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { object: { key: [{ prefix: 'inbound/' }] } } });
const target = { Id: 'function', Arn: 'arn:aws:lambda:us-east-1:123456789012:function:conformance' };

export const eventCases: Case[] = [
  {
    title: 'with everything',
    send: ({ events }) =>
      events.send(
        new api.PutRuleCommand({
          Name,
          EventPattern,
          Description: 'a rule',
          State: 'ENABLED',
          Tags: [{ Key: 'team', Value: 'mail' }],
        }),
      ),
  },
  {
    title: 'with nothing but a pattern',
    send: ({ events }) => events.send(new api.PutRuleCommand({ Name: 'plain', EventPattern })),
  },
  { title: 'with neither pattern nor schedule', send: ({ events }) => events.send(new api.PutRuleCommand(notThere)) },
  {
    title: 'a pattern that is no JSON',
    send: ({ events }) => events.send(new api.PutRuleCommand({ ...notThere, EventPattern: '{' })),
  },
  {
    title: 'a pattern whose values are no lists',
    send: ({ events }) => events.send(new api.PutRuleCommand({ ...notThere, EventPattern: '{"source":"aws.s3"}' })),
  },
  {
    title: 'no such bus',
    send: ({ events }) => events.send(new api.PutRuleCommand({ ...notThere, EventPattern, EventBusName: 'none' })),
  },
  { title: 'with everything', send: ({ events }) => events.send(new api.DescribeRuleCommand({ Name })) },
  { title: 'with nothing', send: ({ events }) => events.send(new api.DescribeRuleCommand({ Name: 'plain' })) },
  { title: 'not there', send: ({ events }) => events.send(new api.DescribeRuleCommand(notThere)) },
  { title: 'there', send: ({ events }) => events.send(new api.DisableRuleCommand({ Name })) },
  { title: 'not there', send: ({ events }) => events.send(new api.DisableRuleCommand(notThere)) },
  { title: 'disabled', send: ({ events }) => events.send(new api.DescribeRuleCommand({ Name })) },
  { title: 'there', send: ({ events }) => events.send(new api.EnableRuleCommand({ Name })) },
  { title: 'not there', send: ({ events }) => events.send(new api.EnableRuleCommand(notThere)) },
  {
    title: 'replaced, with other tags',
    send: ({ events }) =>
      events.send(new api.PutRuleCommand({ Name, EventPattern, Tags: [{ Key: 'ignored', Value: 'yes' }] })),
  },
  { title: 'replaced', send: ({ events }) => events.send(new api.DescribeRuleCommand({ Name })) },
  { title: 'all', send: ({ events }) => events.send(new api.ListRulesCommand({})) },
  { title: 'by name', send: ({ events }) => events.send(new api.ListRulesCommand({ NamePrefix: 'conf' })) },
  { title: 'a page', send: ({ events }) => events.send(new api.ListRulesCommand({ Limit: 1 })) },
  {
    title: 'a name EventBridge does not take',
    send: ({ events }) => events.send(new api.PutRuleCommand({ Name: 'a b', EventPattern })),
  },

  {
    title: 'after a rule was replaced with other tags',
    send: ({ events }) => events.send(new api.ListTagsForResourceCommand(arnOf(Name))),
  },
  { title: 'none', send: ({ events }) => events.send(new api.ListTagsForResourceCommand(arnOf('plain'))) },
  { title: 'no rule', send: ({ events }) => events.send(new api.ListTagsForResourceCommand(arnOf('not-there'))) },
  {
    title: 'one new, one changed',
    send: ({ events }) =>
      events.send(
        new api.TagResourceCommand({
          ...arnOf(Name),
          Tags: [
            { Key: 'team', Value: 'other' },
            { Key: 'more', Value: '' },
          ],
        }),
      ),
  },
  {
    title: 'no rule',
    send: ({ events }) =>
      events.send(new api.TagResourceCommand({ ...arnOf('not-there'), Tags: [{ Key: 'a', Value: 'b' }] })),
  },
  {
    title: 'one there, one not',
    send: ({ events }) =>
      events.send(new api.UntagResourceCommand({ ...arnOf(Name), TagKeys: ['more', 'ignored', 'unknown'] })),
  },
  {
    title: 'no rule',
    send: ({ events }) => events.send(new api.UntagResourceCommand({ ...arnOf('not-there'), TagKeys: ['a'] })),
  },
  { title: 'one', send: ({ events }) => events.send(new api.ListTagsForResourceCommand(arnOf(Name))) },

  {
    title: 'one with a retry policy, one without',
    send: ({ events }) =>
      events.send(
        new api.PutTargetsCommand({
          Rule,
          Targets: [
            { ...target, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
            { ...target, Id: 'other' },
          ],
        }),
      ),
  },
  {
    title: 'in the place of another',
    send: ({ events }) =>
      events.send(new api.PutTargetsCommand({ Rule, Targets: [{ ...target, Id: 'other', Arn: `${target.Arn}-2` }] })),
  },
  {
    title: 'no ARN',
    send: ({ events }) => events.send(new api.PutTargetsCommand({ Rule, Targets: [{ Id: 'bad', Arn: 'function' }] })),
  },
  {
    title: 'no rule',
    send: ({ events }) => events.send(new api.PutTargetsCommand({ ...ofNone, Targets: [target] })),
  },
  { title: 'two', send: ({ events }) => events.send(new api.ListTargetsByRuleCommand({ Rule })) },
  { title: 'none', send: ({ events }) => events.send(new api.ListTargetsByRuleCommand({ Rule: 'plain' })) },
  { title: 'no rule', send: ({ events }) => events.send(new api.ListTargetsByRuleCommand(ofNone)) },
  { title: 'with targets', send: ({ events }) => events.send(new api.DeleteRuleCommand({ Name })) },
  {
    title: 'there',
    send: ({ events }) => events.send(new api.RemoveTargetsCommand({ Rule, Ids: ['function', 'other'] })),
  },
  { title: 'not there', send: ({ events }) => events.send(new api.RemoveTargetsCommand({ Rule, Ids: ['other'] })) },
  { title: 'no rule', send: ({ events }) => events.send(new api.RemoveTargetsCommand({ ...ofNone, Ids: ['other'] })) },
  { title: 'with nothing left', send: ({ events }) => events.send(new api.DeleteRuleCommand({ Name })) },
  { title: 'not there', send: ({ events }) => events.send(new api.DeleteRuleCommand({ Name })) },
];
