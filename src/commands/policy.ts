/** `policy`: prints the IAM policy that the operator needs for a task, with the names in force. Asks AWS only for what it isn't told. */
import type { PolicyDocument } from '../aws/policy/document.js';
import { backfillPermissions } from '../backfill/permissions.js';
import type { Host } from '../host/host.js';
import type { Settings } from '../settings/index.js';
import { roleOfProfile } from '../stack/broker/read.js';
import { operatorPolicy, stackPermissions } from '../stack/operator-policy.js';
import type { Permission } from '../stack/resource.js';
import { type Identity, namesOf, type Place } from '../stack/scope.js';
import { statusPermissions } from '../status/permissions.js';
import { verifyPermissions } from '../verify/permissions.js';
import type { BackfillOptions } from './backfill.js';
import type { OperatorTask } from './operator-task.js';
import { type Ground, realGround, withScope } from './session.js';

export interface PolicyOptions {
  task: OperatorTask;
  /** How `backfill` is to be done. */
  via: BackfillOptions['via'];
  ground?: Ground;
}

/** What each task takes. */
const permissions: Record<OperatorTask, (place: Place, options: PolicyOptions) => Permission[]> = {
  'dry-run': (place) => stackPermissions(place, 'read'),
  deploy: (place) => stackPermissions(place, 'read', 'deploy'),
  teardown: (place) => stackPermissions(place, 'read', 'teardown'),
  verify: (place) => [...stackPermissions(place, 'read'), ...verifyPermissions(place)],
  status: (place) => statusPermissions(place),
  backfill: (place, { via }) => backfillPermissions(place, via),
};

/** The policy for a task. Pure. */
export function taskPolicy(options: PolicyOptions, place: Place): PolicyDocument {
  return operatorPolicy(permissions[options.task](place, options));
}

export async function policy(settings: Settings, host: Host, options: PolicyOptions): Promise<number> {
  const { ground = realGround } = options;
  const { identity, brokerRole } = await placed(settings, host, ground);
  const place = { identity, names: namesOf(settings, identity), settings: { ...settings, brokerRole } };
  host.print(JSON.stringify(taskPolicy(options, place), null, 2));
  return 0;
}

/** Where and for which broker's role: AWS is asked for what wasn't said. A policy is for one role, never for whichever a profile may come to have. */
async function placed(
  settings: Settings,
  host: Host,
  ground: Ground,
): Promise<{ identity: Identity; brokerRole: string }> {
  const { account, region, brokerRole, brokerInstanceProfile } = settings;
  if (account !== undefined && region !== undefined && brokerInstanceProfile === undefined)
    return { identity: { account, region, partition: partitionOf(region), caller: '' }, brokerRole };
  return withScope(settings, host, ground, async (scope) => ({
    identity: scope.identity,
    brokerRole: brokerInstanceProfile === undefined ? brokerRole : await roleOfProfile(brokerInstanceProfile, scope),
  }));
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
