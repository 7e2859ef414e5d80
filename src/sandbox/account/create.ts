/**
 * Creates an empty account.
 */

import { partitionOf } from '../../policy/arns.js';
import { createPollers } from '../delivery/event-source.js';
import { createInvoker } from '../delivery/invoke.js';
import { createDelivery } from '../delivery/object-created.js';
import { Metrics } from '../metrics/metrics.js';
import { Activity } from './activity.js';
import { awsManagedPolicies } from './aws-managed-policies.js';
import type { AccountState, Delays } from './state.js';

export interface AccountOptions {
  account: string;
  region: string;
  delays: Partial<Delays>;
  now: () => number;
  blockPublicAccess: boolean;
  closing: AbortSignal;
}

const noDelays: Delays = {
  roleAssumable: 0,
  functionUpdate: 0,
  eventBridgeDelivery: 0,
  invocationRetry: 0,
  eventSourceMapping: 0,
  queueNameReuse: 0,
};

/** An account that holds nothing but the AWS-managed policies. */
export function createAccount(options: AccountOptions): AccountState {
  const partition = partitionOf(options.region);
  const created = new Date(options.now());
  const state: AccountState = {
    deliveries: [],
    account: options.account,
    region: options.region,
    partition,
    delays: { ...noDelays, ...options.delays },
    endpoint: '',
    activity: new Activity(),
    closing: options.closing,
    now: options.now,
    iam: {
      roles: new Map(),
      users: new Map(),
      policies: new Map(awsManagedPolicies(partition, created).map((policy) => [policy.arn, policy])),
      instanceProfiles: new Map(),
      oidcProviders: new Map(),
      accessKeys: new Map(),
    },
    s3: { buckets: new Map() },
    blockPublicAccess: options.blockPublicAccess,
    lambda: { functions: new Map(), mappings: new Map(), concurrencyLimit: 1000 },
    events: { rules: new Map() },
    logs: { groups: new Map() },
    ses: { ruleSets: new Map(), mailManagerRuleSets: new Map() },
    sqs: { queues: new Map(), deleted: new Map() },
    cloudwatch: { alarms: new Map(), alarmActions: [] },
    metrics: new Metrics(options.now),
    objectCreated: (...creation) => objectCreated(...creation),
    enqueue: (name, payload) => invoker.enqueue(name, payload),
    pollQueue: (arn) => pollQueue(arn),
    invoke: (fn, payload, type) => invoker.invoke(fn, payload, type),
  };
  const invoker = createInvoker(state);
  const objectCreated = createDelivery(state);
  const pollQueue = createPollers(state);
  return state;
}
