/**
 * An alarm as a plan shows it, and what differs in it. Pure.
 */
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { type Difference, differences } from '../../../reconcile/plan.js';
import type { AlarmDefinition } from './definitions.js';

/** An alarm with the topic that it tells of its state. */
export interface DesiredAlarm extends AlarmDefinition {
  ActionsEnabled: true;
  AlarmActions: string[];
  OKActions: string[];
}

export function desiredAlarm(definition: AlarmDefinition, topic: string): DesiredAlarm {
  return { ...definition, ActionsEnabled: true, AlarmActions: [topic], OKActions: [topic] };
}

const signs: Record<string, string> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
};

function metricOf({ Namespace, MetricName, Dimensions = [], Statistic, ExtendedStatistic, Unit }: MetricAlarm): string {
  if (MetricName === undefined) return 'an expression';
  const by = Dimensions.map(({ Name, Value }) => `${Name} ${Value}`).sort();
  const unit = Unit === undefined ? '' : ` in ${Unit}`;
  return `${Statistic ?? ExtendedStatistic} of ${Namespace} ${MetricName}${unit} (${by.join(', ')})`;
}

function conditionOf(alarm: MetricAlarm): string {
  const { ComparisonOperator = '', Threshold, EvaluationPeriods = 0, DatapointsToAlarm, Period } = alarm;
  const some = DatapointsToAlarm ?? EvaluationPeriods;
  const sign = signs[ComparisonOperator] ?? ComparisonOperator;
  return `${sign} ${Threshold} in ${some} of ${EvaluationPeriods} periods of ${Period} s`;
}

function linesOf(alarm: MetricAlarm): Record<string, string | undefined> {
  const listed = (arns: string[] = []) => (arns.length === 0 ? undefined : arns.toSorted().join(', '));
  return {
    metric: metricOf(alarm),
    condition: conditionOf(alarm),
    'missing data': alarm.TreatMissingData ?? 'missing',
    notifications: alarm.ActionsEnabled === false ? 'disabled' : 'enabled',
    'on ALARM': listed(alarm.AlarmActions),
    'on OK': listed(alarm.OKActions),
    'on INSUFFICIENT_DATA': listed(alarm.InsufficientDataActions),
    description: alarm.AlarmDescription,
  };
}

/** What differs; everything, if there is no alarm. */
export function alarmDifferences(have: MetricAlarm | undefined, want: DesiredAlarm): Difference[] {
  return differences(have === undefined ? {} : linesOf(have), linesOf(want));
}

/** Whom the alarm tells now, and would not tell any more: ARNs. */
export function lostRecipients(
  { AlarmActions = [], OKActions = [], InsufficientDataActions = [] }: MetricAlarm,
  want: DesiredAlarm,
) {
  const now = new Set([...AlarmActions, ...OKActions, ...InsufficientDataActions]);
  return [...now].filter((arn) => !want.AlarmActions.includes(arn)).sort();
}
