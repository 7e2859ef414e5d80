/** `policy`: prints the IAM policy that the operator needs for a task, with the names in force. Asks AWS only for what it isn't told. */
import type { Host } from '../host/host.js';
import type { Settings } from '../settings/index.js';
import { roleOfProfile } from '../stack/broker/read.js';
import { operatorPolicy } from '../stack/operator-policy.js';
import type { OperatorTask } from '../stack/operator-task.js';
import { type Identity, namesOf } from '../stack/scope.js';
import { type Ground, realGround, withScope } from './session.js';

export async function policy(
  settings: Settings,
  host: Host,
  task: OperatorTask,
  ground: Ground = realGround,
): Promise<number> {
  const { identity, brokerRole } = await placed(settings, host, ground);
  const place = { identity, names: namesOf(settings, identity), settings: { ...settings, brokerRole } };
  host.print(JSON.stringify(operatorPolicy(task, place), null, 2));
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
