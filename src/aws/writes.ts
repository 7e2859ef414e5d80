/**
 * Every call with which this tool can change an AWS account. Plans consist of these calls only, and only `send` makes them.
 */
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import type { Aws } from './clients.js';
import { FailedEntryError, nameOf } from './errors.js';

const writes = {
  'logs:CreateLogGroup': (aws: Aws, input: logs.CreateLogGroupCommandInput) =>
    aws.logs.send(new logs.CreateLogGroupCommand(input)),
  'logs:DeleteLogGroup': (aws: Aws, input: logs.DeleteLogGroupCommandInput) =>
    aws.logs.send(new logs.DeleteLogGroupCommand(input)),
  'logs:PutRetentionPolicy': (aws: Aws, input: logs.PutRetentionPolicyCommandInput) =>
    aws.logs.send(new logs.PutRetentionPolicyCommand(input)),
  'logs:TagResource': (aws: Aws, input: logs.TagResourceCommandInput) =>
    aws.logs.send(new logs.TagResourceCommand(input)),

  'iam:CreateRole': (aws: Aws, input: iam.CreateRoleCommandInput) => aws.iam.send(new iam.CreateRoleCommand(input)),
  'iam:DeleteRole': (aws: Aws, input: iam.DeleteRoleCommandInput) => aws.iam.send(new iam.DeleteRoleCommand(input)),
  'iam:UpdateAssumeRolePolicy': (aws: Aws, input: iam.UpdateAssumeRolePolicyCommandInput) =>
    aws.iam.send(new iam.UpdateAssumeRolePolicyCommand(input)),
  'iam:PutRolePermissionsBoundary': (aws: Aws, input: iam.PutRolePermissionsBoundaryCommandInput) =>
    aws.iam.send(new iam.PutRolePermissionsBoundaryCommand(input)),
  'iam:PutRolePolicy': (aws: Aws, input: iam.PutRolePolicyCommandInput) =>
    aws.iam.send(new iam.PutRolePolicyCommand(input)),
  'iam:DeleteRolePolicy': (aws: Aws, input: iam.DeleteRolePolicyCommandInput) =>
    aws.iam.send(new iam.DeleteRolePolicyCommand(input)),
  'iam:AttachRolePolicy': (aws: Aws, input: iam.AttachRolePolicyCommandInput) =>
    aws.iam.send(new iam.AttachRolePolicyCommand(input)),
  'iam:DetachRolePolicy': (aws: Aws, input: iam.DetachRolePolicyCommandInput) =>
    aws.iam.send(new iam.DetachRolePolicyCommand(input)),
  'iam:TagRole': (aws: Aws, input: iam.TagRoleCommandInput) => aws.iam.send(new iam.TagRoleCommand(input)),
  'iam:UntagRole': (aws: Aws, input: iam.UntagRoleCommandInput) => aws.iam.send(new iam.UntagRoleCommand(input)),
  'iam:CreatePolicy': (aws: Aws, input: iam.CreatePolicyCommandInput) =>
    aws.iam.send(new iam.CreatePolicyCommand(input)),
  'iam:DeletePolicy': (aws: Aws, input: iam.DeletePolicyCommandInput) =>
    aws.iam.send(new iam.DeletePolicyCommand(input)),

  'lambda:CreateFunction': (aws: Aws, input: lambda.CreateFunctionCommandInput) =>
    aws.lambda.send(new lambda.CreateFunctionCommand(input)),
  'lambda:UpdateFunctionCode': (aws: Aws, input: lambda.UpdateFunctionCodeCommandInput) =>
    aws.lambda.send(new lambda.UpdateFunctionCodeCommand(input)),
  'lambda:UpdateFunctionConfiguration': (aws: Aws, input: lambda.UpdateFunctionConfigurationCommandInput) =>
    aws.lambda.send(new lambda.UpdateFunctionConfigurationCommand(input)),
  'lambda:DeleteFunction': (aws: Aws, input: lambda.DeleteFunctionCommandInput) =>
    aws.lambda.send(new lambda.DeleteFunctionCommand(input)),
  'lambda:TagResource': (aws: Aws, input: lambda.TagResourceCommandInput) =>
    aws.lambda.send(new lambda.TagResourceCommand(input)),
  'lambda:UntagResource': (aws: Aws, input: lambda.UntagResourceCommandInput) =>
    aws.lambda.send(new lambda.UntagResourceCommand(input)),
  'lambda:UpdateFunctionEventInvokeConfig': (aws: Aws, input: lambda.UpdateFunctionEventInvokeConfigCommandInput) =>
    aws.lambda.send(new lambda.UpdateFunctionEventInvokeConfigCommand(input)),
  'lambda:PutFunctionEventInvokeConfig': (aws: Aws, input: lambda.PutFunctionEventInvokeConfigCommandInput) =>
    aws.lambda.send(new lambda.PutFunctionEventInvokeConfigCommand(input)),
  'lambda:CreateEventSourceMapping': (aws: Aws, input: lambda.CreateEventSourceMappingCommandInput) =>
    aws.lambda.send(new lambda.CreateEventSourceMappingCommand(input)),
  'lambda:UpdateEventSourceMapping': (aws: Aws, input: lambda.UpdateEventSourceMappingCommandInput) =>
    aws.lambda.send(new lambda.UpdateEventSourceMappingCommand(input)),
  'lambda:DeleteEventSourceMapping': (aws: Aws, input: lambda.DeleteEventSourceMappingCommandInput) =>
    aws.lambda.send(new lambda.DeleteEventSourceMappingCommand(input)),
  'lambda:PutFunctionConcurrency': (aws: Aws, input: lambda.PutFunctionConcurrencyCommandInput) =>
    aws.lambda.send(new lambda.PutFunctionConcurrencyCommand(input)),
  'lambda:Invoke': (aws: Aws, input: lambda.InvokeCommandInput) => wake(aws, input),
  'lambda:AddPermission': (aws: Aws, input: lambda.AddPermissionCommandInput) =>
    aws.lambda.send(new lambda.AddPermissionCommand(input)),
  'lambda:RemovePermission': (aws: Aws, input: lambda.RemovePermissionCommandInput) =>
    aws.lambda.send(new lambda.RemovePermissionCommand(input)),

  'events:PutRule': (aws: Aws, input: events.PutRuleCommandInput) => aws.events.send(new events.PutRuleCommand(input)),
  'events:DeleteRule': (aws: Aws, input: events.DeleteRuleCommandInput) =>
    aws.events.send(new events.DeleteRuleCommand(input)),
  'events:PutTargets': async (aws: Aws, input: events.PutTargetsCommandInput) =>
    assertNoFailedEntries('PutTargets', await aws.events.send(new events.PutTargetsCommand(input))),
  'events:RemoveTargets': async (aws: Aws, input: events.RemoveTargetsCommandInput) =>
    assertNoFailedEntries('RemoveTargets', await aws.events.send(new events.RemoveTargetsCommand(input))),
  'events:TagResource': (aws: Aws, input: events.TagResourceCommandInput) =>
    aws.events.send(new events.TagResourceCommand(input)),

  'sqs:CreateQueue': (aws: Aws, input: sqs.CreateQueueCommandInput) =>
    aws.client(sqs.SQSClient).send(new sqs.CreateQueueCommand(input)),
  'sqs:SetQueueAttributes': (aws: Aws, input: sqs.SetQueueAttributesCommandInput) =>
    aws.client(sqs.SQSClient).send(new sqs.SetQueueAttributesCommand(input)),
  'sqs:TagQueue': (aws: Aws, input: sqs.TagQueueCommandInput) =>
    aws.client(sqs.SQSClient).send(new sqs.TagQueueCommand(input)),
  'sqs:DeleteQueue': (aws: Aws, input: sqs.DeleteQueueCommandInput) =>
    aws.client(sqs.SQSClient).send(new sqs.DeleteQueueCommand(input)),

  'cloudwatch:PutMetricAlarm': (aws: Aws, input: cloudwatch.PutMetricAlarmCommandInput) =>
    aws.client(cloudwatch.CloudWatchClient).send(new cloudwatch.PutMetricAlarmCommand(input)),
  'cloudwatch:DeleteAlarms': (aws: Aws, input: cloudwatch.DeleteAlarmsCommandInput) =>
    aws.client(cloudwatch.CloudWatchClient).send(new cloudwatch.DeleteAlarmsCommand(input)),
  'cloudwatch:TagResource': (aws: Aws, input: cloudwatch.TagResourceCommandInput) =>
    aws.client(cloudwatch.CloudWatchClient).send(new cloudwatch.TagResourceCommand(input)),

  's3:PutBucketNotificationConfiguration': (aws: Aws, input: s3.PutBucketNotificationConfigurationCommandInput) =>
    aws.s3.send(new s3.PutBucketNotificationConfigurationCommand(input)),
};

/**
 * Invokes an idle function, which makes it active. The invocation itself fails:
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
async function wake(aws: Aws, input: lambda.InvokeCommandInput): Promise<object> {
  try {
    return await aws.lambda.send(new lambda.InvokeCommand(input));
  } catch (error) {
    if (nameOf(error) === 'ResourceNotReadyException' || nameOf(error) === 'ResourceConflictException') return {};
    throw error;
  }
}

/** The name of a call, `<service>:<operation>`. */
export type WriteName = keyof typeof writes;

/** One call to be made, as plain data: its name and AWS's own input. */
export type Write = { [Name in WriteName]: { call: Name; input: Parameters<(typeof writes)[Name]>[1] } }[WriteName];

/** PutTargets and RemoveTargets answer 200 with a FailedEntryCount. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
function assertNoFailedEntries<
  Answer extends { FailedEntryCount?: number; FailedEntries?: Array<{ ErrorCode?: string; ErrorMessage?: string }> },
>(operation: string, answer: Answer): Answer {
  const failed = answer.FailedEntries?.[0] ?? (answer.FailedEntryCount ? {} : undefined);
  if (failed !== undefined) throw new FailedEntryError(operation, failed.ErrorCode, failed.ErrorMessage);
  return answer;
}

/**
 * Makes one call.
 *
 * @throws the SDK's error unchanged, or {@link FailedEntryError}.
 */
export function send(aws: Aws, write: Write): Promise<object> {
  // The table's entry and the write's input belong together by the type of Write; TypeScript can't follow that through the lookup.
  const perform = writes[write.call] as (aws: Aws, input: Write['input']) => Promise<object>;
  return perform(aws, write.input);
}
