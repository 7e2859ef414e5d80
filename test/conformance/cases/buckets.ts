/**
 * S3's buckets: their place, policy, encryption, notifications.
 */
import * as api from '@aws-sdk/client-s3';
import type { Case } from '../account.js';
import { policy } from './documents.js';

const Bucket = 'conformance-mail';
const nobody = { Bucket: 'conformance-not-there' };
const arn = `arn:aws:s3:::${Bucket}`;
const queue = { Id: 'queue', QueueArn: 'arn:aws:sqs:us-east-1:123456789012:reports', Events: ['s3:ObjectCreated:*'] };
const rules = (Name: 'prefix' | 'suffix', Value: string) => ({ Key: { FilterRules: [{ Name, Value }] } });

export const bucketCases: Case[] = [
  { title: 'new', send: ({ s3 }) => s3.send(new api.CreateBucketCommand({ Bucket })) },
  { title: 'there already, in us-east-1', send: ({ s3 }) => s3.send(new api.CreateBucketCommand({ Bucket })) },
  { title: 'one', send: ({ s3 }) => s3.send(new api.ListBucketsCommand({})) },
  { title: 'by prefix', send: ({ s3 }) => s3.send(new api.ListBucketsCommand({ Prefix: 'conformance-m' })) },
  { title: 'there', send: ({ s3 }) => s3.send(new api.HeadBucketCommand({ Bucket })) },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.HeadBucketCommand(nobody)) },
  {
    title: 'of another owner than expected',
    send: ({ s3 }) => s3.send(new api.HeadBucketCommand({ Bucket, ExpectedBucketOwner: '999999999999' })),
  },
  { title: 'us-east-1', send: ({ s3 }) => s3.send(new api.GetBucketLocationCommand({ Bucket })) },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.GetBucketLocationCommand(nobody)) },

  { title: 'none', send: ({ s3 }) => s3.send(new api.GetBucketPolicyCommand({ Bucket })) },
  { title: 'no policy', send: ({ s3 }) => s3.send(new api.GetBucketPolicyStatusCommand({ Bucket })) },
  {
    title: 'new',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketPolicyCommand({
          Bucket,
          Policy: policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${arn}/*` }),
        }),
      ),
  },
  {
    title: 'for malformed policies',
    send: ({ s3 }) => s3.send(new api.CreateBucketCommand({ Bucket: 'conformance-policies' })),
  },
  ...Object.entries({
    'no JSON': '{',
    'no principal': policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: `${arn}/*` }),
    "another bucket's resource": policy({
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::conformance-other/*',
    }),
    'a condition that its action does not know': policy({
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `${arn}/*`,
      Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
    }),
  }).map(([title, Policy]) => ({
    title,
    send: ({ s3 }: Parameters<Case['send']>[0]) =>
      s3.send(new api.PutBucketPolicyCommand({ Bucket: 'conformance-policies', Policy })),
  })),
  {
    title: 'no bucket',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketPolicyCommand({
          ...nobody,
          Policy: policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${arn}/*` }),
        }),
      ),
  },
  { title: 'there', send: ({ s3 }) => s3.send(new api.GetBucketPolicyCommand({ Bucket })) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.GetBucketPolicyCommand(nobody)) },
  { title: 'of a public one', send: ({ s3 }) => s3.send(new api.GetBucketPolicyStatusCommand({ Bucket })) },
  { title: 'there', send: ({ s3 }) => s3.send(new api.DeleteBucketPolicyCommand({ Bucket })) },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.DeleteBucketPolicyCommand({ Bucket })) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.DeleteBucketPolicyCommand(nobody)) },

  { title: 'none', send: ({ s3 }) => s3.send(new api.GetPublicAccessBlockCommand({ Bucket })) },
  {
    title: 'two of the four',
    send: ({ s3 }) =>
      s3.send(
        new api.PutPublicAccessBlockCommand({
          Bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: false,
            IgnorePublicAcls: false,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
      ),
  },
  { title: 'two of the four', send: ({ s3 }) => s3.send(new api.GetPublicAccessBlockCommand({ Bucket })) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.GetPublicAccessBlockCommand(nobody)) },
  { title: 'there', send: ({ s3 }) => s3.send(new api.DeletePublicAccessBlockCommand({ Bucket })) },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.DeletePublicAccessBlockCommand({ Bucket })) },

  { title: 'of a new bucket', send: ({ s3 }) => s3.send(new api.GetBucketOwnershipControlsCommand({ Bucket })) },
  { title: 'of a new bucket', send: ({ s3 }) => s3.send(new api.GetBucketAclCommand({ Bucket })) },
  { title: 'where there are none', send: ({ s3 }) => s3.send(new api.PutBucketAclCommand({ Bucket, ACL: 'private' })) },
  {
    title: 'with ACLs',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketOwnershipControlsCommand({
          Bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
        }),
      ),
  },
  { title: 'with ACLs', send: ({ s3 }) => s3.send(new api.GetBucketOwnershipControlsCommand({ Bucket })) },
  {
    title: 'for everybody',
    send: ({ s3 }) => s3.send(new api.PutBucketAclCommand({ Bucket, ACL: 'public-read' })),
  },
  { title: 'for everybody', send: ({ s3 }) => s3.send(new api.GetBucketAclCommand({ Bucket })) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.GetBucketAclCommand(nobody)) },

  { title: 'none was set', send: ({ s3 }) => s3.send(new api.GetBucketEncryptionCommand({ Bucket })) },
  {
    title: 'with a key',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [
              {
                ApplyServerSideEncryptionByDefault: {
                  SSEAlgorithm: 'aws:kms',
                  KMSMasterKeyID: 'arn:aws:kms:us-east-1:123456789012:key/11111111-1111-4111-8111-111111111111',
                },
              },
            ],
          },
        }),
      ),
  },
  {
    title: "with S3's own",
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
      ),
  },
  { title: 'one was set', send: ({ s3 }) => s3.send(new api.GetBucketEncryptionCommand({ Bucket })) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.GetBucketEncryptionCommand(nobody)) },

  { title: 'none', send: ({ s3 }) => s3.send(new api.GetBucketNotificationConfigurationCommand({ Bucket })) },
  {
    title: 'a queue that is not there',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: { QueueConfigurations: [queue as api.QueueConfiguration] },
        }),
      ),
  },
  {
    title: 'of every kind, and EventBridge, unseen',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketNotificationConfigurationCommand({
          Bucket,
          SkipDestinationValidation: true,
          NotificationConfiguration: {
            QueueConfigurations: [{ ...(queue as api.QueueConfiguration), Filter: rules('prefix', 'reports/') }],
            TopicConfigurations: [
              {
                Id: 'topic',
                TopicArn: 'arn:aws:sns:us-east-1:123456789012:removals',
                Events: ['s3:ObjectRemoved:*'],
                Filter: rules('suffix', '.eml'),
              },
            ],
            LambdaFunctionConfigurations: [
              {
                Id: 'function',
                LambdaFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:other',
                Events: ['s3:ObjectCreated:Put'],
              },
            ],
            EventBridgeConfiguration: {},
          },
        }),
      ),
  },
  {
    title: 'an event that is none',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketNotificationConfigurationCommand({
          Bucket,
          SkipDestinationValidation: true,
          NotificationConfiguration: {
            QueueConfigurations: [{ ...queue, Events: ['s3:Nothing'] } as unknown as api.QueueConfiguration],
          },
        }),
      ),
  },
  {
    title: 'no bucket',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketNotificationConfigurationCommand({
          ...nobody,
          NotificationConfiguration: { EventBridgeConfiguration: {} },
        }),
      ),
  },
  {
    title: 'of every kind, and EventBridge',
    send: ({ s3 }) => s3.send(new api.GetBucketNotificationConfigurationCommand({ Bucket })),
  },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.GetBucketNotificationConfigurationCommand(nobody)) },

  { title: 'never set', send: ({ s3 }) => s3.send(new api.GetBucketVersioningCommand({ Bucket })) },
  {
    title: 'on',
    send: ({ s3 }) =>
      s3.send(new api.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
  },
  {
    title: 'no bucket',
    send: ({ s3 }) =>
      s3.send(new api.PutBucketVersioningCommand({ ...nobody, VersioningConfiguration: { Status: 'Enabled' } })),
  },
  { title: 'on', send: ({ s3 }) => s3.send(new api.GetBucketVersioningCommand({ Bucket })) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.GetBucketVersioningCommand(nobody)) },
  { title: 'never set', send: ({ s3 }) => s3.send(new api.GetObjectLockConfigurationCommand({ Bucket })) },
  {
    title: 'with a default retention',
    send: ({ s3 }) =>
      s3.send(
        new api.PutObjectLockConfigurationCommand({
          Bucket,
          ObjectLockConfiguration: {
            ObjectLockEnabled: 'Enabled',
            Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
          },
        }),
      ),
  },
  { title: 'set', send: ({ s3 }) => s3.send(new api.GetObjectLockConfigurationCommand({ Bucket })) },
];
