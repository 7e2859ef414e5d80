/**
 * AWS-managed policies, verbatim as AWS publishes them; only those that concern the stack.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import { uniqueId } from '../access/callers.js';
import type { ManagedPolicy } from './state.js';

const documents: Record<string, object> = {
  AdministratorAccess: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  },
  AmazonS3FullAccess: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['s3:*', 's3-object-lambda:*'], Resource: '*' }],
  },
  AmazonS3ReadOnlyAccess: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'],
        Resource: '*',
      },
    ],
  },
};

/** The policies, for a partition. @param created when the account was made: AWS's own dates do not matter here */
export function awsManagedPolicies(partition: string, created: Date): ManagedPolicy[] {
  return Object.entries(documents).map(([name, document]) => ({
    name,
    id: uniqueId('ANPA'),
    arn: `arn:${partition}:iam::aws:policy/${name}`,
    created,
    versions: new Map([['v1', JSON.stringify(document)]]),
    defaultVersion: 'v1',
    tags: new Map(),
  }));
}
