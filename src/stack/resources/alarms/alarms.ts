/**
 * The alarms that tell an SNS topic when mail is late, and when it is not any more. The topic is the operator's.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { explain, firstFailure, ifExists, isDenied } from '../../../aws/errors.js';
import type { Write } from '../../../aws/writes.js';
import { attention, type Entry, unchanged } from '../../../reconcile/plan.js';
import type { Resource } from '../../resource.js';
import { type ReadScope, type Scope, stackTags } from '../../scope.js';
import { isManaged, missingTags, tagDifferences, tagList, tagRecord } from '../../tags.js';
import { type TargetsView, usesRetryQueue } from '../retry/names.js';
import { alarmDifferences, desiredAlarm, lostRecipients } from './compare.js';
import { alarmArn, alarmNames, definitionsOf, monthlyPrice } from './definitions.js';

export interface ExistingAlarm {
  alarm: MetricAlarm;
  tags: Record<string, string>;
}

/** By name; or why they are not known. */
export type AlarmsState = { found: Record<string, ExistingAlarm> } | { unknown: string };

/** What their plan depends on. */
interface AlarmsView {
  alarms: AlarmsState;
  rule: TargetsView;
}

const kind = 'alarm';

export const alarms: Resource<AlarmsState, AlarmsView> = {
  async read(scope) {
    try {
      return { found: await readAll(scope) };
    } catch (error) {
      // Alarms that were not asked for must not keep anybody from deploying.
      const { signal, settings } = scope;
      if (signal.aborted || (settings.alarmTopic !== undefined && !isDenied(error))) throw error;
      return { unknown: explain(error, settings.endpointUrl) };
    }
  },

  deploy({ alarms: have, rule }, scope) {
    const { names, settings } = scope;
    const { alarmTopic: topic } = settings;
    if ('unknown' in have) return topic === undefined ? [] : [blocked(scope, `they can't be read: ${have.unknown}`)];
    const retries = usesRetryQueue(rule, scope);
    const definitions = definitionsOf(names, retries);
    if (topic === undefined)
      return Object.keys(have.found).map((name) =>
        unchanged(kind, name, 'kept, and neither checked nor changed without --alarm-topic'),
      );
    const fault = topicFault(topic, scope);
    if (fault !== undefined) return [blocked(scope, fault)];
    const entries = definitions.map((definition) => {
      const want = desiredAlarm(definition, topic);
      return entryOf(have.found[definition.AlarmName], want, scope);
    });
    const obsolete = Object.entries(have.found).filter(
      ([name, { tags }]) => isManaged(tags) && !definitions.some(({ AlarmName }) => AlarmName === name),
    );
    return [...entries, ...obsolete.map(([name]) => removal(name)), ...notes(entries, topic, scope)];
  },

  teardown({ alarms: have }, { names }) {
    if ('unknown' in have)
      return [
        attention('alarms', names.functionName, `if there are any, they are kept: they can't be read: ${have.unknown}`),
      ];
    return Object.entries(have.found).map(([name, { tags }]) =>
      isManaged(tags) ? removal(name) : attention(kind, name, 'left alone: it does not carry our tag'),
    );
  },

  permissions(stack) {
    const own = alarmNames(stack.names).map((name) => alarmArn(name, stack));
    const deploy = ['cloudwatch:PutMetricAlarm', 'cloudwatch:TagResource', 'cloudwatch:DeleteAlarms'];
    return [
      // Authorized on all alarms, whatever names are asked for.
      { for: 'read', actions: ['cloudwatch:DescribeAlarms'], resources: [alarmArn('*', stack)] },
      { for: 'read', actions: ['cloudwatch:ListTagsForResource'], resources: own },
      ...(stack.settings.alarmTopic === undefined ? [] : [{ for: 'deploy' as const, actions: deploy, resources: own }]),
      { for: 'teardown', actions: ['cloudwatch:DeleteAlarms'], resources: own },
    ];
  },
};

async function readAll(scope: ReadScope): Promise<Record<string, ExistingAlarm>> {
  const client = scope.aws.client(CloudWatchClient);
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: alarmNames(scope.names) }));
  const found = await firstFailure(
    MetricAlarms.map(async (alarm) => {
      const { AlarmName = '', AlarmArn: ResourceARN } = alarm;
      const tagged = await ifExists(client.send(new ListTagsForResourceCommand({ ResourceARN })));
      return [AlarmName, tagged && { alarm, tags: tagRecord(tagged.Tags) }] as const;
    }),
  );
  // Without those that were deleted between the two responses.
  return Object.fromEntries(found.flatMap(([name, one]) => (one === undefined ? [] : [[name, one]])));
}

/** Why CloudWatch can't send to the topic: "Invalid region eu-west-1 specified. Only us-east-1 is supported." */
function topicFault(topic: string, { identity }: Scope): string | undefined {
  const [, partition, , region] = topic.split(':');
  if (partition === identity.partition && region === identity.region) return undefined;
  return `the topic ${topic} is not in the stack's region, ${identity.region} (${identity.partition}), the only one that CloudWatch sends to from here. Name a topic of that region with --alarm-topic; it may be another account's`;
}

function blocked({ names }: Scope, reason: string): Entry {
  return { ...attention('alarms', names.functionName, reason), blocks: true };
}

function entryOf(existing: ExistingAlarm | undefined, want: ReturnType<typeof desiredAlarm>, scope: Scope): Entry {
  const name = want.AlarmName;
  const changed = alarmDifferences(existing?.alarm, want);
  if (existing === undefined) {
    const input = { ...want, Tags: tagList(stackTags(scope.settings)) };
    return {
      resource: kind,
      name,
      action: 'create',
      differences: changed,
      writes: [{ call: 'cloudwatch:PutMetricAlarm', input }],
    };
  }
  const tags = missingTags(existing.tags, stackTags(scope.settings));
  const writes: Write[] = [];
  if (changed.length > 0) writes.push({ call: 'cloudwatch:PutMetricAlarm', input: want });
  if (Object.keys(tags).length > 0)
    writes.push({
      call: 'cloudwatch:TagResource',
      input: { ResourceARN: existing.alarm.AlarmArn, Tags: tagList(tags) },
    });
  if (writes.length === 0) return unchanged(kind, name);
  const left = lostRecipients(existing.alarm, want);
  return {
    resource: kind,
    name,
    action: isManaged(existing.tags) ? 'update' : 'adopt',
    differences: [...changed, ...tagDifferences(existing.tags, tags)],
    ...(left.length === 0 ? {} : { destroys: `stop telling ${left.join(', ')} about the alarm ${name}` }),
    writes,
  };
}

function removal(name: string): Entry {
  return {
    resource: kind,
    name,
    action: 'delete',
    differences: [],
    writes: [{ call: 'cloudwatch:DeleteAlarms', input: { AlarmNames: [name] } }],
  };
}

/** What the alarms cost, and what can't be known of the topic without permissions for SNS. */
function notes(entries: Entry[], topic: string, { names }: Scope): Entry[] {
  const notifies = entries.some(({ differences }) => differences.some(({ field }) => field.startsWith('on ')));
  if (!notifies) return [];
  const cost = `${entries.length} alarms, ${monthlyPrice.toFixed(2)} USD each a month`;
  const test = `aws cloudwatch set-alarm-state --alarm-name ${entries[0]?.name} --state-value ALARM --state-reason test`;
  return [
    attention(
      'alarms',
      names.functionName,
      `${cost}. Whether ${topic} exists, has subscribers and lets CloudWatch publish is not checked: that takes permissions for SNS. Test it with: ${test}`,
    ),
  ];
}
