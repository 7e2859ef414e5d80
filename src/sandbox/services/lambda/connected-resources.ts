/**
 * Lambda: what a function can be connected to. The embedded AWS keeps these settings and checks the execution role's permissions as
 * Lambda does, but has no networks, layers, dead-letter queues, file systems and traces behind them.
 */
import { decide } from '../../access/authorize.js';
import { roleCaller } from '../../access/callers.js';
import type { AccountState, ConnectedResources, FunctionState, Role } from '../../account/state.js';
import { invalidParameter } from './common.js';

/** As CreateFunction and UpdateFunctionConfiguration take them. */
export interface ConnectedResourcesInput {
  VpcConfig?: { SubnetIds?: string[]; SecurityGroupIds?: string[] };
  Layers?: string[];
  DeadLetterConfig?: { TargetArn?: string };
  FileSystemConfigs?: Array<{ Arn: string; LocalMountPath: string }>;
  TracingConfig?: { Mode?: string };
  KMSKeyArn?: string;
}

export const connectedMembers = [
  'VpcConfig',
  'Layers',
  'DeadLetterConfig',
  'FileSystemConfigs',
  'TracingConfig',
  'KMSKeyArn',
];

/** The settings after a request: an empty value removes one. */
export function connectedAfter(
  { connected }: Pick<FunctionState, 'connected'>,
  input: ConnectedResourcesInput,
): ConnectedResources {
  const { VpcConfig, Layers, DeadLetterConfig, FileSystemConfigs, TracingConfig, KMSKeyArn } = input;
  const after: ConnectedResources = {
    ...connected,
    ...(VpcConfig && { vpc: { subnets: VpcConfig.SubnetIds ?? [], groups: VpcConfig.SecurityGroupIds ?? [] } }),
    ...(Layers && { layers: Layers }),
    ...(DeadLetterConfig && { deadLetterArn: DeadLetterConfig.TargetArn ?? '' }),
    ...(FileSystemConfigs && { fileSystems: FileSystemConfigs }),
    ...(TracingConfig && { tracing: TracingConfig.Mode ?? 'PassThrough' }),
    ...(KMSKeyArn !== undefined && { kmsKey: KMSKeyArn }),
  };
  if (after.vpc?.subnets.length === 0) delete after.vpc;
  if (after.layers?.length === 0) delete after.layers;
  if (after.deadLetterArn === '') delete after.deadLetterArn;
  if (after.fileSystems?.length === 0) delete after.fileSystems;
  if (after.kmsKey === '') delete after.kmsKey;
  return after;
}

/**
 * Lambda accepts a role only if it may use what the function is connected to.
 *
 * @throws {AwsRefusal} InvalidParameterValueException
 */
export function checkRolePermissions(
  state: AccountState,
  role: Role,
  { vpc, deadLetterArn }: ConnectedResources,
): void {
  const caller = roleCaller(state, role);
  const check = (action: string, resource: string, what: string) => {
    if (decide(state, caller, { action, resource }).allowed) return;
    throw invalidParameter(`The provided execution role does not have permissions to call ${what}`);
  };
  if (vpc !== undefined) check('ec2:CreateNetworkInterface', '*', 'CreateNetworkInterface on EC2');
  if (deadLetterArn?.includes(':sqs:')) check('sqs:SendMessage', deadLetterArn, 'SendMessage on SQS');
  if (deadLetterArn?.includes(':sns:')) check('sns:Publish', deadLetterArn, 'Publish on SNS');
}

/** As GetFunction returns them. */
export function describeConnected({ vpc, layers, deadLetterArn, fileSystems, tracing, kmsKey }: ConnectedResources) {
  return {
    VpcConfig: vpc && { SubnetIds: vpc.subnets, SecurityGroupIds: vpc.groups, VpcId: 'vpc-0a1b2c3d4e5f60718' },
    Layers: layers?.map((Arn) => ({ Arn, CodeSize: 1 })),
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { TargetArn: deadLetterArn },
    FileSystemConfigs: fileSystems,
    TracingConfig: { Mode: tracing ?? 'PassThrough' },
    KMSKeyArn: kmsKey,
  };
}
