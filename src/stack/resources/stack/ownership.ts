/**
 * Whose the resources of the stack's names are: which stack's, and which bucket they serve. Another stack's are never changed, and the
 * stack is never moved to another bucket unless the operator names the old one: with the wrong env file, a deploy of a test stack would
 * take production's function, rule and role. Pure.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { STACK_TAG } from '../../../agentkeys/names.js';
import { bucketsNamedBy } from '../../../policy/arns.js';
import type { Names, Scope } from '../../scope.js';
import type { ExecutionRoleState } from '../execution-role.js';
import type { FunctionState } from '../function/state.js';
import { otherBucketOf, type RuleState } from '../rule.js';

/** The resources that show whose the stack is. */
export interface OwnershipView {
  executionRole: ExecutionRoleState | undefined;
  function: FunctionState;
  rule: RuleState | undefined;
}

/** A resource, in words, and the bucket that it serves. */
export interface Serving {
  resource: string;
  bucket: string;
}

/** The resources that serve another bucket than the stack's: after an interrupted move, some of them. */
export function servingOthers(observed: OwnershipView, names: Names): Serving[] {
  const { executionRole: role, function: routing, rule } = observed;
  const buckets = [
    bucketOfRole(role, names),
    bucketOfFunction(routing.existing?.configuration, names.bucket),
    otherBucketOf(rule, names),
  ];
  return inWords(names).flatMap((resource, at) => {
    const bucket = buckets[at];
    return bucket === undefined ? [] : [{ resource, bucket }];
  });
}

function inWords({ roleName, functionName, ruleName }: Names): string[] {
  return [`execution role ${roleName}`, `function ${functionName}`, `rule ${ruleName}`];
}

/** The bucket in the role's policy, unless it names the stack's too. */
function bucketOfRole(role: ExecutionRoleState | undefined, { bucket }: Names): string | undefined {
  const named = bucketsNamedBy(role?.policy?.Statement ?? []);
  return named.includes(bucket) ? undefined : named[0];
}

/** The bucket whose mail the function routes, if that is another one. */
export function bucketOfFunction(
  configuration: Pick<FunctionConfiguration, 'Environment'> | undefined,
  bucket: string,
): string | undefined {
  const { BUCKET = '' } = { ...configuration?.Environment?.Variables };
  return BUCKET === '' || BUCKET === bucket ? undefined : BUCKET;
}

/**
 * Why a command must not work on these resources: they are another stack's, or serve another bucket than the one that
 * `--move-from-bucket` names.
 *
 * @returns sentences that name the stack, or both buckets, and the flags to use; undefined if all is well.
 */
export function whyNotOurs(
  observed: OwnershipView,
  { names, settings }: Pick<Scope, 'names' | 'settings'>,
): string | undefined {
  const { executionRole, function: routing, rule } = observed;
  const tags = [executionRole?.tags, routing.existing?.tags, rule?.tags];
  for (const [at, resource] of inWords(names).entries()) {
    const owner = tags[at]?.[STACK_TAG];
    if (owner === undefined || owner === settings.stack) continue;
    const ours = settings.stack === undefined ? 'the unnamed stack' : `the stack ${settings.stack}`;
    return `The ${resource} belongs to the stack ${owner}, and these settings are for ${ours}. Use --stack ${owner}, or other names.`;
  }
  const others = servingOthers(observed, names).filter(({ bucket }) => bucket !== settings.moveFromBucket);
  const [first] = others;
  if (first === undefined) return undefined;
  const served = others.map(({ resource, bucket }) => `the ${resource} for ${bucket}`).join(', ');
  return `This stack serves another bucket: ${served}. These settings name ${names.bucket}. ${forAnotherBucket(first.bucket)}`;
}

/** What to do when a stack serves another bucket than the settings name. */
export function forAnotherBucket(served: string): string {
  return `Check --bucket (BUCKET). A second stack in this account needs a name: --stack <name>. To move this one, deploy with --move-from-bucket ${served}: mail that arrives there from then on stays in its inbound/.`;
}
