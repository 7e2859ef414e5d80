/**
 * The queues of SQS, and the event source mappings that Lambda polls them for.
 */
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageAttributeValue.html */
export interface MessageAttribute {
  /** `String`, `Number` or `Binary`, with a custom label after a dot. */
  DataType: string;
  StringValue?: string;
  /** Base64, as it is on the wire. */
  BinaryValue?: string;
}

/** A message in a queue. Times are milliseconds since 1970. */
export interface QueuedMessage {
  id: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  /** The unique id of who sent it: `SenderId`. */
  sender: string;
  sent: number;
  received: number;
  firstReceived?: number;
  /** When it can be received: later than now while it is delayed or in flight. */
  visibleAt: number;
  /** The handle of the last receipt. */
  receipt?: string;
}

export interface Queue {
  name: string;
  arn: string;
  created: Date;
  modified: Date;
  /** The attributes that can be set, as they are on the wire; without a default, absent unless set. */
  attributes: Map<string, string>;
  /** The oldest first. */
  messages: QueuedMessage[];
  tags: Map<string, string>;
  /** Until when its metrics are taken; milliseconds since 1970. */
  measuredAt: number;
}

export interface SqsState {
  queues: Map<string, Queue>;
  /** When a name was freed by DeleteQueue, milliseconds since 1970. */
  deleted: Map<string, number>;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html */
export interface EventSourceMapping {
  id: string;
  arn: string;
  functionName: string;
  queueArn: string;
  batchSize: number;
  batchingWindow: number;
  maximumConcurrency?: number;
  /** `ReportBatchItemFailures`, or nothing. */
  responseTypes: string[];
  enabled: boolean;
  /** What a change in progress makes of it: `Creating`, `Updating`, `Deleting`; until `settlesAt`. */
  change?: string;
  settlesAt: number;
  modified: Date;
  tags: Map<string, string>;
}
