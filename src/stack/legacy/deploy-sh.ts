/**
 * What deploy.sh, the script that this tool replaces, creates in an account: names, configuration and policies, as values.
 * The script: infra/ses-routing-lambda/deploy.sh of https://github.com/litentry/agentKeys
 */
import type { LambdaFunctionConfiguration } from '@aws-sdk/client-s3';
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import type { PolicyDocument, Statement } from '../../policy/document.js';
import type { StackContext } from '../scope.js';

/** The names of everything the script creates. */
export const oldRouter = {
  functionName: 'agentkeys-ses-router',
  roleName: 'agentkeys-ses-router-lambda-role',
  rolePolicyName: 'agentkeys-ses-router-lambda-role-inline',
  notificationId: 'agentkeys-ses-router-inbound',
  statementId: 'agentkeys-ses-router-s3-invoke',
  logGroupName: '/aws/lambda/agentkeys-ses-router',
  /** The prefix of its local parts. */
  prefix: 'or',
} as const;

export function oldFunctionArn({ account, partition, region }: StackContext['identity']): string {
  return `arn:${partition}:lambda:${region}:${account}:function:${oldRouter.functionName}`;
}

export function oldRoleArn({ account, partition }: StackContext['identity']): string {
  return `arn:${partition}:iam::${account}:role/${oldRouter.roleName}`;
}

/** The function's settings, in the plan's terms; the script sets no environment, layers, network or dead-letter queue. */
export const oldConfiguration = {
  runtime: 'python3.13',
  handler: 'handler.handler',
  memory: '128 MiB',
  timeout: '10 s',
  architecture: 'x86_64',
} as const;

/** The concurrency it reserves. In an account without enough unreserved concurrency the script stops, and operators continue without it. */
export const oldReservedConcurrency = 10;

/** The role's inline policy. */
export function oldRolePolicy({ bucketArn }: StackContext['names']): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/${INBOUND_PREFIX}*` },
      { Effect: 'Allow', Action: 's3:PutObject', Resource: `${bucketArn}/${WALLETS_PREFIX}*/${INBOUND_PREFIX}*` },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  };
}

/** The statement in the function's policy that lets S3 invoke it, as AddPermission makes it. */
export function oldStatement({ names, identity }: StackContext): Statement {
  return {
    Sid: oldRouter.statementId,
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: oldFunctionArn(identity),
    Condition: {
      StringEquals: { 'AWS:SourceAccount': identity.account },
      ArnLike: { 'AWS:SourceArn': names.bucketArn },
    },
  };
}

/** The notification that invokes the function for new mail. S3 returns the filter's name as `Prefix`, in whatever case it was put. */
export function oldNotification(identity: StackContext['identity']): LambdaFunctionConfiguration {
  return {
    Id: oldRouter.notificationId,
    LambdaFunctionArn: oldFunctionArn(identity),
    Events: ['s3:ObjectCreated:*'],
    Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: INBOUND_PREFIX }] } },
  };
}
