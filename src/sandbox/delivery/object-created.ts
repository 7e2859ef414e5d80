/**
 * Delivers the event of a created object to functions: through EventBridge rules, and through the bucket's own notification
 * configuration.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { LambdaFunctionConfiguration } from '@aws-sdk/client-s3';
import { decide } from '../access/authorize.js';
import { serviceCaller } from '../access/callers.js';
import type { AccountState, Bucket, Delivery, StoredObject } from '../account/state.js';
import { single } from '../metrics/metrics.js';
import { functionName } from '../services/lambda/common.js';
import { parseEventPattern } from './event-pattern.js';
import { sendAs } from './queue.js';

/** An object that was created, and how. */
interface Creation {
  bucket: Bucket;
  key: string;
  object: StoredObject;
  reason: keyof typeof eventNames;
  requester: string;
  sourceIp: string;
  requestId: string;
  /** Orders the events of one key. */
  sequencer: string;
  time: Date;
}

const bucketArn = (state: AccountState, { name }: Bucket): string => `arn:${state.partition}:s3:::${name}`;

/** An ETag without the quotation marks that HTTP has around it. */
const bareEtag = (object: StoredObject): string => object.etag.replaceAll('"', '');

/** The version that was created, as an event names it; nothing where the bucket keeps no versions. */
function versionIn(field: string, { versionId }: StoredObject): Record<string, string> {
  return versionId === undefined || versionId === 'null' ? {} : { [field]: versionId };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export function objectCreatedEvent(state: AccountState, creation: Creation) {
  const { bucket, key, object, reason, requester, sourceIp, requestId, sequencer, time } = creation;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: state.account,
    time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    region: bucket.region,
    resources: [bucketArn(state, bucket)],
    detail: {
      version: '0',
      bucket: { name: bucket.name },
      object: { key, size: object.body.length, etag: bareEtag(object), ...versionIn('version-id', object), sequencer },
      'request-id': requestId,
      requester,
      'source-ip-address': sourceIp,
      reason,
    },
  };
}

/** A key as in S3's notifications: form-encoded, except slashes. */
const encodedKey = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');

const eventNames = {
  PutObject: 'ObjectCreated:Put',
  CopyObject: 'ObjectCreated:Copy',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function notificationMessage(state: AccountState, creation: Creation, configurationId: string) {
  const { bucket, key, object, reason, requester, sourceIp, requestId, sequencer, time } = creation;
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: time.toISOString(),
    eventName: eventNames[reason],
    userIdentity: { principalId: requester },
    requestParameters: { sourceIPAddress: sourceIp },
    responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': randomBytes(32).toString('base64') },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket.name, ownerIdentity: { principalId: bucket.owner }, arn: bucketArn(state, bucket) },
      object: {
        key: encodedKey(key),
        size: object.body.length,
        eTag: bareEtag(object),
        ...versionIn('versionId', object),
        sequencer,
      },
    },
  };
  return { Records: [record] };
}

/** An event to be delivered to a function. */
interface Dispatch {
  /** The function's ARN, as the target or the notification configuration has it. */
  arn: string;
  /** Who invokes it, and on whose behalf: the rule's ARN or the bucket's. */
  service: string;
  sourceArn: string;
  payload: unknown;
  named: Pick<Delivery, 'key' | 'rule' | 'notification'>;
  /** The ARN of the target's dead-letter queue. */
  deadLetterArn?: string | undefined;
}

/** What EventBridge counts of a rule. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
function countOfRule(state: AccountState, name: string, rule: string): void {
  state.metrics.record({ namespace: 'AWS/Events', name, dimensions: { RuleName: rule } }, single(1));
}

/**
 * Puts an event that its target does not get into the target's dead-letter queue, if it has one and its policy allows it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
function toDeadLetterQueue(state: AccountState, event: Dispatch, code: string, message: string): void {
  const { arn, service, sourceArn, payload, named, deadLetterArn } = event;
  if (deadLetterArn === undefined || named.rule === undefined) return;
  const attributes = { RULE_ARN: sourceArn, TARGET_ARN: arn, ERROR_CODE: code, ERROR_MESSAGE: message };
  const context = { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': state.account };
  const body = JSON.stringify(payload);
  const sent = sendAs(state, serviceCaller(service), deadLetterArn, { body, attributes }, context);
  countOfRule(state, sent ? 'InvocationsSentToDlq' : 'InvocationsFailedToBeSentToDlq', named.rule);
}

/** Invokes the function if its policy allows it. Otherwise neither service retries: the event goes to the dead-letter queue, or is dropped. */
async function dispatch(state: AccountState, event: Dispatch): Promise<void> {
  const { arn, service, sourceArn, payload, named } = event;
  const name = functionName(arn);
  const ended = (outcome: Delivery['outcome'], attempts: number) =>
    state.deliveries.push({ ...named, function: name, outcome, attempts });
  /** EventBridge counts an invocation as failed when Lambda does not accept it; later failures count for Lambda. */
  const counted = (...names: string[]) => {
    if (named.rule === undefined) return;
    for (const metric of names) countOfRule(state, metric, named.rule);
  };
  if (!state.lambda.functions.has(name)) {
    counted('Invocations', 'FailedInvocations');
    toDeadLetterQueue(state, event, 'NO_RESOURCE', `Function not found: ${arn}`);
    ended('function missing', 0);
    return;
  }
  const context = { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': state.account };
  const access = { action: 'lambda:InvokeFunction', resource: arn, context };
  if (!decide(state, serviceCaller(service), access).allowed) {
    counted('Invocations', 'FailedInvocations');
    const message = `${service} is not authorized to perform: lambda:InvokeFunction on resource: ${arn}`;
    toDeadLetterQueue(state, event, 'NO_PERMISSIONS', message);
    ended('not permitted', 0);
    return;
  }
  counted('Invocations');
  const { outcome, attempts } = await state.enqueue(name, payload);
  ended(outcome, attempts);
}

/** Delivers an event to every function that is a target of an enabled, matching EventBridge rule. */
function throughEventBridge(state: AccountState, creation: Creation): Dispatch[] {
  const { bucket, key } = creation;
  const since = bucket.eventBridgeSince?.getTime() ?? Number.POSITIVE_INFINITY;
  if (creation.time.getTime() < since + state.delays.eventBridgeDelivery) return [];
  const event = objectCreatedEvent(state, creation);
  const matching = [...state.events.rules.values()].filter(
    ({ state, pattern }) => state === 'ENABLED' && parseEventPattern(String(pattern))(event),
  );
  for (const { name } of matching) {
    countOfRule(state, 'MatchedEvents', name);
    countOfRule(state, 'TriggeredRules', name);
  }
  return matching.flatMap((rule) =>
    [...rule.targets.values()]
      .filter(({ Arn }) => `${Arn}`.split(':')[2] === 'lambda')
      .map(({ Arn, DeadLetterConfig }) => ({
        arn: String(Arn),
        deadLetterArn: DeadLetterConfig?.Arn,
        service: 'events.amazonaws.com',
        sourceArn: rule.arn,
        payload: event,
        named: { key, rule: rule.name },
      })),
  );
}

/** Whether a notification configuration matches an object. Event names may end in `*`; filters have a prefix and a suffix. */
function wants({ Events = [], Filter }: LambdaFunctionConfiguration, { key, reason }: Creation): boolean {
  const name = `s3:${eventNames[reason]}`;
  const hears = Events.some((event) => event === name || event === 's3:ObjectCreated:*');
  const rules = Filter?.Key?.FilterRules ?? [];
  return (
    hears &&
    rules.every(({ Name, Value = '' }) => (/^prefix$/i.test(`${Name}`) ? key.startsWith(Value) : key.endsWith(Value)))
  );
}

/** Delivers an event by the bucket's notification configuration. */
function throughNotifications(state: AccountState, creation: Creation): Dispatch[] {
  const { bucket, key } = creation;
  const configurations = bucket.notification.LambdaFunctionConfigurations ?? [];
  return configurations
    .filter((configuration) => wants(configuration, creation))
    .map(({ Id, LambdaFunctionArn }) => ({
      arn: String(LambdaFunctionArn),
      service: 's3.amazonaws.com',
      sourceArn: bucketArn(state, bucket),
      payload: notificationMessage(state, creation, String(Id)),
      named: { key, notification: String(Id) },
    }));
}

/** Creates `AccountState.objectCreated`. Deliveries continue after it returns. */
export function createDelivery(state: AccountState): AccountState['objectCreated'] {
  let sequence = 0;
  return (bucket, key, reason, requester, sourceIp) => {
    const object = bucket.objects.get(key);
    if (object === undefined) throw new Error(`S3 tells of ${key}, which is not in ${bucket.name}.`);
    sequence += 1;
    const time = new Date(state.now());
    const sequencer = `${time.getTime().toString(16)}${sequence.toString(16).padStart(6, '0')}`.toUpperCase();
    const creation = { bucket, key, object, reason, requester, sourceIp, requestId: randomUUID(), sequencer, time };
    for (const each of [...throughEventBridge(state, creation), ...throughNotifications(state, creation)]) {
      void state.activity.track(`delivery of ${key} to ${each.arn}`, dispatch(state, each));
    }
  };
}
