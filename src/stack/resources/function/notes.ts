/**
 * What others configured on the function. This tool leaves it alone, and reports it where it decides whether mail is routed. Pure.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Write } from '../../../aws/writes.js';
import { attention, type Entry } from '../../../reconcile/plan.js';
import type { Names } from '../../scope.js';
import type { ExecutionRoleState } from '../execution-role.js';
import { isIdle } from './health.js';
import type { ExistingFunction } from './state.js';

const kind = 'function';

/** Each describes one setting; no text where it is not set. */
const settings: Array<(configuration: FunctionConfiguration) => string | false | undefined> = [
  ({ VpcConfig }) =>
    VpcConfig?.VpcId &&
    `runs in the VPC ${VpcConfig.VpcId}, which this tool did not configure: without a route to S3 (a gateway endpoint, or NAT) it routes no mail`,
  ({ Layers = [] }) =>
    Layers.length > 0 &&
    `has layers that this tool did not add, whose code runs with the function's permissions: ${Layers.map(({ Arn }) => Arn).join(', ')}`,
  ({ FileSystemConfigs = [] }) =>
    FileSystemConfigs.length > 0 &&
    `mounts file systems that this tool did not configure, and doesn't start while they are unavailable: ${FileSystemConfigs.map(({ Arn }) => Arn).join(', ')}`,
  ({ DeadLetterConfig }) =>
    DeadLetterConfig?.TargetArn &&
    `sends events that it fails to process to ${DeadLetterConfig.TargetArn}, which this tool did not configure; backfill routes their mail`,
  ({ TracingConfig }) =>
    TracingConfig?.Mode === 'Active' &&
    'has active tracing, which this tool did not configure: its role may not write traces unless another policy allows xray:PutTraceSegments',
  ({ KMSKeyArn }) =>
    KMSKeyArn &&
    `has its environment encrypted with ${KMSKeyArn}: without kms:Decrypt on this key it doesn't start, and an operator needs it too`,
  ({ SigningProfileVersionArn }) =>
    SigningProfileVersionArn &&
    `has signed code (${SigningProfileVersionArn}): if its code signing configuration enforces signatures, Lambda rejects this tool's code`,
  (configuration) => isIdle(configuration) && 'is idle (state Inactive): the next event makes it active again',
];

/** An entry for each of these settings. */
export function notesOnSettings(name: string, configuration: FunctionConfiguration): Entry[] {
  return settings.flatMap((describe) => {
    const note = describe(configuration);
    return note ? [attention(kind, name, note)] : [];
  });
}

/**
 * Lambda accepts a role for a function in a VPC, or with a dead-letter queue, only if the role may use them:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions,
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
 *
 * @returns what the role must allow; empty for a function with neither.
 */
function permissionsForRole({ VpcConfig, DeadLetterConfig }: FunctionConfiguration): string[] {
  const target = DeadLetterConfig?.TargetArn;
  return [
    ...(VpcConfig?.VpcId
      ? ['ec2:CreateNetworkInterface, ec2:DescribeNetworkInterfaces, ec2:DeleteNetworkInterface']
      : []),
    ...(target ? [`${target.includes(':sns:') ? 'sns:Publish' : 'sqs:SendMessage'} on ${target}`] : []),
  ];
}

/** An entry if Lambda will reject the role that the plan sets, since the role lacks what the function's settings need. */
export function refusedRole(
  { configuration }: ExistingFunction,
  writes: Write[],
  executionRole: ExecutionRoleState | undefined,
  names: Names,
): Entry[] {
  const roles = writes.flatMap((write) =>
    write.call === 'lambda:UpdateFunctionConfiguration' ? [write.input.Role] : [],
  );
  const needs = permissionsForRole(configuration).join('; ');
  // Lambda checks a role when it is set, not when it stays.
  if (needs === '' || !roles.some((role) => role !== undefined && role !== configuration.Role)) return [];
  const interim = roles.includes(names.interimRoleArn);
  const others = [...(executionRole?.otherInline ?? []), ...(executionRole?.attached ?? [])];
  if (!interim && others.length > 0)
    return [
      attention(
        kind,
        names.functionName,
        `Lambda accepts the role ${names.roleName} only if it allows ${needs}; this tool's policy does not, so one of its other policies must`,
      ),
    ];
  const role = interim
    ? 'a role without permissions, which the recreated role requires for a moment,'
    : `the role ${names.roleName}`;
  const note = `Lambda would reject ${role} for this function: it must allow ${needs}. Remove the function's VPC and dead-letter queue, deploy, then add them again with a policy of your own on the role`;
  return [{ ...attention(kind, names.functionName, note), blocks: true }];
}
