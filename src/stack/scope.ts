/**
 * What every resource of the stack is given: the clients, the settings, the names and ARNs that follow from them.
 */
import { createHash } from 'node:crypto';
import { DATA_ROLE_NAME, mailBucketName, managedBy } from '../agentkeys/names.js';
import type { Aws } from '../aws/clients.js';
import type { Clock } from '../aws/waits.js';
import type { FunctionPackage } from '../package/function-package.js';
import type { Settings } from '../settings/index.js';

/** Who calls, and where. */
export interface Identity {
  account: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
  /** The caller's ARN. */
  caller: string;
}

/** Names and ARNs, all of them known before anything exists. */
export interface Names {
  bucket: string;
  bucketArn: string;
  functionName: string;
  functionArn: string;
  roleName: string;
  roleArn: string;
  rolePolicyName: string;
  /** A role that is there for moments only, see the function's changes. */
  interimRoleName: string;
  interimRoleArn: string;
  ruleName: string;
  ruleArn: string;
  logGroupName: string;
  logGroupArn: string;
  /** The role that agents assume, by which they read the mail that was routed to them. */
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
  /** Told what AWS is being waited for. */
  onWaiting(what: string): void;
}

/** The part of a scope that a policy or a name can be made from, without any call to AWS. */
export type StackContext = Pick<Scope, 'identity' | 'names' | 'settings'>;

export function namesOf(settings: Settings, identity: Pick<Identity, 'account' | 'partition' | 'region'>): Names {
  const { account, partition, region } = identity;
  const bucket = settings.bucket ?? mailBucketName(account);
  const { functionName, roleName, ruleName } = settings;
  const logGroupName = `/aws/lambda/${functionName}`;
  const functionArn = `arn:${partition}:lambda:${region}:${account}:function:${functionName}`;
  // One a function: IAM's names are the account's, in all regions.
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
    logGroupName,
    logGroupArn: `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`,
    dataRoleArn: settings.dataRole ?? `arn:${partition}:iam::${account}:role/${DATA_ROLE_NAME}`,
  };
}

/** The tags a resource of ours is to carry: the mark of ownership and the operator's own. */
export function stackTags(settings: Settings): Record<string, string> {
  return { ...settings.tags, [managedBy.key]: managedBy.value };
}
