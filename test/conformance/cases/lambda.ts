/**
 * Lambda: functions, their policies and settings. Invocations only as far as they are refused: moto runs functions in Docker.
 */
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import * as api from '@aws-sdk/client-lambda';
import { zip } from '../../../src/package/zip.js';
import type { Case } from '../account.js';
import { trust } from './documents.js';

const FunctionName = 'conformance';
const plain = { FunctionName: 'plain' };
const nobody = { FunctionName: 'not-there' };
const arnOf = (name: string) => ({ Resource: `arn:aws:lambda:us-east-1:123456789012:function:${name}` });
const Role = 'arn:aws:iam::123456789012:role/of-the-function';
const code = (text: string) => zip({ 'index.js': Buffer.from(`exports.handler = async () => ${text};`) });
const expected = { Runtime: 'nodejs22.x', Handler: 'index.handler', Role } as const;
const permission = {
  StatementId: 'events',
  Action: 'lambda:InvokeFunction',
  Principal: 'events.amazonaws.com',
  SourceArn: 'arn:aws:events:us-east-1:123456789012:rule/conformance',
};

const functions: Case[] = [
  {
    title: 'of a function',
    send: ({ iam }) =>
      iam.send(
        new CreateRoleCommand({
          RoleName: 'of-the-function',
          AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
        }),
      ),
  },
  { title: 'none', send: ({ lambda }) => lambda.send(new api.ListFunctionsCommand({})) },
  {
    title: 'with everything',
    send: async ({ lambda }) =>
      lambda.send(
        new api.CreateFunctionCommand({
          FunctionName,
          ...expected,
          Code: { ZipFile: await code('1') },
          Description: 'a function',
          Architectures: ['arm64'],
          MemorySize: 256,
          Timeout: 30,
          Environment: { Variables: { BUCKET: 'mail' } },
          Tags: { team: 'mail' },
        }),
      ),
  },
  { title: 'one', send: ({ lambda }) => lambda.send(new api.ListVersionsByFunctionCommand({ FunctionName })) },
  {
    title: 'with as little as can be',
    send: async ({ lambda }) =>
      lambda.send(new api.CreateFunctionCommand({ ...plain, ...expected, Code: { ZipFile: await code('2') } })),
  },
  {
    title: 'there already',
    send: async ({ lambda }) =>
      lambda.send(new api.CreateFunctionCommand({ FunctionName, ...expected, Code: { ZipFile: await code('1') } })),
  },
  {
    title: 'a role that is not there',
    send: async ({ lambda }) =>
      lambda.send(
        new api.CreateFunctionCommand({
          FunctionName: 'no-role',
          ...expected,
          Role: 'arn:aws:iam::123456789012:role/not-there',
          Code: { ZipFile: await code('1') },
        }),
      ),
  },
  {
    title: 'code that is no zip',
    send: ({ lambda }) =>
      lambda.send(
        new api.CreateFunctionCommand({
          FunctionName: 'no-zip',
          ...expected,
          Code: { ZipFile: Buffer.from('no zip') },
        }),
      ),
  },
  {
    title: 'a timeout Lambda does not have',
    send: async ({ lambda }) =>
      lambda.send(
        new api.CreateFunctionCommand({
          FunctionName: 'long',
          ...expected,
          Timeout: 901,
          Code: { ZipFile: await code('1') },
        }),
      ),
  },
  { title: 'with everything', send: ({ lambda }) => lambda.send(new api.GetFunctionCommand({ FunctionName })) },
  {
    title: 'by its ARN',
    send: ({ lambda }) => lambda.send(new api.GetFunctionCommand({ FunctionName: arnOf(FunctionName).Resource })),
  },
  { title: 'with nothing', send: ({ lambda }) => lambda.send(new api.GetFunctionCommand(plain)) },
  { title: 'not there', send: ({ lambda }) => lambda.send(new api.GetFunctionCommand(nobody)) },
  { title: 'there', send: ({ lambda }) => lambda.send(new api.GetFunctionConfigurationCommand({ FunctionName })) },
  { title: 'not there', send: ({ lambda }) => lambda.send(new api.GetFunctionConfigurationCommand(nobody)) },
  {
    title: 'everything',
    send: ({ lambda }) =>
      lambda.send(
        new api.UpdateFunctionConfigurationCommand({
          FunctionName,
          Role,
          Runtime: 'nodejs24.x',
          Handler: 'other.handler',
          Description: 'another',
          MemorySize: 512,
          Timeout: 10,
          Environment: { Variables: { OTHER: 'x' } },
        }),
      ),
  },
  {
    title: 'an empty environment',
    send: ({ lambda }) =>
      lambda.send(new api.UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: {} } })),
  },
  {
    title: 'a stale revision',
    send: ({ lambda }) =>
      lambda.send(
        new api.UpdateFunctionConfigurationCommand({
          ...plain,
          Timeout: 4,
          RevisionId: '00000000-0000-4000-8000-000000000000',
        }),
      ),
  },
  { title: 'not there', send: ({ lambda }) => lambda.send(new api.UpdateFunctionConfigurationCommand(nobody)) },
  { title: 'after the updates', send: ({ lambda }) => lambda.send(new api.GetFunctionCommand({ FunctionName })) },
  {
    title: 'another architecture',
    send: async ({ lambda }) =>
      lambda.send(
        new api.UpdateFunctionCodeCommand({ FunctionName, ZipFile: await code('3'), Architectures: ['x86_64'] }),
      ),
  },
  {
    title: 'a stale revision',
    send: async ({ lambda }) =>
      lambda.send(
        new api.UpdateFunctionCodeCommand({
          ...plain,
          ZipFile: await code('4'),
          RevisionId: '00000000-0000-4000-8000-000000000000',
        }),
      ),
  },
  {
    title: 'not there',
    send: async ({ lambda }) => lambda.send(new api.UpdateFunctionCodeCommand({ ...nobody, ZipFile: await code('3') })),
  },
];

const permissions: Case[] = [
  { title: 'none', send: ({ lambda }) => lambda.send(new api.GetPolicyCommand({ FunctionName })) },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.GetPolicyCommand(nobody)) },
  {
    title: 'for a rule',
    send: ({ lambda }) => lambda.send(new api.AddPermissionCommand({ FunctionName, ...permission })),
  },
  {
    title: 'for a bucket, with its account',
    send: ({ lambda }) =>
      lambda.send(
        new api.AddPermissionCommand({
          FunctionName,
          StatementId: 's3',
          Action: 'lambda:InvokeFunction',
          Principal: 's3.amazonaws.com',
          SourceArn: 'arn:aws:s3:::mail',
          SourceAccount: '123456789012',
        }),
      ),
  },
  {
    title: 'no function',
    send: ({ lambda }) => lambda.send(new api.AddPermissionCommand({ ...nobody, ...permission })),
  },
  { title: 'two', send: ({ lambda }) => lambda.send(new api.GetPolicyCommand({ FunctionName })) },
  {
    title: 'there',
    send: ({ lambda }) => lambda.send(new api.RemovePermissionCommand({ FunctionName, StatementId: 's3' })),
  },
  {
    title: 'not there',
    send: ({ lambda }) => lambda.send(new api.RemovePermissionCommand({ FunctionName, StatementId: 's3' })),
  },
  {
    title: 'no function',
    send: ({ lambda }) => lambda.send(new api.RemovePermissionCommand({ ...nobody, StatementId: 's3' })),
  },
  { title: 'one', send: ({ lambda }) => lambda.send(new api.GetPolicyCommand({ FunctionName })) },
  {
    title: 'a statement id that is there',
    send: ({ lambda }) => lambda.send(new api.AddPermissionCommand({ FunctionName, ...permission })),
  },
  {
    title: 'a principal that is none',
    send: ({ lambda }) =>
      lambda.send(
        new api.AddPermissionCommand({ FunctionName, ...permission, StatementId: 'bad', Principal: 'nobody' }),
      ),
  },
];

const settings: Case[] = [
  { title: 'none', send: ({ lambda }) => lambda.send(new api.GetFunctionEventInvokeConfigCommand({ FunctionName })) },
  {
    title: 'retries and age',
    send: ({ lambda }) =>
      lambda.send(
        new api.PutFunctionEventInvokeConfigCommand({
          FunctionName,
          MaximumRetryAttempts: 0,
          MaximumEventAgeInSeconds: 60,
        }),
      ),
  },
  {
    title: 'no function',
    send: ({ lambda }) =>
      lambda.send(new api.PutFunctionEventInvokeConfigCommand({ ...nobody, MaximumRetryAttempts: 0 })),
  },
  { title: 'there', send: ({ lambda }) => lambda.send(new api.GetFunctionEventInvokeConfigCommand({ FunctionName })) },
  {
    title: 'one of two',
    send: ({ lambda }) =>
      lambda.send(new api.UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 2 })),
  },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.GetFunctionEventInvokeConfigCommand(nobody)) },
  {
    title: 'there',
    send: ({ lambda }) => lambda.send(new api.DeleteFunctionEventInvokeConfigCommand({ FunctionName })),
  },
  {
    title: 'not there',
    send: ({ lambda }) => lambda.send(new api.DeleteFunctionEventInvokeConfigCommand({ FunctionName })),
  },
  {
    title: 'none yet',
    send: ({ lambda }) =>
      lambda.send(new api.UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 })),
  },
  { title: 'none', send: ({ lambda }) => lambda.send(new api.GetFunctionConcurrencyCommand({ FunctionName })) },
  {
    title: 'ten',
    send: ({ lambda }) =>
      lambda.send(new api.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 10 })),
  },
  {
    title: 'more than the account has',
    send: ({ lambda }) =>
      lambda.send(new api.PutFunctionConcurrencyCommand({ ...plain, ReservedConcurrentExecutions: 991 })),
  },
  {
    title: 'no function',
    send: ({ lambda }) =>
      lambda.send(new api.PutFunctionConcurrencyCommand({ ...nobody, ReservedConcurrentExecutions: 10 })),
  },
  { title: 'ten', send: ({ lambda }) => lambda.send(new api.GetFunctionConcurrencyCommand({ FunctionName })) },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.GetFunctionConcurrencyCommand(nobody)) },
  {
    title: 'with a reserved concurrency',
    send: ({ lambda }) => lambda.send(new api.GetFunctionCommand({ FunctionName })),
  },
  { title: 'there', send: ({ lambda }) => lambda.send(new api.DeleteFunctionConcurrencyCommand({ FunctionName })) },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.DeleteFunctionConcurrencyCommand(nobody)) },
  { title: 'of two functions', send: ({ lambda }) => lambda.send(new api.GetAccountSettingsCommand({})) },
  {
    title: 'one new, one changed',
    send: ({ lambda }) =>
      lambda.send(new api.TagResourceCommand({ ...arnOf(FunctionName), Tags: { team: 'other', more: '' } })),
  },
  {
    title: 'no function',
    send: ({ lambda }) => lambda.send(new api.TagResourceCommand({ ...arnOf('not-there'), Tags: { a: 'b' } })),
  },
  {
    title: 'one there, one not',
    send: ({ lambda }) =>
      lambda.send(new api.UntagResourceCommand({ ...arnOf(FunctionName), TagKeys: ['more', 'unknown'] })),
  },
  {
    title: 'no function',
    send: ({ lambda }) => lambda.send(new api.UntagResourceCommand({ ...arnOf('not-there'), TagKeys: ['a'] })),
  },
  { title: 'one', send: ({ lambda }) => lambda.send(new api.ListTagsCommand(arnOf(FunctionName))) },
  { title: 'none', send: ({ lambda }) => lambda.send(new api.ListTagsCommand(arnOf('plain'))) },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.ListTagsCommand(arnOf('not-there'))) },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.InvokeCommand(nobody)) },
  {
    title: 'a dry run',
    send: ({ lambda }) => lambda.send(new api.InvokeCommand({ FunctionName, InvocationType: 'DryRun' })),
  },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.ListVersionsByFunctionCommand(nobody)) },
  { title: 'none', send: ({ lambda }) => lambda.send(new api.GetFunctionCodeSigningConfigCommand({ FunctionName })) },
  { title: 'no function', send: ({ lambda }) => lambda.send(new api.GetFunctionCodeSigningConfigCommand(nobody)) },
  { title: 'there', send: ({ lambda }) => lambda.send(new api.DeleteFunctionCommand({ FunctionName })) },
  { title: 'not there', send: ({ lambda }) => lambda.send(new api.DeleteFunctionCommand({ FunctionName })) },
];

export const lambdaCases: Case[] = [...functions, ...permissions, ...settings];
