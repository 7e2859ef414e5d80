/**
 * What the tests of `verify`'s second judge share.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { leaves } from '../../../src/commands/verify/check.js';
import type { Deployed, Verified } from './operator.js';

export const judgement = "AWS Access Analyzer's judgement";
export const broker = 'agentkeys-broker-host';
export const dataRole = 'agentkeys-data-role';
export const bucketArn = 'arn:aws:s3:::agentkeys-mail-111122223333';
export const documentOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

export async function addToBucketPolicy({ aws, bucket }: Deployed, ...more: object[]): Promise<void> {
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement } = JSON.parse(Policy);
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: documentOf(...Statement, ...more) }));
}

export function addToBroker({ aws }: Deployed, statement: object) {
  const input = { RoleName: broker, PolicyName: 'more', PolicyDocument: documentOf(statement) };
  return aws.iam.send(new PutRolePolicyCommand(input));
}

/** Its check of a policy. */
export function checkOf({ checks }: Verified, name: string) {
  const found = checks.filter((check) => check.name === judgement).flatMap(leaves);
  return found.find((check) => check.name === name);
}
