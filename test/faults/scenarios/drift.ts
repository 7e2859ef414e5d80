import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import type { Operator } from '../../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const RoleName = 'agentkeys-ses-routing-role';
const Rule = 'agentkeys-ses-routing-inbound';

/** Changes each resource of the stack, and adds resources of other owners. */
export async function drift({ aws, bucket, sandbox }: Operator): Promise<void> {
  const [statement] = sandbox.state.lambda.functions.get(FunctionName)?.policy ?? [];
  await aws.lambda.send(new lambda.RemovePermissionCommand({ FunctionName, StatementId: String(statement?.Sid) }));
  await aws.lambda.send(
    new lambda.AddPermissionCommand({
      FunctionName,
      StatementId: 'agentkeys-ses-routing-events-000000000000',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:aws:events:us-east-1:111122223333:rule/another',
    }),
  );
  await aws.lambda.send(
    new lambda.AddPermissionCommand({
      FunctionName,
      StatementId: 'theirs',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
    }),
  );
  await aws.lambda.send(
    new lambda.UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 7, Environment: { Variables: { A: 'b' } } }),
  );

  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await aws.iam.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline` }));
  await aws.iam.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: JSON.stringify(trust) }));
  await aws.iam.send(
    new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
  );

  const theirs = { Id: 'theirs', Arn: 'arn:aws:sqs:us-east-1:111122223333:theirs' };
  const { Targets = [] } = await aws.events.send(new events.ListTargetsByRuleCommand({ Rule }));
  await aws.events.send(new events.RemoveTargetsCommand({ Rule, Ids: Targets.map(({ Id }) => String(Id)) }));
  await aws.events.send(new events.PutTargetsCommand({ Rule, Targets: [theirs] }));
  await aws.events.send(
    new events.PutRuleCommand({ Name: Rule, State: 'DISABLED', EventPattern: JSON.stringify({ source: ['aws.s3'] }) }),
  );

  await aws.s3.send(
    new s3.PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: {
        TopicConfigurations: [
          { Id: 'theirs', TopicArn: 'arn:aws:sns:us-east-1:111122223333:theirs', Events: ['s3:ObjectRemoved:*'] },
        ],
      },
    }),
  );
}
