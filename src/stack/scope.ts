/**
 * What every resource of the stack receives: the clients, the settings, and the names and ARNs derived from them.
 */
import { createHash } from 'node:crypto';
import { mailBucketName, managedBy, STACK_TAG, stackNames } from '../agentkeys/names.js';
import type { Aws } from '../aws/clients.js';
import type { Clock } from '../aws/waits.js';
import type { FunctionPackage } from '../package/function-package.js';
import type { Header } from '../reconcile/plan.js';
import type { Settings } from '../settings/index.js';

/** The caller, and where the stack is. */
export interface Identity {
  account: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
  /** The caller's ARN. */
  caller: string;
}

/** Names and ARNs, all known before anything exists. The ARN of a role that exists may have a path: {@link ./index.js} takes it from AWS. */
export interface Names {
  bucket: string;
  bucketArn: string;
  functionName: string;
  functionArn: string;
  roleName: string;
  roleArn: string;
  rolePolicyName: string;
  /** A role that exists only during an update, see the function's changes. */
  interimRoleName: string;
  interimRoleArn: string;
  ruleName: string;
  ruleArn: string;
  /** The queue for events that were given up. */
  retryQueueName: string;
  retryQueueArn: string;
  logGroupName: string;
  logGroupArn: string;
  brokerRoleArn: string;
  /** The policy with the Deny on routed mail, on the broker's role. */
  brokerPolicyName: string;
  /** The policy that keeps, for every other bucket, what detached policies allowed. */
  retainedPolicyName: string;
  /** Before what the keys of this tool's tags on the broker's role say. */
  brokerTagPrefix: string;
  /** The path of the managed policies that hold the documents of narrowed policies. */
  savedPolicyPath: string;
  /** The role that agents assume to read the mail routed to them. */
  dataRoleArn: string;
}

export interface Scope {
  aws: Aws;
  clock: Clock;
  signal: AbortSignal;
  identity: Identity;
  names: Names;
  settings: Settings;
  code: FunctionPackage;
  /** Called with a description when the run waits for AWS. */
  onWaiting(what: string): void;
}

/** What reading needs: it starts before the code is packed. */
export type ReadScope = Omit<Scope, 'code'>;

/** The part of a scope that needs no calls to AWS: enough for policies and names. */
export type StackContext = Pick<Scope, 'identity' | 'names' | 'settings'>;

export function namesOf(settings: Settings, identity: Pick<Identity, 'account' | 'partition' | 'region'>): Names {
  const { account, partition, region } = identity;
  const { stack, functionName, roleName, ruleName } = settings;
  const bucket = settings.bucket ?? mailBucketName(account, stack);
  const { dataRoleName, brokerPolicyName, retainedPolicyName, brokerTagPrefix, savedPolicyPath } = stackNames(stack);
  const logGroupName = `/aws/lambda/${functionName}`;
  const functionArn = `arn:${partition}:lambda:${region}:${account}:function:${functionName}`;
  const retryQueueName = `${functionName}-retry`;
  // One for each function: IAM's names are unique in an account, across regions.
  const interimRoleName = `agentkeys-ses-routing-detour-${createHash('sha256').update(functionArn).digest('hex').slice(0, 12)}`;
  return {
    bucket,
    bucketArn: `arn:${partition}:s3:::${bucket}`,
    functionName,
    functionArn,
    roleName,
    roleArn: `arn:${partition}:iam::${account}:role/${roleName}`,
    rolePolicyName: `${roleName}-inline`,
    interimRoleName,
    interimRoleArn: `arn:${partition}:iam::${account}:role/${interimRoleName}`,
    ruleName,
    ruleArn: `arn:${partition}:events:${region}:${account}:rule/${ruleName}`,
    retryQueueName,
    retryQueueArn: `arn:${partition}:sqs:${region}:${account}:${retryQueueName}`,
    logGroupName,
    logGroupArn: `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`,
    brokerRoleArn: `arn:${partition}:iam::${account}:role/${settings.brokerRole}`,
    brokerPolicyName,
    retainedPolicyName,
    brokerTagPrefix,
    savedPolicyPath,
    dataRoleArn: settings.dataRole ?? `arn:${partition}:iam::${account}:role/${dataRoleName}`,
  };
}

/** The tags of every resource that this tool creates: managed-by, a named stack's name, and the operator's own. */
export function stackTags({ tags, stack }: Settings): Record<string, string> {
  return { ...tags, [managedBy.key]: managedBy.value, ...(stack === undefined ? {} : { [STACK_TAG]: stack }) };
}

/** Where a command works, and as whom. */
export function headerOf({ identity, names, settings: { stack } }: StackContext): Header {
  return { ...identity, bucket: names.bucket, ...(stack === undefined ? {} : { stack }) };
}
