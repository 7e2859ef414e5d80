/**
 * CloudWatch: PutMetricAlarm, DescribeAlarms, DeleteAlarms and SetAlarmState, for alarms on one metric.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
import type { Alarm, AlarmSettings, AlarmStateValue } from '../../account/alarms.js';
import type { AccountState } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation } from '../../operation.js';
import { tokenPage } from '../pagination.js';
import { changeState, comparisons, evaluateAlarms } from './alarm-evaluation.js';
import { statistics } from './get-metric-data.js';

const validation = (message: string): AwsRefusal => new AwsRefusal('ValidationError', message);

export const alarmArn = (state: AccountState, name: string): string =>
  `arn:${state.partition}:cloudwatch:${state.region}:${state.account}:alarm:${name}`;

const stateValues = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
const missingData = ['breaching', 'notBreaching', 'ignore', 'missing'];

type PutMetricAlarmInput = AlarmSettings & { Tags?: Array<{ Key: string; Value: string }> };

/** Of alarms on several metrics, on percentiles, on anomalies and on queries. */
const notEmulated = [
  ...['Metrics', 'ThresholdMetricId', 'ExtendedStatistic', 'EvaluateLowSampleCountPercentile', 'Unit'],
  ...['EvaluationCriteria', 'EvaluationInterval'],
];

/** @throws {AwsRefusal} ValidationError for what AWS rejects and for what is not emulated */
function checkSettings(state: AccountState, input: PutMetricAlarmInput): void {
  const beyond = Object.keys(input).filter((member) => notEmulated.includes(member));
  if (beyond.length > 0) throw validation(`The embedded AWS does not support ${beyond.join(', ')} of an alarm.`);
  const { Statistic, ComparisonOperator, TreatMissingData = 'missing', Period, EvaluationPeriods } = input;
  const { DatapointsToAlarm = EvaluationPeriods, MetricName, Namespace, Threshold } = input;
  const required = { MetricName, Namespace, Statistic, Period, EvaluationPeriods, ComparisonOperator, Threshold };
  const absent = Object.entries(required).filter(([, value]) => value === undefined);
  if (absent.length > 0) throw validation(`The parameter ${absent[0]?.[0]} is required.`);
  if (!Object.hasOwn(statistics, Statistic))
    throw validation(`The value ${Statistic} for parameter Statistic is invalid.`);
  if (!Object.hasOwn(comparisons, ComparisonOperator))
    throw validation(`The embedded AWS does not support the ComparisonOperator ${ComparisonOperator}.`);
  if (!missingData.includes(TreatMissingData))
    throw validation(`Option ${TreatMissingData} is not supported. Supported options are ${missingData.join(', ')}.`);
  if (!(Period > 0 && Period % 60 === 0)) throw validation('Period must be 10, 30, or a multiple of 60');
  if (EvaluationPeriods * Period > 7 * 86_400)
    throw validation(
      'Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).',
    );
  if (DatapointsToAlarm > EvaluationPeriods)
    throw validation('The value of DatapointsToAlarm must not be greater than EvaluationPeriods.');
  checkActions(state, input);
}

/** SNS topics only; their region must be the alarm's. @throws {AwsRefusal} ValidationError */
function checkActions(state: AccountState, input: AlarmSettings): void {
  const { OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = input;
  for (const action of [...OKActions, ...AlarmActions, ...InsufficientDataActions]) {
    const [arn, , service, region] = action.split(':');
    if (arn !== 'arn' || service !== 'sns') throw validation(`Invalid arn syntax: ${action}`);
    if (region !== state.region)
      throw validation(`Invalid region ${region} specified. Only ${state.region} is supported.`);
  }
}

const alarmAccess =
  (...actions: string[]) =>
  (state: AccountState, name: string): Access[] =>
    actions.map((action) => ({ action: `cloudwatch:${action}`, resource: alarmArn(state, name) }));

const putMetricAlarm: Operation<PutMetricAlarmInput> = {
  service: 'cloudwatch',
  name: 'PutMetricAlarm',
  mutates: true,
  access: ({ input, state }) =>
    alarmAccess('PutMetricAlarm', ...(input.Tags?.length ? ['TagResource'] : []))(state, input.AlarmName),
  run({ input, state }) {
    checkSettings(state, input);
    evaluateAlarms(state);
    const { Tags = [], ...settings } = input;
    const now = state.now();
    const modified = new Date(now);
    const existing = state.cloudwatch.alarms.get(settings.AlarmName);
    // "When you update an existing alarm, its state is left unchanged", and tags are ignored.
    if (existing !== undefined) {
      Object.assign(existing, { settings, modified });
      return;
    }
    state.cloudwatch.alarms.set(settings.AlarmName, {
      arn: alarmArn(state, settings.AlarmName),
      settings,
      modified,
      standing: {
        value: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        updated: modified,
        transitioned: modified,
      },
      evaluatedAt: now,
      tags: new Map(Tags.map(({ Key, Value }) => [Key, Value])),
    });
  },
};

function describe({ arn, settings, modified, standing }: Alarm) {
  const { ActionsEnabled = true, OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = settings;
  return {
    ...settings,
    AlarmArn: arn,
    AlarmConfigurationUpdatedTimestamp: modified,
    ActionsEnabled,
    OKActions,
    AlarmActions,
    InsufficientDataActions,
    Dimensions: settings.Dimensions ?? [],
    StateValue: standing.value,
    StateReason: standing.reason,
    StateReasonData: standing.reasonData,
    StateUpdatedTimestamp: standing.updated,
    StateTransitionedTimestamp: standing.transitioned,
  };
}

interface DescribeAlarmsInput {
  AlarmNames?: string[];
  AlarmNamePrefix?: string;
  AlarmTypes?: string[];
  StateValue?: string;
  ActionPrefix?: string;
  MaxRecords?: number;
  NextToken?: string;
}

const describeAlarms: Operation<DescribeAlarmsInput> = {
  service: 'cloudwatch',
  name: 'DescribeAlarms',
  mutates: false,
  // Whatever names it is given: https://github.com/aws-samples/amazon-cloudwatch-auto-alarms/issues/1
  access: ({ state }) => [{ action: 'cloudwatch:DescribeAlarms', resource: alarmArn(state, '*') }],
  run({ input, state }) {
    evaluateAlarms(state);
    const { AlarmNames: names, AlarmNamePrefix: prefix = '', AlarmTypes: types = ['MetricAlarm'] } = input;
    if (names !== undefined && input.AlarmNamePrefix !== undefined)
      throw validation('AlarmNames and AlarmNamePrefix cannot be specified together.');
    const found = [...state.cloudwatch.alarms.values()]
      .filter(({ settings }) => names === undefined || names.includes(settings.AlarmName))
      .filter(({ settings }) => settings.AlarmName.startsWith(prefix))
      .filter(({ settings }) => {
        const { ActionPrefix = '' } = input;
        return ActionPrefix === '' || settings.AlarmActions?.some((action) => action.startsWith(ActionPrefix));
      })
      .filter(({ standing }) => input.StateValue === undefined || input.StateValue === standing.value)
      .filter(() => types.includes('MetricAlarm'))
      .sort((a, b) => (a.settings.AlarmName < b.settings.AlarmName ? -1 : 1));
    const { items, token } = tokenPage(found, input.NextToken, input.MaxRecords ?? 50, 'InvalidNextToken');
    return { MetricAlarms: items.map(describe), CompositeAlarms: [], NextToken: token };
  },
};

const deleteAlarms: Operation<{ AlarmNames: string[] }> = {
  service: 'cloudwatch',
  name: 'DeleteAlarms',
  mutates: true,
  access: ({ input, state }) => input.AlarmNames.flatMap((name) => alarmAccess('DeleteAlarms')(state, name)),
  run({ input, state }) {
    // "If you specify any incorrect alarm names, the alarms you specify with correct names are still deleted."
    for (const name of input.AlarmNames) state.cloudwatch.alarms.delete(name);
  },
};

interface SetAlarmStateInput {
  AlarmName: string;
  StateValue: AlarmStateValue;
  StateReason: string;
  StateReasonData?: string;
}

/** @throws {AwsRefusal} InvalidFormat */
function checkJson(text: string | undefined): void {
  try {
    if (text !== undefined) JSON.parse(text);
  } catch {
    throw new AwsRefusal('InvalidFormatFault', 'StateReasonData is not JSON.');
  }
}

const setAlarmState: Operation<SetAlarmStateInput> = {
  service: 'cloudwatch',
  name: 'SetAlarmState',
  mutates: true,
  access: ({ input, state }) => alarmAccess('SetAlarmState')(state, input.AlarmName),
  run({ input, state }) {
    const { AlarmName, StateValue: value, StateReason: reason, StateReasonData: reasonData } = input;
    checkJson(reasonData);
    evaluateAlarms(state);
    const alarm = state.cloudwatch.alarms.get(AlarmName);
    if (alarm === undefined) throw new AwsRefusal('ResourceNotFound', `Alarm ${AlarmName} does not exist`, 404);
    if (!stateValues.includes(value))
      throw validation(
        `1 validation error detected: Value '${value}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]`,
      );
    changeState(state, alarm, { value, reason, ...(reasonData !== undefined && { reasonData }) }, state.now());
    // Until the next evaluation.
    alarm.evaluatedAt = state.now();
  },
};

export const alarmOperations: Operation[] = [putMetricAlarm, describeAlarms, deleteAlarms, setAlarmState];
