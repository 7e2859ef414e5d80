/** Where moto's Lambda differs from AWS's. */
import type { Exception } from './index.js';

const api = 'https://docs.aws.amazon.com/lambda/latest/api/';
const guide = 'https://docs.aws.amazon.com/lambda/latest/dg/';

const whole = ['lambda:CreateFunction', 'lambda:UpdateFunctionConfiguration', 'lambda:UpdateFunctionCode'];
const shown = [...whole, 'lambda:GetFunction', 'lambda:GetFunctionConfiguration', 'lambda:ListVersionsByFunction, one'];
const updates = ['lambda:UpdateFunctionConfiguration', 'lambda:UpdateFunctionCode, another architecture'];
const configuration = `${api}API_FunctionConfiguration.html`;

const refused: Array<[place: string, moto: string, here: string, aws: string, page: string]> = [
  [
    'lambda:CreateFunction, code that is no zip',
    '201',
    '400 InvalidParameterValueException',
    'InvalidParameterValueException: one of the parameters in the request is not valid',
    `${api}API_CreateFunction.html`,
  ],
  [
    'lambda:CreateFunction, a timeout Lambda does not have',
    '201',
    '400 ValidationException',
    'the maximum allowed value is 900 seconds',
    `${api}API_CreateFunction.html`,
  ],
  ...['UpdateFunctionConfiguration', 'UpdateFunctionCode'].map(
    (operation): [string, string, string, string, string] => [
      `lambda:${operation}, a stale revision`,
      '200',
      '412 PreconditionFailedException',
      'the RevisionId provided does not match the latest RevisionId',
      `${api}API_${operation}.html`,
    ],
  ),
  [
    'lambda:AddPermission, a statement id that is there',
    '200',
    '409 ResourceConflictException',
    'ResourceConflictException: the resource already exists; a statement id differentiates statements in the same policy',
    `${api}API_AddPermission.html`,
  ],
  [
    'lambda:AddPermission, a principal that is none',
    '200',
    '400 InvalidParameterValueException',
    'the service, AWS account, IAM user or IAM role that invokes the function',
    `${api}API_AddPermission.html`,
  ],
  [
    'lambda:PutFunctionConcurrency, more than the account has',
    '200',
    '400 InvalidParameterValueException',
    'up to the Unreserved account concurrency value minus 100',
    `${guide}configuration-concurrency.html`,
  ],
  [
    'lambda:UpdateFunctionEventInvokeConfig, one of two',
    '200 TypeError',
    '200',
    "LastModified is a timestamp; moto's is none the SDK can read",
    `${api}API_UpdateFunctionEventInvokeConfig.html`,
  ],
  [
    'lambda:UpdateFunctionEventInvokeConfig, none yet',
    '200 TypeError',
    '404 ResourceNotFoundException',
    'ResourceNotFoundException: the resource specified in the request does not exist',
    `${api}API_UpdateFunctionEventInvokeConfig.html`,
  ],
];

export const lambdaExceptions: Exception[] = [
  ...refused.map(([place, moto, here, aws, page]) => ({ in: [place], path: 'answer', moto, here, aws, page })),
  {
    in: shown,
    path: 'RevisionId',
    moto: 'absent',
    here: '"a string"',
    aws: 'the latest updated revision of the function or alias',
    page: configuration,
  },
  {
    in: shown,
    path: 'Layers',
    moto: '[]',
    here: 'absent',
    aws: "the function's layers: the sample answers of functions without one have none",
    page: `${api}API_GetFunction.html`,
  },
  {
    in: shown,
    path: 'LoggingConfig',
    moto: 'absent',
    here: 'an object',
    aws: "the function's Amazon CloudWatch Logs configuration settings",
    page: configuration,
  },
  {
    in: ['lambda:CreateFunction'],
    path: 'State',
    moto: '"Active"',
    here: '"Pending"',
    aws: 'when you create a function, Lambda sets its state to Pending',
    page: `${guide}functions-states.html`,
  },
  ...Object.entries({ StateReason: '"a string"', StateReasonCode: '"Creating"' }).map(([path, here]) => ({
    in: ['lambda:CreateFunction'],
    path,
    moto: 'absent',
    here,
    aws: "the reason for the function's current state",
    page: configuration,
  })),
  {
    in: updates,
    path: 'LastUpdateStatus',
    moto: '"Successful"',
    here: '"InProgress"',
    aws: 'during an update, LastUpdateStatus is InProgress',
    page: `${guide}functions-states.html`,
  },
  ...Object.entries({ LastUpdateStatusReason: '"a string"', LastUpdateStatusReasonCode: '"Creating"' }).map(
    ([path, here]) => ({
      in: updates,
      path,
      moto: 'absent',
      here,
      aws: 'the reason for the last update that was performed on the function',
      page: configuration,
    }),
  ),
  {
    in: ['lambda:UpdateFunctionCode, another architecture', 'lambda:GetFunction, with a reserved concurrency'],
    path: 'Architectures[]',
    moto: '"arm64"',
    here: '"x86_64"',
    aws: 'Architectures: the instruction set architecture that the function supports',
    page: `${api}API_UpdateFunctionCode.html`,
  },
  {
    in: ['lambda:AddPermission'],
    path: 'answer',
    moto: '200',
    here: '201',
    aws: 'if the action is successful, the service sends back an HTTP 201 response',
    page: `${api}API_AddPermission.html`,
  },
  {
    in: ['lambda:TagResource'],
    path: 'answer',
    moto: '200',
    here: '204',
    aws: 'if the action is successful, the service sends back an HTTP 204 response with an empty HTTP body',
    page: `${api}API_TagResource.html`,
  },
  ...['PutFunctionEventInvokeConfig', 'GetFunctionEventInvokeConfig'].flatMap((operation) => [
    {
      in: [`lambda:${operation}`],
      path: 'DestinationConfig',
      moto: 'absent',
      here: 'an object',
      aws: 'a destination for events after they have been sent to a function for processing',
      page: `${api}API_${operation}.html`,
    },
    {
      in: [`lambda:${operation}`],
      path: 'FunctionArn',
      moto: '"arn:aws:lambda:us-east-1:123456789012:function:conformance"',
      here: '"arn:aws:lambda:us-east-1:123456789012:function:conformance:$LATEST"',
      aws: 'a version, $LATEST where none was named, is part of the ARN in the sample answers',
      page: `${guide}invocation-async-configuring.html`,
    },
  ]),
  {
    in: ['lambda:Invoke, a dry run'],
    path: 'FunctionError',
    moto: '"Handled"',
    here: 'absent',
    aws: 'if present, indicates that an error occurred during function execution',
    page: `${api}API_Invoke.html`,
  },
  ...Object.entries({ State: '"Active"', LastUpdateStatus: '"Successful"' }).map(([path, moto]) => ({
    in: ['lambda:ListVersionsByFunction, one'],
    path,
    moto,
    here: 'absent',
    aws: 'lists return a subset of the fields: State and LastUpdateStatus only by GetFunction',
    page: `${api}API_ListFunctions.html`,
  })),
  {
    in: ['lambda:ListVersionsByFunction, no function'],
    path: 'answer',
    moto: '200',
    here: '404 ResourceNotFoundException',
    aws: 'ResourceNotFoundException: the resource specified in the request does not exist',
    page: `${api}API_ListVersionsByFunction.html`,
  },
];
