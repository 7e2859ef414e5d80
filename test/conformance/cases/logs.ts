/**
 * CloudWatch Logs: groups, streams, events.
 */
import * as api from '@aws-sdk/client-cloudwatch-logs';
import type { Case } from '../account.js';

const logGroupName = '/aws/lambda/conformance';
const logStreamName = '2026/01/01/[$LATEST]0123456789abcdef';
const notThere = { logGroupName: '/aws/lambda/not-there' };
const arnOf = (group: string) => ({ resourceArn: `arn:aws:logs:us-east-1:123456789012:log-group:${group}` });
/** Events must not be older than two weeks. */
const now = Date.now();
const logEvents = [
  { timestamp: now, message: 'one' },
  { timestamp: now + 1, message: 'two' },
];

const groups: Case[] = [
  {
    title: 'with a tag',
    send: ({ logs }) => logs.send(new api.CreateLogGroupCommand({ logGroupName, tags: { team: 'mail' } })),
  },
  {
    title: 'with nothing',
    send: ({ logs }) => logs.send(new api.CreateLogGroupCommand({ logGroupName: '/aws/lambda/plain' })),
  },
  { title: 'there already', send: ({ logs }) => logs.send(new api.CreateLogGroupCommand({ logGroupName })) },
  {
    title: 'a name Logs does not take',
    send: ({ logs }) => logs.send(new api.CreateLogGroupCommand({ logGroupName: 'a b' })),
  },
  {
    title: 'thirty days',
    send: ({ logs }) => logs.send(new api.PutRetentionPolicyCommand({ logGroupName, retentionInDays: 30 })),
  },
  {
    title: 'no group',
    send: ({ logs }) => logs.send(new api.PutRetentionPolicyCommand({ ...notThere, retentionInDays: 30 })),
  },
  {
    title: 'by prefix',
    send: ({ logs }) => logs.send(new api.DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/' })),
  },
  {
    title: 'none',
    send: ({ logs }) => logs.send(new api.DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/not-there' })),
  },
  {
    title: 'a page',
    send: ({ logs }) => logs.send(new api.DescribeLogGroupsCommand({ limit: 1, logGroupNamePrefix: '/aws' })),
  },
  {
    title: 'a number of days Logs does not take',
    send: ({ logs }) => logs.send(new api.PutRetentionPolicyCommand({ logGroupName, retentionInDays: 31 })),
  },
  { title: 'there', send: ({ logs }) => logs.send(new api.DeleteRetentionPolicyCommand({ logGroupName })) },
  { title: 'no group', send: ({ logs }) => logs.send(new api.DeleteRetentionPolicyCommand(notThere)) },
  {
    title: 'one new, one changed',
    send: ({ logs }) =>
      logs.send(new api.TagResourceCommand({ ...arnOf(logGroupName), tags: { team: 'other', more: '' } })),
  },
  {
    title: 'no group',
    send: ({ logs }) => logs.send(new api.TagResourceCommand({ ...arnOf('/aws/lambda/not-there'), tags: { a: 'b' } })),
  },
  {
    title: 'one there, one not',
    send: ({ logs }) =>
      logs.send(new api.UntagResourceCommand({ ...arnOf(logGroupName), tagKeys: ['more', 'unknown'] })),
  },
  {
    title: 'no group',
    send: ({ logs }) => logs.send(new api.UntagResourceCommand({ ...arnOf('/aws/lambda/not-there'), tagKeys: ['a'] })),
  },
  { title: 'one', send: ({ logs }) => logs.send(new api.ListTagsForResourceCommand(arnOf(logGroupName))) },
  { title: 'none', send: ({ logs }) => logs.send(new api.ListTagsForResourceCommand(arnOf('/aws/lambda/plain'))) },
  {
    title: 'no group',
    send: ({ logs }) => logs.send(new api.ListTagsForResourceCommand(arnOf('/aws/lambda/not-there'))),
  },
];

const streams: Case[] = [
  { title: 'new', send: ({ logs }) => logs.send(new api.CreateLogStreamCommand({ logGroupName, logStreamName })) },
  {
    title: 'there already',
    send: ({ logs }) => logs.send(new api.CreateLogStreamCommand({ logGroupName, logStreamName })),
  },
  {
    title: 'no group',
    send: ({ logs }) => logs.send(new api.CreateLogStreamCommand({ ...notThere, logStreamName })),
  },
  { title: 'empty', send: ({ logs }) => logs.send(new api.DescribeLogStreamsCommand({ logGroupName })) },
  {
    title: 'two events',
    send: ({ logs }) => logs.send(new api.PutLogEventsCommand({ logGroupName, logStreamName, logEvents })),
  },
  {
    title: 'no stream',
    send: ({ logs }) => logs.send(new api.PutLogEventsCommand({ logGroupName, logStreamName: 'none', logEvents })),
  },
  {
    title: 'no group',
    send: ({ logs }) => logs.send(new api.PutLogEventsCommand({ ...notThere, logStreamName, logEvents })),
  },
  { title: 'with events', send: ({ logs }) => logs.send(new api.DescribeLogStreamsCommand({ logGroupName })) },
  {
    title: 'the latest first',
    send: ({ logs }) =>
      logs.send(new api.DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true })),
  },
  { title: 'no group', send: ({ logs }) => logs.send(new api.DescribeLogStreamsCommand(notThere)) },
  {
    title: 'from the head',
    send: ({ logs }) => logs.send(new api.GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true })),
  },
  {
    title: 'no stream',
    send: ({ logs }) => logs.send(new api.GetLogEventsCommand({ logGroupName, logStreamName: 'none' })),
  },
  {
    title: 'no group',
    send: ({ logs }) => logs.send(new api.GetLogEventsCommand({ ...notThere, logStreamName })),
  },
  { title: 'all', send: ({ logs }) => logs.send(new api.FilterLogEventsCommand({ logGroupName })) },
  {
    title: 'up to a moment',
    send: ({ logs }) => logs.send(new api.FilterLogEventsCommand({ logGroupName, endTime: now })),
  },
  { title: 'no group', send: ({ logs }) => logs.send(new api.FilterLogEventsCommand(notThere)) },
  { title: 'there', send: ({ logs }) => logs.send(new api.DeleteLogGroupCommand({ logGroupName })) },
  { title: 'not there', send: ({ logs }) => logs.send(new api.DeleteLogGroupCommand({ logGroupName })) },
];

export const logCases: Case[] = [...groups, ...streams];
