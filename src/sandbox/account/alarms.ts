/**
 * CloudWatch's alarms.
 */
export type AlarmStateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** How an alarm stands. */
export interface AlarmStanding {
  value: AlarmStateValue;
  reason: string;
  /** JSON. */
  reasonData?: string;
  /** When the state was last set, or its reason changed. */
  updated: Date;
  /** When it last went from one value to another. */
  transitioned: Date;
}

/** The members of an alarm that are returned as they were put. */
export interface AlarmSettings {
  AlarmName: string;
  AlarmDescription?: string;
  ActionsEnabled?: boolean;
  OKActions?: string[];
  AlarmActions?: string[];
  InsufficientDataActions?: string[];
  MetricName: string;
  Namespace: string;
  Statistic: string;
  Dimensions?: Array<{ Name: string; Value: string }>;
  /** Seconds. */
  Period: number;
  EvaluationPeriods: number;
  DatapointsToAlarm?: number;
  Threshold: number;
  ComparisonOperator: string;
  TreatMissingData?: string;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html */
export interface Alarm {
  arn: string;
  settings: AlarmSettings;
  /** When the settings were last put. */
  modified: Date;
  standing: AlarmStanding;
  /** When it was last evaluated; milliseconds since 1970. */
  evaluatedAt: number;
  tags: Map<string, string>;
}

/** An action that a change of an alarm's state invoked: what SNS, which is not emulated, would have received. */
export interface AlarmAction {
  alarm: string;
  /** The ARN of a topic. */
  action: string;
  from: AlarmStateValue;
  to: AlarmStateValue;
  at: Date;
}

export interface CloudWatchState {
  /** By name. */
  alarms: Map<string, Alarm>;
  /** In the order in which they were invoked. */
  alarmActions: AlarmAction[];
}
