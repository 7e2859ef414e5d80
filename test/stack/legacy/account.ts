/**
 * An account with deploy.sh's router and a clock of its own, in which mail keeps arriving while the router is replaced.
 */
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Test } from 'tap';
import type { Clock } from '../../../src/aws/waits.js';
import { readMessages, routedKeys } from '../../../src/commands/demo/mail.js';
import { runDeploySh, standInForPython } from '../../support/deploy-sh.js';
import { type Operator, quickClock, type Run, type RunOptions, startOperator } from '../../support/operator.js';

export const minutes = (number: number) => number * 60_000;

/** What S3 takes until it delivers to EventBridge. */
const eventBridgeDelivery = minutes(5);

/** A message to one wallet. */
const message = (await readMessages('fixtures/messages')).messages[0];
if (message === undefined) throw new Error('there are no messages in fixtures');
const { raw } = message;
const [routed = ''] = routedKeys({ ...message, key: 'inbound/' });

/** The paths that routed a message: none, the old, the new, or both. */
export type RoutedBy = '' | 'old' | 'new' | 'old, new';

export interface Migration extends Operator {
  clock: Clock;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
  /** A message to a wallet arrives. */
  mail(): Promise<void>;
  /** Runs a command while a message arrives before each of its calls, or of its writes, and one after the last. */
  underMail(args: string[], options?: RunOptions & { before?: 'calls' | 'writes' }): Promise<Run>;
  /** Which paths routed each message that arrived since the last call, once all are delivered. */
  routedBy(): Promise<RoutedBy[]>;
}

/** The operator's account after deploy.sh, with the other notification restored that the script had overwritten. */
export async function afterDeploySh(t: Test, delays = { eventBridgeDelivery }): Promise<Migration> {
  const clock = quickClock();
  const operator = await startOperator(t, { delays, now: clock.now });
  const { aws, bucket, sandbox, run } = operator;
  const { signal } = new AbortController();
  const pass = (milliseconds: number) => clock.sleep(milliseconds, signal);
  const { QueueConfigurations } = await aws.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  await runDeploySh(aws, { account: sandbox.account, bucket }, pass);
  const left = await aws.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  await aws.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: left.LambdaFunctionConfigurations,
        QueueConfigurations,
      },
    }),
  );
  standInForPython(t, sandbox);

  let arrived = 0;
  let unaccounted: string[] = [];
  async function arrive(): Promise<void> {
    const name = `message-${String(++arrived).padStart(5, '0')}`;
    unaccounted.push(name);
    await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `inbound/${name}`, Body: raw }));
  }
  // One message is under way at a time, beside whatever else goes on: more would each need a process of its own.
  let delivered: Promise<unknown> = Promise.resolve();
  async function mail(): Promise<void> {
    const arrival = delivered.then(arrive);
    delivered = arrival.then(() => sandbox.settled());
    await arrival;
  }

  return {
    ...operator,
    clock,
    pass,
    mail,
    run: (args, options = {}) => run(args, { clock, ...options }),
    async underMail(args, options = {}) {
      const release = sandbox.intercept(async (call) => {
        if (isOfCommand(call) && (call.mutates || options.before !== 'writes')) await mail();
        return undefined;
      });
      const made = await run(args, { clock, ...options });
      release();
      await mail();
      const calls = made.calls.filter(isOfCommand);
      const writes = calls.filter(({ mutates }) => mutates).map(({ service, operation }) => `${service}:${operation}`);
      return { ...made, calls, writes };
    },
    async routedBy() {
      await delivered;
      const objects = sandbox.state.s3.buckets.get(bucket)?.objects;
      const names = unaccounted;
      unaccounted = [];
      return names.map((name) => {
        const copy = objects?.get(`${routed}${name}`);
        if (copy === undefined || !raw.equals(copy.body)) return '';
        const deliveries = sandbox.state.deliveries.filter(
          ({ key, outcome }) => key === `inbound/${name}` && outcome === 'invoked',
        );
        const paths = new Set(deliveries.map(({ rule }) => (rule === undefined ? 'old' : 'new')));
        return [...paths].sort().toReversed().join(', ') as RoutedBy;
      });
    },
  };
}

/** The writes of the removal, in order: the notification, the permission, the function, then its role. */
export const removalWrites = [
  's3:PutBucketNotificationConfiguration',
  'lambda:RemovePermission',
  'lambda:DeleteFunction',
  'iam:DeleteRolePolicy',
  'iam:DeleteRole',
];

type Tagged = Record<string, { tags: Record<string, string> }>;

/** The account's configuration, without mail and without what differs from run to run: the time, the role's ID. */
export function configurationOf({ sandbox, bucket }: Migration): unknown {
  const { s3, ...rest } = sandbox.snapshot() as {
    s3: { buckets: Record<string, { objects?: unknown; otherVersions?: unknown }> };
    events: { rules: Tagged };
    lambda: { functions: Tagged };
  };
  for (const { tags } of [...Object.values(rest.events.rules), ...Object.values(rest.lambda.functions)])
    for (const tag of ['eventbridge-on-since', 'agentkeys-ses-routing:role-id']) delete tags[tag];
  const { objects, otherVersions, ...configured } = s3.buckets[bucket] ?? {};
  return { ...rest, bucket: configured };
}

/** Whether a command made the call: the others deliver and route mail. */
export function isOfCommand({ operation }: { operation: string }): boolean {
  return !['PutObject', 'GetObject', 'CopyObject'].includes(operation);
}

/** An entry's note in a plan: the lines below its first one, joined. */
export function noteUnder(stdout: string, head: string): string | undefined {
  const lines = stdout.split('\n');
  const at = lines.findIndex((line) => line.startsWith(head));
  if (at < 0) return undefined;
  const under = lines.slice(at + 1);
  const end = under.findIndex((line) => !line.startsWith('    '));
  return under
    .slice(0, end)
    .map((line) => line.trim())
    .join(' ');
}

/** How many messages each path routed: `old: 3; old, new: 2`. */
export function tally(routedBy: RoutedBy[]): string {
  const named = routedBy.map((path) => (path === '' ? 'NONE' : path));
  return [...new Set(named)].map((path) => `${path}: ${named.filter((one) => one === path).length}`).join('; ');
}
