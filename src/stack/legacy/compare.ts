/**
 * How the resources with deploy.sh's names differ from what the script creates. Pure.
 *
 * Someone may rely on a changed part, and the parts work only together, so a single difference keeps all of it.
 * Event source mappings (queues, streams) need no check: the role would have to allow them, and so differ.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html#permissions-executionrole-features
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { canonical, sameStatements } from '../../policy/document.js';
import type { BucketEventsState } from '../resources/bucket/events.js';
import { type ExecutionRoleState, lambdaMayAssume } from '../resources/execution-role.js';
import type { StackContext } from '../scope.js';
import {
  oldConfiguration,
  oldReservedConcurrency,
  oldRoleArn,
  oldRolePolicy,
  oldRouter,
  oldStatement,
} from './deploy-sh.js';
import { isOldNotification, oldNotificationIn, otherTriggersIn } from './notification.js';
import type { LegacyView, OldFunction } from './state.js';

type Read = Pick<LegacyView, 'legacy' | 'bucketEvents'>;

/** Whether any part of it exists. */
export function isThere({ legacy, bucketEvents }: Read): boolean {
  return legacy.function !== undefined || legacy.role !== undefined || oldNotificationIn(bucketEvents) !== undefined;
}

/**
 * The one other bucket whose mail it routes: the script's names are the same for each bucket of an account. Undefined if it is this bucket's,
 * several buckets', or nobody can tell.
 */
export function otherBucketOf({ legacy, bucketEvents }: Read, { names, identity }: StackContext): string | undefined {
  if (oldNotificationIn(bucketEvents) !== undefined || otherTriggersIn(bucketEvents, identity).length > 0)
    return undefined;
  const statement = legacy.function?.statements.find(({ Sid }) => Sid === oldRouter.statementId);
  const texts = [JSON.stringify(statement?.Condition), JSON.stringify(legacy.role?.policy?.Statement)];
  const buckets = texts.flatMap((text = '') =>
    [...text.matchAll(/"arn:[\w-]+:s3:::([^/"*?]+)["/]/g)].map(([, one]) => one),
  );
  const [other, ...more] = [...new Set(buckets)];
  return other === names.bucket || more.length > 0 ? undefined : other;
}

/** The differences, completing "it is not as deploy.sh makes it: …"; none if it is what the script creates, or a part of that. */
export function differencesFromScript({ legacy, bucketEvents }: Read, stack: StackContext): string[] {
  return [
    ...notificationDifferences(bucketEvents, stack),
    ...(legacy.function === undefined ? [] : functionDifferences(legacy.function, stack)),
    ...(legacy.role === undefined ? [] : roleDifferences(legacy.role, stack)),
  ];
}

function notificationDifferences(bucketEvents: BucketEventsState, { identity }: StackContext): string[] {
  const old = oldNotificationIn(bucketEvents);
  const others = otherTriggersIn(bucketEvents, identity);
  return [
    ...(old === undefined || isOldNotification(old, identity)
      ? []
      : [`the notification ${oldRouter.notificationId} has other events, another filter or another function`]),
    ...(others.length === 0 ? [] : [`the notification ${others.join(', ')} invokes the function too`]),
  ];
}

function functionDifferences(fn: OldFunction, stack: StackContext): string[] {
  const { configuration, tags, reservedConcurrency, statements } = fn;
  const have = settingsOf(configuration);
  const want = { ...unsetByScript, ...oldConfiguration, 'execution role': oldRoleArn(stack.identity) };
  const changed = Object.entries(want).flatMap(([setting, value]) =>
    have[setting] === value ? [] : [`the function's ${setting} is ${have[setting]}, not ${value}`],
  );
  const reserved = [undefined, oldReservedConcurrency].includes(reservedConcurrency)
    ? []
    : [`the function's reserved concurrency is ${reservedConcurrency}, not ${oldReservedConcurrency}`];
  const scriptStatement = canonical(oldStatement(stack));
  const others = statements.filter((one) => one.Sid !== oldRouter.statementId || canonical(one) !== scriptStatement);
  return [
    ...changed,
    ...reserved,
    ...others.map(({ Sid }) => `the function's policy has a statement that is not the script's: ${Sid}`),
    ...tagDifferences('function', tags),
  ];
}

const unsetByScript = {
  description: 'none',
  environment: 'none',
  layer: 'none',
  network: 'none',
  'dead-letter queue': 'none',
};

/** The compared settings, in the plan's terms. Of the environment only the names: a value may be a secret. */
function settingsOf(configuration: FunctionConfiguration): Record<string, string> {
  const { Runtime, Handler, MemorySize, Timeout, Architectures, Role, Description, Environment } = configuration;
  const { Layers, VpcConfig, DeadLetterConfig } = configuration;
  return {
    runtime: `${Runtime}`,
    handler: `${Handler}`,
    memory: `${MemorySize} MiB`,
    timeout: `${Timeout} s`,
    architecture: listed(Architectures),
    'execution role': `${Role}`,
    description: listed([Description]),
    environment: listed(Object.keys({ ...Environment?.Variables })),
    layer: listed(Layers?.map(({ Arn }) => Arn)),
    network: listed([VpcConfig?.VpcId]),
    'dead-letter queue': listed([DeadLetterConfig?.TargetArn]),
  };
}

function listed(values: Array<string | undefined> | undefined): string {
  return (values ?? []).filter(Boolean).join(', ') || 'none';
}

function roleDifferences(role: ExecutionRoleState, stack: StackContext): string[] {
  const { trust, policy, boundary, tags, otherInline, attached } = role;
  // An interrupted removal leaves the role without its policy.
  const same = policy === undefined || sameStatements(policy, oldRolePolicy(stack.names));
  return [
    ...(sameStatements(trust, lambdaMayAssume) ? [] : ["the role's trust policy is another"]),
    ...(same ? [] : [`the role's policy ${oldRouter.rolePolicyName} is another`]),
    ...[...otherInline, ...attached].map((name) => `the role has a policy that is not the script's: ${name}`),
    ...(boundary === undefined ? [] : [`the role has a permissions boundary: ${boundary}`]),
    ...tagDifferences('role', tags),
  ];
}

function tagDifferences(what: string, tags: Record<string, string> | undefined): string[] {
  if (tags === undefined) return [`the ${what}'s tags can't be read (lambda:ListTags)`];
  return Object.keys(tags).map((key) => `the ${what} has the tag ${key}`);
}
