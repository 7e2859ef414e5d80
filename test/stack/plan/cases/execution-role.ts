import type { PolicyDocument } from '../../../../src/policy/document.js';
import {
  account,
  bucketArn,
  executionPolicy,
  functionName,
  type PlanCase,
  queueArn,
  roleName,
  trustOf,
} from '../support.js';

const line = `~ execution role  ${roleName}`;
/** The policy with one statement for the whole bucket. */
export const widePolicy: PolicyDocument = {
  ...executionPolicy,
  Statement: [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/*` },
    ...executionPolicy.Statement.slice(1),
  ],
};
/** The lines of the whole inline policy. */
const policyLines = [
  `    + policy ${roleName}-inline: Allow s3:GetObject on`,
  `      ${bucketArn}/inbound/*`,
  `    + policy ${roleName}-inline: Allow s3:ListBucket on`,
  `      ${bucketArn} when s3:prefix StringLike`,
  '      inbound/*',
  `    + policy ${roleName}-inline: Allow s3:PutObject on`,
  `      ${bucketArn}/bots/*/inbound/*`,
  `    + policy ${roleName}-inline: Allow logs:CreateLogStream,`,
  '      logs:PutLogEvents on',
  `      arn:aws:logs:us-east-1:${account}:log-group:/aws/lambda/${functionName}:*`,
  `    + policy ${roleName}-inline: Allow sqs:SendMessage,`,
  '      sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes on',
  `      ${queueArn}`,
];

export const executionRoleCases: PlanCase[] = [
  {
    name: 'another trust policy',
    observed: ({ executionRole }) => ({ executionRole: { ...executionRole, trust: trustOf('ec2.amazonaws.com') } }),
    lines: [
      line,
      '    - trust policy: Allow sts:AssumeRole for ec2.amazonaws.com',
      '    + trust policy: Allow sts:AssumeRole for lambda.amazonaws.com',
    ],
    writes: ['iam:UpdateAssumeRolePolicy'],
  },
  {
    name: 'one statement of its policy is another',
    observed: ({ executionRole }) => ({ executionRole: { ...executionRole, policy: widePolicy } }),
    lines: [
      line,
      `    - policy ${roleName}-inline: Allow s3:GetObject on`,
      `      ${bucketArn}/*`,
      `    + policy ${roleName}-inline: Allow s3:GetObject on`,
      `      ${bucketArn}/inbound/*`,
    ],
    writes: ['iam:PutRolePolicy'],
  },
  {
    name: 'without its policy',
    observed: ({ executionRole: { policy, ...role } }) => ({ executionRole: role }),
    lines: [line, ...policyLines],
    writes: ['iam:PutRolePolicy'],
  },
  {
    name: 'a permissions boundary requested',
    settings: { permissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    lines: [line, '    + permissions boundary: arn:aws:iam::aws:policy/AdministratorAccess'],
    writes: ['iam:PutRolePermissionsBoundary'],
  },
  {
    name: 'a permissions boundary that was not requested: left alone',
    observed: ({ executionRole }) => ({ executionRole: { ...executionRole, boundary: 'arn:aws:iam::aws:policy/X' } }),
    lines: [],
    writes: [],
  },
  {
    name: 'not managed: adopted',
    observed: ({ executionRole }) => ({ executionRole: { ...executionRole, tags: {} } }),
    lines: [`> execution role  ${roleName}`, '    + tag managed-by: agentkeys-ses-routing'],
    writes: ['iam:TagRole'],
  },
  {
    name: 'missing: the function is bound to the new role by way of the interim role',
    observed: () => ({ executionRole: undefined }),
    lines: [
      `+ execution role  ${roleName}`,
      '    + trust policy: Allow sts:AssumeRole for lambda.amazonaws.com',
      ...policyLines,
      `~ function        ${functionName}`,
      '    ~ tag agentkeys-ses-routing:role-id: AROAEXECUTIONROLE -> (known after',
      '      apply)',
    ],
    writes: [
      'iam:CreateRole',
      'iam:PutRolePolicy',
      'iam:CreateRole',
      'lambda:UpdateFunctionConfiguration',
      'lambda:UpdateFunctionConfiguration',
      'iam:DeleteRole',
      'lambda:TagResource',
    ],
  },
];
