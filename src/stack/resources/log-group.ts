/**
 * The function's log group. Created here, so that it has a retention and the role needs no permission to create it.
 */
import { DescribeLogGroupsCommand, ListTagsForResourceCommand } from '@aws-sdk/client-cloudwatch-logs';
import { managedBy } from '../../agentkeys/names.js';
import { firstFailure, ifExists } from '../../aws/errors.js';
import type { Write } from '../../aws/writes.js';
import { attention, difference, type Entry, unchanged } from '../../reconcile/plan.js';
import type { Resource } from '../resource.js';
import { type Scope, stackTags } from '../scope.js';
import { isManaged, missingTags, tagDifferences } from '../tags.js';

export interface LogGroupState {
  /** Days; absent: the logs never expire. */
  retention?: number;
  /** `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`. */
  logClass?: string;
  tags: Record<string, string>;
}

const kind = 'log group';
/** The retention of a new group without --log-retention-days, in days. */
const defaultRetention = 30;

export const logGroup: Resource<LogGroupState | undefined, { logGroup: LogGroupState | undefined }> = {
  optional: {
    'logs:CreateLogGroup': 'it was not created: what the function logs is lost until it exists',
    'logs:TagResource': 'its tags were not set',
    'logs:PutRetentionPolicy': 'its retention was not set; --no-log-retention leaves it alone',
  },

  async read({ aws, names }) {
    const [described, tagged] = await firstFailure([
      aws.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: names.logGroupName })),
      ifExists(aws.logs.send(new ListTagsForResourceCommand({ resourceArn: names.logGroupArn }))),
    ]);
    const found = described.logGroups?.find((group) => group.logGroupName === names.logGroupName);
    // There is none, or it was created or deleted between the two responses.
    if (found === undefined || tagged === undefined) return undefined;
    const { tags = {} } = tagged;
    const { retentionInDays: retention, logGroupClass: logClass } = found;
    return { ...(retention !== undefined && { retention }), ...(logClass !== undefined && { logClass }), tags };
  },

  deploy({ logGroup: have }, scope) {
    const { names, settings } = scope;
    if (have === undefined) return [create(scope)];
    // An existing group keeps its retention unless one is requested; a managed group without one, left by a run that ended
    // between the two calls that create it, gets the default.
    const requested = settings.logRetention ? settings.logRetentionDays : undefined;
    const fallback = settings.logRetention && isManaged(have.tags) ? defaultRetention : undefined;
    const want = requested ?? have.retention ?? fallback;
    const tags = isManaged(have.tags) ? missingTags(have.tags, settings.tags) : {};
    const writes: Write[] = [];
    const changed = tagDifferences(have.tags, tags);
    if (Object.keys(tags).length > 0)
      writes.push({ call: 'logs:TagResource', input: { resourceArn: names.logGroupArn, tags } });
    if (want !== have.retention) {
      changed.unshift(difference('retention', days(have.retention), days(want)));
      writes.push(putRetention(names.logGroupName, want));
    }
    const notes = classNotes(have, names.logGroupName);
    if (writes.length === 0) return [unchanged(kind, names.logGroupName), ...notes];
    // The default for a managed group was confirmed when it was created; a shorter retention needs confirmation.
    const shorter =
      want !== undefined && requested !== undefined && want < (have.retention ?? Number.POSITIVE_INFINITY);
    return [
      {
        resource: kind,
        name: names.logGroupName,
        action: 'update',
        differences: changed,
        ...(shorter ? { destroys: `delete log lines older than ${want} days` } : {}),
        writes,
      },
      ...notes,
    ];
  },

  teardown({ logGroup: have }, { names, settings }) {
    if (have === undefined) return [];
    if (!settings.deleteLogs) return [unchanged(kind, names.logGroupName, 'kept (--delete-logs deletes it)')];
    if (!isManaged(have.tags))
      return [attention(kind, names.logGroupName, `left alone: not tagged ${managedBy.key}=${managedBy.value}`)];
    return [
      {
        resource: kind,
        name: names.logGroupName,
        action: 'delete',
        differences: [],
        destroys: 'delete the log lines',
        writes: [{ call: 'logs:DeleteLogGroup', input: { logGroupName: names.logGroupName } }],
      },
    ];
  },

  permissions({ names, settings }) {
    const withStreams = `${names.logGroupArn}:*`;
    const retention = settings.logRetention ? ['logs:PutRetentionPolicy'] : [];
    return [
      { for: 'read', actions: ['logs:DescribeLogGroups'], resources: [allLogGroups(names.logGroupArn)] },
      { for: 'read', actions: ['logs:ListTagsForResource'], resources: [names.logGroupArn] },
      { for: 'deploy', actions: ['logs:TagResource'], resources: [names.logGroupArn, withStreams] },
      { for: 'deploy', actions: ['logs:CreateLogGroup', ...retention], resources: [withStreams] },
      ...(settings.deleteLogs
        ? [{ for: 'teardown' as const, actions: ['logs:DeleteLogGroup'], resources: [withStreams] }]
        : []),
    ];
  },
};

/** DescribeLogGroups is authorized on all groups of the region, whatever its prefix. */
function allLogGroups(logGroupArn: string): string {
  return `${logGroupArn.slice(0, logGroupArn.indexOf(':log-group:'))}:log-group:*`;
}

function create({ names, settings }: Scope): Entry {
  const retention = settings.logRetention ? (settings.logRetentionDays ?? defaultRetention) : undefined;
  return {
    resource: kind,
    name: names.logGroupName,
    action: 'create',
    differences: [difference('retention', undefined, days(retention))],
    writes: [
      { call: 'logs:CreateLogGroup', input: { logGroupName: names.logGroupName, tags: stackTags(settings) } },
      ...(retention === undefined ? [] : [putRetention(names.logGroupName, retention)]),
    ],
  };
}

/**
 * "The Infrequent Access log class [doesn't support] embedded metric format", and a group's class can't be changed.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
 */
function classNotes({ logClass = 'STANDARD' }: LogGroupState, name: string): Entry[] {
  if (logClass === 'STANDARD') return [];
  const note = `has the class ${logClass}: CloudWatch takes no metrics from its lines, so that status and alarms see none of the function's. The class can't be changed: delete the group with its lines (aws logs delete-log-group --log-group-name ${name}), then deploy`;
  return [attention(kind, name, note)];
}

function putRetention(logGroupName: string, retentionInDays: number | undefined): Write {
  return { call: 'logs:PutRetentionPolicy', input: { logGroupName, retentionInDays } };
}

function days(retention: number | undefined): string {
  return retention === undefined ? 'never expires' : `${retention} days`;
}
