/** Where moto's SQS, and its event source mappings of queues, differ from AWS's. */
import type { Exception } from './index.js';

const sqs = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/';
const lambda = 'https://docs.aws.amazon.com/lambda/latest/api/';

export const sqsExceptions: Exception[] = [
  {
    in: ['sqs:CreateQueue, an attribute SQS does not have'],
    path: 'answer',
    moto: '200',
    here: '400 InvalidAttributeName',
    aws: "InvalidAttributeName: the specified attribute doesn't exist",
    page: `${sqs}API_CreateQueue.html`,
  },
  {
    in: ['sqs:SetQueueAttributes, out of range'],
    path: 'answer',
    moto: '200',
    here: '400 InvalidAttributeValue',
    aws: 'MaximumMessageSize: an integer from 1,024 bytes',
    page: `${sqs}API_SetQueueAttributes.html`,
  },
  ...[
    { path: 'NextToken', moto: 'absent', here: '"a string"' },
    { path: 'QueueUrls', moto: '["a string","a string"]', here: '["a string"]' },
  ].map((difference) => ({
    in: ['sqs:ListQueues, a page'],
    ...difference,
    aws: 'MaxResults: maximum number of results to include in the response',
    page: `${sqs}API_ListQueues.html`,
  })),
  {
    in: ['sqs:SendMessage, empty'],
    path: 'answer',
    moto: '200',
    here: '400 InvalidParameterValue',
    aws: 'the minimum size is one character',
    page: `${sqs}API_SendMessage.html`,
  },
  {
    in: ['lambda:CreateEventSourceMapping, with everything'],
    path: 'answer',
    moto: '201',
    here: '202',
    aws: 'if the action is successful, the service sends back an HTTP 202 response',
    page: `${lambda}API_CreateEventSourceMapping.html`,
  },
  {
    in: ['lambda:CreateEventSourceMapping, no queue'],
    path: 'answer',
    moto: '400 ResourceNotFoundException',
    here: '400 InvalidParameterValueException',
    aws: 'InvalidParameterValueException: one of the parameters in the request is not valid',
    page: `${lambda}API_CreateEventSourceMapping.html`,
  },
  {
    in: ['lambda:CreateEventSourceMapping, too large a batch'],
    path: 'answer',
    moto: '500 SyntaxError',
    here: '400 InvalidParameterValueException',
    aws: 'BatchSize: maximum value of 10000',
    page: `${lambda}API_CreateEventSourceMapping.html`,
  },
  {
    in: [
      'lambda:GetEventSourceMapping, there',
      'lambda:ListEventSourceMappings, of a function',
      'lambda:UpdateEventSourceMapping, the size of a batch',
      'lambda:DeleteEventSourceMapping, there',
    ],
    path: 'MaximumBatchingWindowInSeconds',
    moto: 'absent',
    here: '0',
    aws: 'default: 0',
    page: `${lambda}API_EventSourceMappingConfiguration.html`,
  },
  {
    in: ['lambda:UpdateEventSourceMapping, the size of a batch'],
    path: 'State',
    moto: '"Disabled"',
    here: '"Updating"',
    aws: 'the state is Creating, Enabling, Enabled, Disabling, Disabled, Updating or Deleting',
    page: `${lambda}API_EventSourceMappingConfiguration.html`,
  },
  ...['Update', 'Delete'].map((verb) => ({
    in: [`lambda:${verb}EventSourceMapping, not there`],
    path: 'answer',
    moto: '200',
    here: '404 ResourceNotFoundException',
    aws: 'ResourceNotFoundException: the resource specified in the request does not exist',
    page: `${lambda}API_${verb}EventSourceMapping.html`,
  })),
  ...['Put', 'Get'].flatMap((verb) => [
    {
      in: [`lambda:${verb}FunctionEventInvokeConfig, a queue`],
      path: 'DestinationConfig.OnSuccess',
      moto: 'absent',
      here: '{}',
      aws: 'a destination for events after they have been sent to a function for processing',
      page: `${lambda}API_${verb}FunctionEventInvokeConfig.html`,
    },
    {
      in: [`lambda:${verb}FunctionEventInvokeConfig, a queue`],
      path: 'FunctionArn',
      moto: '"arn:aws:lambda:us-east-1:123456789012:function:plain"',
      here: '"arn:aws:lambda:us-east-1:123456789012:function:plain:$LATEST"',
      aws: 'a version, $LATEST where none was named, is part of the ARN in the sample answers',
      page: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html',
    },
  ]),
];
