/**
 * S3: a bucket's notification configuration.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */

import { randomUUID } from 'node:crypto';
import { Event, type FilterRule, type NotificationConfigurationFilter } from '@aws-sdk/client-s3';
import { decide } from '../../../access/authorize.js';
import { serviceCaller } from '../../../access/callers.js';
import type { Bucket } from '../../../account/state.js';
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { type XmlValue, xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { bucketAccess, bucketArn, findBucket, type S3Call, xmlAnswer } from '../common.js';

function invalid(message: string, fields: Record<string, string> = {}): AwsRefusal {
  return new AwsRefusal('InvalidArgument', message, 400, fields);
}

function isEvent(name: string): name is Event {
  return Object.values<string>(Event).includes(name);
}

function readEvent(name: XmlValue): Event {
  if (typeof name === 'string' && isEvent(name)) return name;
  throw invalid('The event is not supported for notifications');
}

/** S3 accepts a rule's name in any case. */
function readRule(rule: XmlValue): FilterRule {
  const Name = xmlText(rule, 'Name')?.toLowerCase();
  if (Name === 'prefix' || Name === 'suffix') return { Name, Value: String(xmlText(rule, 'Value')) };
  throw invalid('filter rule name must be either prefix or suffix');
}

interface CommonSettings {
  Id: string;
  Events: Event[];
  Filter?: NotificationConfigurationFilter;
}

/** Common to the configurations of all kinds of destination. S3 generates a missing Id. */
function readCommon(configuration: XmlValue): CommonSettings {
  const [filter] = xmlList(configuration, 'Filter');
  return {
    Id: xmlText(configuration, 'Id') ?? randomUUID(),
    Events: xmlList(configuration, 'Event').map(readEvent),
    Filter:
      filter === undefined
        ? undefined
        : { Key: { FilterRules: xmlList(xmlList(filter, 'S3Key')[0], 'FilterRule').map(readRule) } },
  };
}

/** A list, omitted if empty, as S3 does. */
function nonEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function readConfiguration(body: Buffer): Bucket['notification'] {
  const root = xmlBody(body, 'NotificationConfiguration');
  const arn = (configuration: XmlValue, element: string) => String(xmlText(configuration, element));
  return {
    TopicConfigurations: nonEmpty(
      xmlList(root, 'TopicConfiguration').map((each) => ({ ...readCommon(each), TopicArn: arn(each, 'Topic') })),
    ),
    QueueConfigurations: nonEmpty(
      xmlList(root, 'QueueConfiguration').map((each) => ({ ...readCommon(each), QueueArn: arn(each, 'Queue') })),
    ),
    LambdaFunctionConfigurations: nonEmpty(
      xmlList(root, 'CloudFunctionConfiguration').map((each) => {
        return { ...readCommon(each), LambdaFunctionArn: arn(each, 'CloudFunction') };
      }),
    ),
    EventBridgeConfiguration: xmlList(root, 'EventBridgeConfiguration').length > 0 ? {} : undefined,
  };
}

/** As XML. S3 answers with `Prefix` and `Suffix`, however the rules were written. https://github.com/aws/aws-sdk/issues/389 */
function writeCommon({
  Id,
  Events,
  Filter,
}: {
  Id?: string;
  Events?: Event[];
  Filter?: NotificationConfigurationFilter;
}) {
  const FilterRule = Filter?.Key?.FilterRules?.map(({ Name, Value }) => {
    return { Name: Name === 'prefix' ? 'Prefix' : 'Suffix', Value };
  });
  return { Id, Event: Events, Filter: FilterRule && { S3Key: { FilterRule } } };
}

function writeConfiguration(configuration: Bucket['notification']) {
  return {
    TopicConfiguration: configuration.TopicConfigurations?.map((each) => ({
      ...writeCommon(each),
      Topic: each.TopicArn,
    })),
    QueueConfiguration: configuration.QueueConfigurations?.map((each) => ({
      ...writeCommon(each),
      Queue: each.QueueArn,
    })),
    CloudFunctionConfiguration: configuration.LambdaFunctionConfigurations?.map((each) => {
      return { ...writeCommon(each), CloudFunction: each.LambdaFunctionArn };
    }),
    EventBridgeConfiguration: configuration.EventBridgeConfiguration,
  };
}

/**
 * Every destination must exist and accept messages from S3. There is no SNS and no SQS here: a topic or a queue is always missing.
 * @throws {AwsRefusal} InvalidArgument
 */
function validateDestinations(
  { state, sourceIp }: S3Call,
  bucket: Bucket,
  configuration: Bucket['notification'],
): void {
  const context = { 'aws:SourceArn': bucketArn(state, bucket.name), 'aws:SourceAccount': bucket.owner };
  const functions = (configuration.LambdaFunctionConfigurations ?? []).map(({ LambdaFunctionArn }) =>
    String(LambdaFunctionArn),
  );
  const refused = functions.filter((resource) => {
    const access = { action: 'lambda:InvokeFunction', resource, context };
    return !decide(state, serviceCaller('s3.amazonaws.com'), access, sourceIp).allowed;
  });
  const absent = [
    ...(configuration.TopicConfigurations ?? []).map(({ TopicArn }) => String(TopicArn)),
    ...(configuration.QueueConfigurations ?? []).map(({ QueueArn }) => String(QueueArn)),
  ];
  const [destination] = [...refused, ...absent];
  if (destination === undefined) return;
  throw invalid('Unable to validate the following destination configurations', {
    ArgumentName1: destination,
    ArgumentValue1: 'Not authorized to invoke function, or the destination does not exist',
  });
}

const putBucketNotificationConfiguration: Operation<S3Request> = {
  service: 's3',
  name: 'PutBucketNotificationConfiguration',
  mutates: true,
  route: { method: 'PUT', path: '/{Bucket}', subresource: 'notification' },
  access: bucketAccess('s3:PutBucketNotification'),
  run(call) {
    const bucket = findBucket(call);
    const configuration = readConfiguration(call.input.body);
    if (call.input.headers['x-amz-skip-destination-validation'] !== 'true')
      validateDestinations(call, bucket, configuration);
    bucket.notification = configuration;
    const since = bucket.eventBridgeSince ?? new Date(call.state.now());
    bucket.eventBridgeSince = configuration.EventBridgeConfiguration && since;
  },
};

const getBucketNotificationConfiguration: Operation<S3Request> = {
  service: 's3',
  name: 'GetBucketNotificationConfiguration',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}', subresource: 'notification' },
  access: bucketAccess('s3:GetBucketNotification'),
  run: (call) => xmlAnswer('NotificationConfiguration', writeConfiguration(findBucket(call).notification)),
};

export const bucketNotificationOperations: Operation[] = [
  putBucketNotificationConfiguration,
  getBucketNotificationConfiguration,
];
