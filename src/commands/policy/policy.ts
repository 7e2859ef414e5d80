/** `policy`: prints the IAM policy that an operator, or with `vault` the agents' role, needs for a task. Reads from AWS what the settings leave open, and the roles' paths. */
import { GetRoleCommand } from '@aws-sdk/client-iam';
import type { Aws } from '../../aws/clients.js';
import { nameInArn, partitionOf } from '../../policy/arns.js';
import type { PolicyDocument } from '../../policy/document.js';
import type { Settings } from '../../settings/index.js';
import { roleOfProfile } from '../../stack/broker/read.js';
import { operatorPolicy, stackPermissions } from '../../stack/operator-policy.js';
import type { Permission } from '../../stack/resource.js';
import { namesOf, type StackContext } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import type { BackfillOptions } from '../backfill/backfill.js';
import { backfillPermissions } from '../backfill/permissions.js';
import { logsPermission } from '../logs/permissions.js';
import { askingFor, defaultRuntime, identify, type Runtime } from '../shared/session.js';
import { stacksPermissions, statusPermissions } from '../status/permissions.js';
import { tracePermissions } from '../trace/permissions.js';
import { vaultPermissions } from '../vault/permissions.js';
import { verifyPermissions } from '../verify/permissions.js';

/** What an operator may be allowed to do. */
export type OperatorTask =
  | 'dry-run'
  | 'deploy'
  | 'teardown'
  | 'status'
  | 'logs'
  | 'trace'
  | 'verify'
  | 'backfill'
  | 'vault';

export interface PolicyOptions {
  task: OperatorTask;
  /** How `backfill` copies. */
  via: BackfillOptions['via'];
  /** Whether `status` lists all stacks. */
  all?: boolean;
  runtime?: Runtime;
}

/** The permissions of each task. */
const permissions: Record<OperatorTask, (stack: StackContext, options: PolicyOptions) => Permission[]> = {
  'dry-run': (stack) => stackPermissions(stack, 'read'),
  deploy: (stack) => stackPermissions(stack, 'read', 'deploy'),
  teardown: (stack) => stackPermissions(stack, 'read', 'teardown'),
  verify: (stack) => [...stackPermissions(stack, 'read'), ...verifyPermissions(stack)],
  status: (stack, { all }) => (all ? stacksPermissions(stack) : statusPermissions(stack)),
  logs: (stack) => [logsPermission(stack)],
  trace: tracePermissions,
  backfill: (stack, { via }) => backfillPermissions(stack, via),
  vault: vaultPermissions,
};

/** The tasks whose policies name no role. */
export const withoutRoles: readonly OperatorTask[] = ['logs', 'backfill', 'vault'];

/** The policy for a task. Pure. */
export function taskPolicy(options: PolicyOptions, stack: StackContext): PolicyDocument {
  return operatorPolicy(permissions[options.task](stack, options));
}

export async function policy(settings: Settings, host: Host, options: PolicyOptions): Promise<number> {
  const { runtime = defaultRuntime } = options;
  const aws = runtime.connect({ ...settings, ...askingFor(host) });
  try {
    aws.endReadsOn(host.signal);
    const { account, region } = settings;
    const identity =
      account === undefined || region === undefined
        ? await identify(aws, settings, host)
        : { account, region, partition: partitionOf(region), caller: '' };
    // With --broker-instance-profile the policy names the role that the profile has now: it must not follow the profile to another role.
    const { brokerInstanceProfile: profile } = settings;
    const brokerRole = profile === undefined ? settings.brokerRole : await roleOfProfile(profile, { aws });
    const names = namesOf({ ...settings, brokerRole }, identity);
    const [roleArn, brokerRoleArn] = withoutRoles.includes(options.task)
      ? [names.roleArn, names.brokerRoleArn]
      : await Promise.all([arnInAws(names.roleArn, aws), arnInAws(names.brokerRoleArn, aws)]);
    const stack = { identity, names: { ...names, roleArn, brokerRoleArn }, settings: { ...settings, brokerRole } };
    host.print(JSON.stringify(taskPolicy(options, stack), null, 2));
    return 0;
  } finally {
    aws.close();
  }
}

/** Without a network the command prints all the same; milliseconds. */
const longestRead = 5_000;

/** The role's ARN with its path; without one if the role does not exist, or can't be read: then the policy is for a role without a path. */
async function arnInAws(arn: string, { iam }: Aws): Promise<string> {
  const RoleName = nameInArn(arn);
  const read = await iam
    .send(new GetRoleCommand({ RoleName }), { abortSignal: AbortSignal.timeout(longestRead) })
    .catch(() => undefined);
  const found = read?.Role?.Arn;
  const account = (text: string) => text.slice(0, text.indexOf(':role/'));
  return found !== undefined && account(found) === account(arn) ? found : arn;
}
