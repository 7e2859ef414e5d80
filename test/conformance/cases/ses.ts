/**
 * SES's receipt rules. They store into the bucket that the cases of S3 have made.
 */
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import * as api from '@aws-sdk/client-ses';
import type { Case } from '../account.js';
import { policy } from './documents.js';

const RuleSetName = 'conformance';
const Bucket = 'conformance-mail';
const store = (BucketName: string) => ({ S3Action: { BucketName, ObjectKeyPrefix: 'inbound/' } });
const rule = (Name: string, more: Partial<api.ReceiptRule> = {}): api.ReceiptRule => ({
  Name,
  Enabled: true,
  TlsPolicy: 'Require',
  Recipients: ['bots.example.com'],
  Actions: [store(Bucket), { StopAction: { Scope: 'RuleSet' } }],
  ScanEnabled: true,
  ...more,
});

export const sesCases: Case[] = [
  {
    title: 'that lets SES in',
    send: ({ s3 }) =>
      s3.send(
        new PutBucketPolicyCommand({
          Bucket,
          Policy: policy({
            Effect: 'Allow',
            Principal: { Service: 'ses.amazonaws.com' },
            Action: 's3:PutObject',
            Resource: `arn:aws:s3:::${Bucket}/inbound/*`,
          }),
        }),
      ),
  },
  { title: 'none', send: ({ ses }) => ses.send(new api.DescribeActiveReceiptRuleSetCommand({})) },
  { title: 'new', send: ({ ses }) => ses.send(new api.CreateReceiptRuleSetCommand({ RuleSetName })) },
  { title: 'there already', send: ({ ses }) => ses.send(new api.CreateReceiptRuleSetCommand({ RuleSetName })) },
  {
    title: 'a name SES does not take',
    send: ({ ses }) => ses.send(new api.CreateReceiptRuleSetCommand({ RuleSetName: 'a b' })),
  },
  {
    title: 'new',
    send: ({ ses }) => ses.send(new api.CreateReceiptRuleCommand({ RuleSetName, Rule: rule('store') })),
  },
  {
    title: 'there already',
    send: ({ ses }) => ses.send(new api.CreateReceiptRuleCommand({ RuleSetName, Rule: rule('store') })),
  },
  {
    title: 'after another',
    send: ({ ses }) =>
      ses.send(
        new api.CreateReceiptRuleCommand({ RuleSetName, Rule: rule('second', { Actions: [] }), After: 'store' }),
      ),
  },
  {
    title: 'after none',
    send: ({ ses }) =>
      ses.send(new api.CreateReceiptRuleCommand({ RuleSetName, Rule: rule('third'), After: 'not-there' })),
  },
  {
    title: 'no rule set',
    send: ({ ses }) => ses.send(new api.CreateReceiptRuleCommand({ RuleSetName: 'not-there', Rule: rule('x') })),
  },
  {
    title: 'no bucket',
    send: ({ ses }) =>
      ses.send(
        new api.CreateReceiptRuleCommand({ RuleSetName, Rule: rule('x', { Actions: [store('conformance-none')] }) }),
      ),
  },
  {
    title: 'switched off',
    send: ({ ses }) =>
      ses.send(new api.UpdateReceiptRuleCommand({ RuleSetName, Rule: rule('second', { Enabled: false }) })),
  },
  {
    title: 'not there',
    send: ({ ses }) => ses.send(new api.UpdateReceiptRuleCommand({ RuleSetName, Rule: rule('not-there') })),
  },
  {
    title: 'no rule set',
    send: ({ ses }) => ses.send(new api.UpdateReceiptRuleCommand({ RuleSetName: 'not-there', Rule: rule('x') })),
  },
  { title: 'there', send: ({ ses }) => ses.send(new api.SetActiveReceiptRuleSetCommand({ RuleSetName })) },
  {
    title: 'not there',
    send: ({ ses }) => ses.send(new api.SetActiveReceiptRuleSetCommand({ RuleSetName: 'not-there' })),
  },
  { title: 'with two rules', send: ({ ses }) => ses.send(new api.DescribeActiveReceiptRuleSetCommand({})) },
  {
    title: 'a bucket that SES may not write to',
    send: ({ ses }) =>
      ses.send(
        new api.CreateReceiptRuleCommand({
          RuleSetName,
          Rule: rule('x', { Actions: [store('conformance-policies')] }),
        }),
      ),
  },
  { title: 'active', send: ({ ses }) => ses.send(new api.DeleteReceiptRuleSetCommand({ RuleSetName })) },
  {
    title: 'there',
    send: ({ ses }) => ses.send(new api.DeleteReceiptRuleCommand({ RuleSetName, RuleName: 'second' })),
  },
  { title: 'none', send: ({ ses }) => ses.send(new api.SetActiveReceiptRuleSetCommand({})) },
  { title: 'not active', send: ({ ses }) => ses.send(new api.DeleteReceiptRuleSetCommand({ RuleSetName })) },
  { title: 'not there', send: ({ ses }) => ses.send(new api.DeleteReceiptRuleSetCommand({ RuleSetName })) },
];
