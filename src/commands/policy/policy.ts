/** `policy`: prints the IAM policy that an operator needs for a task. Calls AWS only for what the settings leave open. */
import { partitionOf } from '../../policy/arns.js';
import type { PolicyDocument } from '../../policy/document.js';
import type { Settings } from '../../settings/index.js';
import { roleOfProfile } from '../../stack/broker/read.js';
import { operatorPolicy, stackPermissions } from '../../stack/operator-policy.js';
import type { Permission } from '../../stack/resource.js';
import { type Identity, namesOf, type StackContext } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import type { BackfillOptions } from '../backfill/backfill.js';
import { backfillPermissions } from '../backfill/permissions.js';
import { defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { stacksPermissions, statusPermissions } from '../status/permissions.js';
import { verifyPermissions } from '../verify/permissions.js';

/** What an operator may be allowed to do. */
export type OperatorTask = 'dry-run' | 'deploy' | 'teardown' | 'status' | 'verify' | 'backfill';

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
  backfill: (stack, { via }) => backfillPermissions(stack, via),
};

/** The policy for a task. Pure. */
export function taskPolicy(options: PolicyOptions, stack: StackContext): PolicyDocument {
  return operatorPolicy(permissions[options.task](stack, options));
}

export async function policy(settings: Settings, host: Host, options: PolicyOptions): Promise<number> {
  const { runtime = defaultRuntime } = options;
  const { identity, brokerRole } = await identityAndRole(settings, host, runtime);
  const stack = { identity, names: namesOf(settings, identity), settings: { ...settings, brokerRole } };
  host.print(JSON.stringify(taskPolicy(options, stack), null, 2));
  return 0;
}

/**
 * The account, the region and the broker's role. With --broker-instance-profile the policy names the role that the profile has now:
 * a policy must not follow the profile to another role.
 */
async function identityAndRole(
  settings: Settings,
  host: Host,
  runtime: Runtime,
): Promise<{ identity: Identity; brokerRole: string }> {
  const { account, region, brokerRole, brokerInstanceProfile } = settings;
  if (account !== undefined && region !== undefined && brokerInstanceProfile === undefined)
    return { identity: { account, region, partition: partitionOf(region), caller: '' }, brokerRole };
  return withScope(settings, host, runtime, async (scope) => ({
    identity: scope.identity,
    brokerRole: brokerInstanceProfile === undefined ? brokerRole : await roleOfProfile(brokerInstanceProfile, scope),
  }));
}
