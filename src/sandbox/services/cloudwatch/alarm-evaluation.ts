/**
 * The evaluation of alarms: once a minute, from the metrics of the account.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
import type { Alarm, AlarmSettings, AlarmStanding, AlarmStateValue } from '../../account/alarms.js';
import type { AccountState } from '../../account/state.js';
import { minute, type Statistics, together } from '../../metrics/metrics.js';
import { measureQueues } from '../../metrics/queues.js';
import { statistics } from './get-metric-data.js';
import { dimensionsOf } from './put-metric-data.js';

/** By ComparisonOperator. Those of anomaly detection are not emulated. */
export const comparisons: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** How far back evaluations are made up for: a test may move the clock by days. */
const longest = 24 * 60 * minute;

type State = Pick<AlarmStanding, 'value' | 'reason'>;

/** The actions of a state. */
const actionsOf = (settings: AlarmSettings): Record<AlarmStateValue, string[] | undefined> => ({
  OK: settings.OKActions,
  ALARM: settings.AlarmActions,
  INSUFFICIENT_DATA: settings.InsufficientDataActions,
});

/** Sets an alarm's state, and invokes its actions if the value is another one. */
export function changeState(state: AccountState, alarm: Alarm, to: State & { reasonData?: string }, at: number): void {
  const { standing, settings } = alarm;
  const { value: from } = standing;
  const updated = new Date(at);
  alarm.standing = { ...to, updated, transitioned: from === to.value ? standing.transitioned : updated };
  if (from === to.value || settings.ActionsEnabled === false) return;
  for (const action of actionsOf(settings)[to.value] ?? [])
    state.cloudwatch.alarmActions.push({ alarm: settings.AlarmName, action, from, to: to.value, at: updated });
}

/** The values of the evaluated periods, the latest first; undefined where there are no data. */
function valuesAt({ Period, Statistic, EvaluationPeriods }: AlarmSettings, data: Map<number, Statistics>, at: number) {
  // The minute under way is evaluated when it is complete, so that nothing in it is missed.
  const end = Math.floor(at / minute) * minute;
  return Array.from({ length: EvaluationPeriods }, (_, index) => {
    const start = end - (index + 1) * Period * 1000;
    const parts = Array.from({ length: Period / 60 }, (_, part) => data.get(start + part * minute));
    const known = parts.filter((part) => part !== undefined);
    return known.length === 0 ? undefined : statistics[Statistic]?.(known.reduce(together));
  });
}

/** The state that values mean; undefined: it stays what it is. */
function stateFrom(settings: AlarmSettings, values: Array<number | undefined>): State | undefined {
  const { TreatMissingData = 'missing', ComparisonOperator, Threshold } = settings;
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = settings;
  const known = values.filter((value) => value !== undefined);
  const breaching = known.filter((value) => comparisons[ComparisonOperator]?.(value, Threshold)).length;
  const missing = values.length - known.length;
  const counted = breaching + (TreatMissingData === 'breaching' ? missing : 0);
  const told = `${counted} out of the last ${EvaluationPeriods} datapoints were breaching the threshold (${Threshold})`;
  if (counted >= DatapointsToAlarm) return { value: 'ALARM', reason: `Threshold Crossed: ${told}.` };
  if (known.length > 0 || TreatMissingData === 'notBreaching' || TreatMissingData === 'breaching')
    return { value: 'OK', reason: `Threshold Crossed: ${told}, fewer than ${DatapointsToAlarm}.` };
  return TreatMissingData === 'ignore'
    ? undefined
    : { value: 'INSUFFICIENT_DATA', reason: `Insufficient Data: ${EvaluationPeriods} datapoints were unknown.` };
}

function evaluate(state: AccountState, alarm: Alarm): void {
  const { settings } = alarm;
  const now = state.now();
  const first = Math.max(alarm.evaluatedAt, now - longest) + minute;
  if (first > now) return;
  const metric = {
    namespace: settings.Namespace,
    name: settings.MetricName,
    dimensions: dimensionsOf(settings.Dimensions),
  };
  const range = settings.EvaluationPeriods * settings.Period * 1000;
  const data = new Map(state.metrics.between(metric, first - range - minute, now));
  for (let at = first; at <= now; at += minute) {
    const next = stateFrom(settings, valuesAt(settings, data, at));
    if (next !== undefined && next.value !== alarm.standing.value) changeState(state, alarm, next, at);
    alarm.evaluatedAt = at;
  }
}

/** Makes the evaluations that are due. */
export function evaluateAlarms(state: AccountState): void {
  measureQueues(state);
  for (const alarm of state.cloudwatch.alarms.values()) evaluate(state, alarm);
}
