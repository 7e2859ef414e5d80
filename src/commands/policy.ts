/** `policy`: prints the IAM policy that the operator needs for a task, with the names in force. Calls nothing but GetCallerIdentity, and that only for what it isn't told. */
import type { Host } from '../host/host.js';
import type { Settings } from '../settings/index.js';
import { type OperatorTask, operatorPolicy } from '../stack/operator-policy.js';
import { type Identity, namesOf } from '../stack/scope.js';
import { type Ground, realGround, withScope } from './session.js';

export async function policy(
  settings: Settings,
  host: Host,
  task: OperatorTask,
  ground: Ground = realGround,
): Promise<number> {
  const { account, region } = settings;
  const identity: Identity =
    account !== undefined && region !== undefined
      ? { account, region, partition: partitionOf(region), caller: '' }
      : await withScope(settings, host, ground, async (scope) => scope.identity);
  const place = { identity, names: namesOf(settings, identity), settings };
  host.print(JSON.stringify(operatorPolicy(task, place), null, 2));
  return 0;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
