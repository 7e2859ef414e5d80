/** Where moto's CloudWatch differs from AWS's. */
import type { Exception } from './index.js';

const api = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/';

const label = {
  path: 'MetricDataResults[].Label',
  aws: 'if Label is omitted, CloudWatch generates a default, without saying how: that of one metric is its name',
  page: `${api}API_MetricDataQuery.html`,
};

const alarmType = { page: `${api}API_MetricAlarm.html` };
const described = ['by names', 'by a prefix', 'by an action', 'one deleted'].map(
  (title) => `cloudwatch:DescribeAlarms, ${title}`,
);
const inAlarm = 'cloudwatch:DescribeAlarms, in ALARM';

const alarmExceptions: Exception[] = [
  {
    in: [...described, inAlarm],
    path: 'MetricAlarms[].Metrics',
    moto: '[]',
    here: 'absent',
    aws: 'an alarm has either Metrics or MetricName',
    ...alarmType,
  },
  {
    in: [...described, inAlarm],
    path: 'MetricAlarms[].StateTransitionedTimestamp',
    moto: 'absent',
    here: '"a date"',
    aws: 'when the value of the state was last another one',
    ...alarmType,
  },
  {
    in: described,
    path: 'MetricAlarms[].StateReasonData',
    moto: '"{}"',
    here: 'absent',
    aws: 'the reason as JSON, where there is one',
    ...alarmType,
  },
  {
    in: described,
    path: 'MetricAlarms[].StateValue',
    moto: '"OK"',
    here: '"INSUFFICIENT_DATA"',
    aws: 'when this operation creates an alarm, its state is immediately set to INSUFFICIENT_DATA',
    page: `${api}API_PutMetricAlarm.html`,
  },
];

export const cloudwatchExceptions: Exception[] = [
  ...alarmExceptions,
  {
    in: ["cloudwatch:PutMetricData, in AWS's name"],
    path: 'answer',
    moto: '200',
    here: '400 InvalidParameterValueException',
    aws: "you should not specify a namespace that begins with AWS/: these are AWS's own",
    page: `${api}API_PutMetricData.html`,
  },
  {
    in: [
      ...['by the minute', 'from the earliest', 'by ten minutes, every statistic', 'a list of values', 'none'],
      'with a label',
    ].map((title) => `cloudwatch:GetMetricData, ${title}`),
    path: 'Messages',
    moto: 'absent',
    here: '[]',
    aws: 'Messages is a member of the response, an array',
    page: `${api}API_GetMetricData.html`,
  },
  {
    in: ['cloudwatch:GetMetricData, by the minute', 'cloudwatch:GetMetricData, from the earliest'],
    moto: '"Routed Sum"',
    here: '"Routed"',
    ...label,
  },
  { in: ['cloudwatch:GetMetricData, a list of values'], moto: '"Skipped Sum"', here: '"Skipped"', ...label },
  { in: ['cloudwatch:GetMetricData, none'], moto: '"Failed Sum"', here: '"Failed"', ...label },
];
