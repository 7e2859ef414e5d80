/**
 * The state of the embedded AWS: one account in one region, in memory, and how its services call each other.
 */

import type { Metrics } from '../metrics/metrics.js';
import type { Activity } from './activity.js';
import type { CloudWatchState } from './alarms.js';
import type { Encryption, MultipartUpload, StoredObject, Version } from './objects.js';
import type { EventSourceMapping, SqsState } from './queues.js';

/** How long AWS takes for what a real account has to wait for; milliseconds. */
export interface Delays {
  /** From CreateRole until Lambda can assume the role. */
  roleAssumable: number;
  /** How long a function stays Pending after CreateFunction, or InProgress after an update. */
  functionUpdate: number;
  /** From turning EventBridge on for a bucket until its events are delivered ("around five minutes" on AWS). */
  eventBridgeDelivery: number;
  /** The pause before Lambda retries a failed asynchronous invocation (a minute, then two, on AWS). */
  invocationRetry: number;
  /** How long an event source mapping stays Creating, Updating or Deleting. */
  eventSourceMapping: number;
  /** How long the name of a deleted queue can't be used again (a minute on AWS). */
  queueNameReuse: number;
}

export type { DeleteMarker, Encryption, StoredObject, Version } from './objects.js';

export interface Tagged {
  tags: Map<string, string>;
}

/** What has identity policies: a role or a user. */
export interface Identity extends Tagged {
  name: string;
  id: string;
  arn: string;
  created: Date;
  /** Inline policies' texts, by name. */
  inline: Map<string, string>;
  /** ARNs of managed policies. */
  attached: Set<string>;
  /** The ARN of the managed policy that is the permissions boundary. */
  boundary?: string;
}

export interface Role extends Identity {
  path: string;
  description?: string;
  maxSessionDuration: number;
  trust: string;
}

export type User = Identity;

export interface ManagedPolicy extends Tagged {
  name: string;
  id: string;
  arn: string;
  created: Date;
  description?: string;
  /** Documents by version id, `v1` first. */
  versions: Map<string, string>;
  defaultVersion: string;
}

export interface InstanceProfile {
  name: string;
  id: string;
  arn: string;
  created: Date;
  /** Role names; at most one. */
  roles: string[];
}

export interface OidcProvider {
  arn: string;
  /** The tokens' issuer, with `https://`. */
  url: string;
  /** The audiences it is for. */
  clientIds: string[];
}

export interface AccessKey {
  id: string;
  secret: string;
  /** Present on temporary credentials. */
  sessionToken?: string;
  expires?: Date;
  owner: { kind: 'user'; name: string } | { kind: 'role'; name: string; roleId: string; session: string };
  tags: Record<string, string>;
  sessionPolicy?: string;
}

export interface IamState {
  roles: Map<string, Role>;
  users: Map<string, User>;
  /** Customer-managed and AWS-managed ones, by ARN. */
  policies: Map<string, ManagedPolicy>;
  instanceProfiles: Map<string, InstanceProfile>;
  oidcProviders: Map<string, OidcProvider>;
  accessKeys: Map<string, AccessKey>;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html */
export interface PublicAccessBlock {
  BlockPublicAcls: boolean;
  IgnorePublicAcls: boolean;
  BlockPublicPolicy: boolean;
  RestrictPublicBuckets: boolean;
}

/** One entry of an access control list. */
export interface Grant {
  /** A canonical user's id, or a predefined group's URI. */
  grantee: string;
  permission: string;
}

export interface Bucket {
  name: string;
  owner: string;
  region: string;
  created: Date;
  policy?: string;
  /** Absent if it was never set or was deleted. */
  publicAccessBlock?: PublicAccessBlock;
  /** Object ownership, such as `BucketOwnerEnforced` (no ACLs). Absent for buckets from before April 2023: `ObjectWriter` then. */
  objectOwnership?: string;
  /** The grants of the bucket's ACL; absent: full control for the owner only. */
  grants?: Grant[];
  /** The default for new objects. */
  encryption: Encryption;
  /** Absent if it was never enabled. */
  versioning?: 'Enabled' | 'Suspended';
  /** Object Lock, and its default retention; absent where it was never enabled. */
  objectLock?: { retention?: { Mode: string; Days?: string; Years?: string } };
  /** The bucket notification configuration as the SDK's type has it. */
  notification: import('@aws-sdk/client-s3').NotificationConfiguration;
  /** Since when EventBridge is on. */
  eventBridgeSince?: Date;
  /** The current objects. A key whose newest version is a delete marker is not among them. */
  objects: Map<string, StoredObject>;
  /** Multipart uploads in progress. */
  uploads?: MultipartUpload[];
  /** All other versions of a key, the newest first. */
  otherVersions?: Map<string, Version[]>;
}

/** Why Lambda gave up a creation or an update. https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html */
export interface UpdateFailure {
  /** `EniLimitExceeded`, `KMSKeyAccessDenied` and others. */
  code: string;
  reason: string;
}

/** What an update replaces. */
export type RunningVersion = Pick<
  FunctionState,
  'zip' | 'codeSha256' | 'roleArn' | 'boundRoleId' | 'runtime' | 'handler' | 'memory' | 'timeout' | 'environment'
>;

/** https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html */
export interface LoggingConfig {
  LogFormat?: string;
  LogGroup?: string;
  ApplicationLogLevel?: string;
  SystemLogLevel?: string;
}

/** What a function is connected to. */
export interface ConnectedResources {
  vpc?: { subnets: string[]; groups: string[] };
  /** ARNs of layer versions. */
  layers?: string[];
  /** The ARN of a queue or a topic. */
  deadLetterArn?: string;
  fileSystems?: Array<{ Arn: string; LocalMountPath: string }>;
  tracing?: string;
  /** The ARN of the key that encrypts the environment; absent: a key of Lambda's. */
  kmsKey?: string;
}

export interface FunctionState extends Tagged {
  name: string;
  arn: string;
  roleArn: string;
  /** The identity Lambda's grant on the environment's key was made for; a recreated role has another. */
  boundRoleId: string;
  runtime: string;
  handler: string;
  architectures: string[];
  description: string;
  memory: number;
  timeout: number;
  environment: Record<string, string>;
  /** Absent: a zip. A container image has no runtime and handler, and is not run. */
  packageType?: 'Image';
  zip: Buffer;
  codeSha256: string;
  revisionId: string;
  modified: Date;
  state: 'Pending' | 'Active' | 'Inactive' | 'Failed';
  lastUpdate: 'Successful' | 'InProgress' | 'Failed';
  /** Why the creation or the last update failed, or will fail when it ends. */
  failure?: UpdateFailure;
  /** What it runs while an update is in progress and after one that failed: what it was before. */
  previous?: RunningVersion;
  /** When Pending or InProgress ends. */
  settlesAt: number;
  /** Absent: text, to the group named after the function. */
  logging?: LoggingConfig;
  connected: ConnectedResources;
  /** Statements of the function's policy. */
  policy: import('../../policy/document.js').Statement[];
  eventInvoke?: {
    maximumRetryAttempts?: number;
    maximumEventAgeInSeconds?: number;
    /** The ARN of the on-failure destination. */
    onFailure?: string;
    modified: Date;
  };
  reservedConcurrency?: number;
}

export interface LambdaState {
  functions: Map<string, FunctionState>;
  /** Event source mappings, by their ids. */
  mappings: Map<string, EventSourceMapping>;
  /** How the next creation or update fails. Here it succeeds otherwise; on AWS it depends on services that are not emulated. */
  nextFailure?: UpdateFailure;
  concurrencyLimit: number;
  /** Whether the region has no arm64 functions. */
  withoutArm?: boolean;
}

export interface Rule extends Tagged {
  name: string;
  arn: string;
  pattern?: string;
  state: 'ENABLED' | 'DISABLED';
  description?: string;
  roleArn?: string;
  targets: Map<string, import('@aws-sdk/client-eventbridge').Target>;
}

export interface EventsState {
  /** Rules of the default event bus. */
  rules: Map<string, Rule>;
}

export interface LogGroup extends Tagged {
  name: string;
  arn: string;
  created: Date;
  retentionDays?: number;
  /** `INFREQUENT_ACCESS` or `DELIVERY`; absent: `STANDARD`. */
  logClass?: string;
  streams: Map<string, Array<{ timestamp: number; message: string }>>;
}

export interface LogsState {
  groups: Map<string, LogGroup>;
}

/** A receipt rule in SES's own words, its values as they are on the wire. https://docs.aws.amazon.com/ses/latest/APIReference/API_ReceiptRule.html */
export interface ReceiptRule {
  Name: string;
  Enabled: string;
  TlsPolicy: string;
  Recipients: string[];
  /** Each with one member, named after the kind of action. */
  Actions: Array<Record<string, Record<string, string>>>;
  ScanEnabled: string;
}

export interface ReceiptRuleSet {
  name: string;
  created: Date;
  /** In the order in which they are tried. */
  rules: ReceiptRule[];
}

/** A rule set of Mail Manager; its rules as they are on the wire. */
export interface MailManagerRuleSet {
  id: string;
  name: string;
  created: Date;
  modified: Date;
  rules: unknown[];
}

export interface SesState {
  ruleSets: Map<string, ReceiptRuleSet>;
  /** By their ids. */
  mailManagerRuleSets: Map<string, MailManagerRuleSet>;
  /** The name of the active set. */
  active?: string;
}

/** The delivery of one event to one function. */
export interface Delivery {
  /** The object's key, as it was put. */
  key: string;
  /** The EventBridge rule that matched. */
  rule?: string;
  /** The id of the bucket notification configuration that matched. */
  notification?: string;
  /** The function's name. */
  function: string;
  outcome: 'invoked' | 'failed' | 'not permitted' | 'function missing';
  /** How often the function was run for it; 0 where it was never reached. */
  attempts: number;
}

/** The state that operations read and change. */
export interface AccountState {
  /** Deliveries that ended, in the order they ended. */
  deliveries: Delivery[];
  account: string;
  partition: string;
  region: string;
  delays: Delays;
  /** Where the embedded AWS listens: what a function's runtime is given as AWS_ENDPOINT_URL. */
  endpoint: string;
  /** Work that goes on after a request was answered (deliveries, asynchronous invocations): what `settled()` waits for. */
  activity: Activity;
  /** Aborted when the embedded AWS closes: timers and child processes end with it. */
  closing: AbortSignal;
  /** The clock, milliseconds since 1970: a test may hand in its own. */
  now(): number;
  iam: IamState;
  s3: { buckets: Map<string, Bucket> };
  /** Whether S3 keeps new buckets from the public in all four ways. */
  blockPublicAccess: boolean;
  lambda: LambdaState;
  events: EventsState;
  logs: LogsState;
  ses: SesState;
  sqs: SqsState;
  cloudwatch: CloudWatchState;
  /** CloudWatch's. History, as log streams are: no part of what the account is. */
  metrics: Metrics;
  /** Reports a created object to EventBridge and to the bucket's own notifications. */
  objectCreated(
    bucket: Bucket,
    key: string,
    reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload',
    requester: string,
    sourceIp: string,
  ): void;
  /**
   * Invokes a function asynchronously, with Lambda's retries.
   * @returns the outcome, once it has ended; the promise never rejects
   */
  enqueue(functionName: string, payload: unknown): Promise<Pick<Delivery, 'outcome' | 'attempts'>>;
  /** Has Lambda's pollers look at a queue. @param arn the queue's */
  pollQueue(arn: string): void;
  /** Runs a function's zip in a child process with its execution role's credentials; as an `Event`, queues it and answers at once. */
  invoke(
    fn: FunctionState,
    payload: unknown,
    type: 'Event' | 'RequestResponse',
  ): Promise<{ payload: string; functionError?: string; logTail: string }>;
}
