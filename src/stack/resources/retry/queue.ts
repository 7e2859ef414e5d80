/**
 * The queue for events that EventBridge or Lambda gives up on.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
import { GetQueueAttributesCommand, GetQueueUrlCommand, ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs';
import { firstFailure, ifExists } from '../../../aws/errors.js';
import type { Write } from '../../../aws/writes.js';
import {
  canonical,
  describeStatement,
  type PolicyDocument,
  parsePolicy,
  policyText,
  type Statement,
} from '../../../policy/document.js';
import { attention, type Difference, difference, type Entry, unchanged } from '../../../reconcile/plan.js';
import type { Resource } from '../../resource.js';
import { type Names, type Scope, stackTags } from '../../scope.js';
import { isManaged, missingTags, tagDifferences } from '../../tags.js';
import { type TargetsView, usesRetryQueue } from './names.js';

export interface RetryQueueState {
  url: string;
  /** As SQS returns them: all are texts. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
}

/** What its plan depends on. */
interface QueueView {
  retryQueue: RetryQueueState | undefined;
  rule: TargetsView;
}

const kind = 'retry queue';

/** 14 days, SQS's maximum, seconds. */
const retention = 1_209_600;

/**
 * A record that failed is tried again after this time. Lambda advises six function time-outs, so that it can try again a batch that was
 * throttled. Seconds. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export function visibilityTimeout({ settings }: Pick<Scope, 'settings'>): number {
  return 6 * settings.timeout;
}

const statementId = 'UndeliveredEventsOfTheRule';

/** EventBridge may send events of the stack's rule only. Lambda sends with the execution role, which has its own permission. */
function desiredStatement({ retryQueueArn, ruleArn }: Names): Statement {
  return {
    Sid: statementId,
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: retryQueueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
  };
}

function policyOf({ attributes }: RetryQueueState): PolicyDocument {
  return attributes.Policy === undefined ? { Statement: [] } : parsePolicy(attributes.Policy);
}

export const retryQueue: Resource<RetryQueueState | undefined, QueueView> = {
  async read({ aws, names, settings }) {
    if (!settings.retryQueue) return undefined;
    const sqs = aws.client(SQSClient);
    const found = await ifExists(sqs.send(new GetQueueUrlCommand({ QueueName: names.retryQueueName })));
    if (found === undefined) return undefined;
    const { QueueUrl = '' } = found;
    const [attributes, tags] = await firstFailure([
      ifExists(sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))),
      ifExists(sqs.send(new ListQueueTagsCommand({ QueueUrl }))),
    ]);
    // Deleted between the responses.
    if (attributes === undefined || tags === undefined) return undefined;
    return { url: QueueUrl, attributes: { ...attributes.Attributes }, tags: { ...tags.Tags } };
  },

  deploy({ retryQueue: have, rule }, scope) {
    const { names, settings } = scope;
    if (!settings.retryQueue)
      return usesRetryQueue(rule, scope)
        ? [unchanged(kind, names.retryQueueName, 'in use, and neither checked nor changed with --no-retry-queue')]
        : [];
    if (have === undefined) return [create(scope)];
    const tags = missingTags(have.tags, stackTags(settings));
    const { changed, attributes } = attributesToSet(have, scope);
    const writes: Write[] = [];
    if (Object.keys(tags).length > 0) writes.push({ call: 'sqs:TagQueue', input: { QueueUrl: have.url, Tags: tags } });
    if (Object.keys(attributes).length > 0)
      writes.push({ call: 'sqs:SetQueueAttributes', input: { QueueUrl: have.url, Attributes: attributes } });
    const others = policyOf(have).Statement.filter(({ Sid }) => Sid !== statementId);
    const notes =
      others.length === 0
        ? []
        : [
            attention(
              kind,
              names.retryQueueName,
              `its policy has statements that this tool does not manage, left alone: ${others.map(describeStatement).join('; ')}`,
            ),
          ];
    if (writes.length === 0) return [unchanged(kind, names.retryQueueName, waitingIn(have)), ...notes];
    return [
      {
        resource: kind,
        name: names.retryQueueName,
        action: isManaged(have.tags) ? 'update' : 'adopt',
        differences: [...changed, ...tagDifferences(have.tags, tags)],
        writes,
      },
      ...notes,
    ];
  },

  teardown({ retryQueue: have, rule }, scope) {
    const { names, settings } = scope;
    if (!settings.retryQueue)
      return usesRetryQueue(rule, scope)
        ? [attention(kind, names.retryQueueName, 'kept: run teardown without --no-retry-queue to delete it')]
        : [];
    if (have === undefined) return [];
    if (!isManaged(have.tags)) return [attention(kind, names.retryQueueName, 'left alone: it does not carry our tag')];
    const waiting = messagesIn(have);
    return [
      {
        resource: kind,
        name: names.retryQueueName,
        action: 'delete',
        differences: [],
        ...(waiting === 0
          ? {}
          : {
              destroys:
                waiting === 1
                  ? 'delete an event that waits in the retry queue; the mail itself stays in inbound/'
                  : `delete ${waiting} events that wait in the retry queue; the mail itself stays in inbound/`,
            }),
        writes: [{ call: 'sqs:DeleteQueue', input: { QueueUrl: have.url } }],
      },
    ];
  },

  permissions({ names, settings }) {
    if (!settings.retryQueue) return [];
    const resources = [names.retryQueueArn];
    return [
      { for: 'read', actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ListQueueTags'], resources },
      { for: 'deploy', actions: ['sqs:CreateQueue', 'sqs:SetQueueAttributes', 'sqs:TagQueue'], resources },
      { for: 'teardown', actions: ['sqs:DeleteQueue'], resources },
    ];
  },
};

/** What waits, for a plan and for `status`; undefined if nothing does. */
function waitingIn(have: RetryQueueState): string | undefined {
  const waiting = messagesIn(have);
  return waiting === 0 ? undefined : `${waiting} event${waiting === 1 ? '' : 's'} to be retried`;
}

/** How many events wait in the queue: to be received, in flight, and delayed. "Approximate", as SQS says. */
export function messagesIn({ attributes }: RetryQueueState): number {
  return [
    attributes.ApproximateNumberOfMessages,
    attributes.ApproximateNumberOfMessagesNotVisible,
    attributes.ApproximateNumberOfMessagesDelayed,
  ].reduce((sum, count = '0') => sum + Number(count), 0);
}

function create(scope: Scope): Entry {
  const { names, settings } = scope;
  const statement = desiredStatement(names);
  return {
    resource: kind,
    name: names.retryQueueName,
    action: 'create',
    differences: [
      difference('visibility timeout', undefined, `${visibilityTimeout(scope)} s`),
      difference('retention', undefined, `${retention} s`),
      difference('encryption', undefined, 'SSE-SQS'),
      difference('policy', undefined, describeStatement(statement)),
    ],
    writes: [
      {
        call: 'sqs:CreateQueue',
        input: {
          QueueName: names.retryQueueName,
          Attributes: {
            VisibilityTimeout: String(visibilityTimeout(scope)),
            MessageRetentionPeriod: String(retention),
            SqsManagedSseEnabled: 'true',
            Policy: policyText({ Version: '2012-10-17', Statement: [statement] }),
          },
          tags: stackTags(settings),
        },
      },
    ],
  };
}

/** The attributes that differ from what they must be, and the differences as a plan shows them. */
function attributesToSet(
  have: RetryQueueState,
  scope: Scope,
): { changed: Difference[]; attributes: Record<string, string> } {
  const { attributes: current } = have;
  const changed: Difference[] = [];
  const attributes: Record<string, string> = {};
  const visibility = visibilityTimeout(scope);
  if (Number(current.VisibilityTimeout) < visibility) {
    changed.push(difference('visibility timeout', `${current.VisibilityTimeout} s`, `${visibility} s`));
    attributes.VisibilityTimeout = String(visibility);
  }
  if (Number(current.MessageRetentionPeriod) !== retention) {
    changed.push(difference('retention', `${current.MessageRetentionPeriod} s`, `${retention} s`));
    attributes.MessageRetentionPeriod = String(retention);
  }
  // EventBridge can't send to a queue with a KMS key that does not allow it to.
  if (current.SqsManagedSseEnabled !== 'true') {
    changed.push(difference('encryption', current.KmsMasterKeyId ?? 'none', 'SSE-SQS'));
    attributes.SqsManagedSseEnabled = 'true';
  }
  const want = desiredStatement(scope.names);
  const { Version = '2012-10-17', Statement: statements } = policyOf(have);
  const own = statements.filter(({ Sid }) => Sid === statementId);
  if (own.length !== 1 || !own.every((statement) => canonical(statement) === canonical(want))) {
    const others = statements.filter(({ Sid }) => Sid !== statementId);
    changed.push(
      ...own.map((statement) => difference('policy', describeStatement(statement), undefined)),
      difference('policy', undefined, describeStatement(want)),
    );
    attributes.Policy = policyText({ Version, Statement: [...others, want] });
  }
  return { changed, attributes };
}
