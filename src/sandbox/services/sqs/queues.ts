/**
 * SQS: queues and their tags. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
 */
import type { Queue } from '../../account/queues.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import { tokenPage } from '../pagination.js';
import { checkTagKeys, tagRules } from '../tags.js';
import { checkAttributes, defaults, setAttributes } from './attributes.js';
import { findQueue, invalidValue, missingQueue, type QueueInput, queueAccess, queueArn, queueUrl } from './common.js';

interface CreateQueueInput {
  QueueName: string;
  Attributes?: Record<string, string>;
  tags?: Record<string, string>;
}

/** @throws {AwsRefusal} QueueNameExists if the queue has another value for an attribute that is named */
function checkSame({ attributes }: Queue, wanted: Record<string, string>): void {
  const different = Object.entries(wanted).find(([name, value]) => attributes.get(name) !== value);
  if (different) {
    const message = `A queue already exists with the same name and a different value for attribute ${different[0]}`;
    throw new AwsRefusal('QueueNameExists', message);
  }
}

const createQueue: Operation<CreateQueueInput> = {
  service: 'sqs',
  name: 'CreateQueue',
  mutates: true,
  access: ({ input, state }) => {
    const resource = queueArn(state, input.QueueName);
    const tagging = input.tags === undefined ? [] : [{ action: 'sqs:TagQueue', resource }];
    return [{ action: 'sqs:CreateQueue', resource }, ...tagging];
  },
  run({ input, state }) {
    const { QueueName: name, Attributes: attributes = {}, tags = {} } = input;
    if (!/^[\w-]{1,80}$/.test(name)) {
      throw invalidValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
    }
    checkAttributes(attributes);
    checkTagKeys(Object.keys(tags), tagRules(invalidValue));
    const existing = state.sqs.queues.get(name);
    if (existing) checkSame(existing, attributes);
    else {
      if (state.now() < (state.sqs.deleted.get(name) ?? 0) + state.delays.queueNameReuse) {
        const message =
          'You must wait 60 seconds after deleting a queue before you can create another with the same name.';
        throw new AwsRefusal('QueueDeletedRecently', message);
      }
      const created = new Date(state.now());
      const queue: Queue = {
        name,
        arn: queueArn(state, name),
        created,
        modified: created,
        attributes: new Map(Object.entries(defaults)),
        messages: [],
        measuredAt: state.now(),
        tags: new Map(Object.entries(tags)),
      };
      setAttributes(queue, attributes);
      state.sqs.queues.set(name, queue);
    }
    return { QueueUrl: queueUrl(state, name) };
  },
};

const getQueueUrl: Operation<{ QueueName: string; QueueOwnerAWSAccountId?: string }> = {
  service: 'sqs',
  name: 'GetQueueUrl',
  mutates: false,
  access: ({ input, state }) => [{ action: 'sqs:GetQueueUrl', resource: queueArn(state, input.QueueName) }],
  run({ input, state }) {
    const { QueueName: name, QueueOwnerAWSAccountId: owner = state.account } = input;
    if (owner !== state.account || !state.sqs.queues.has(name)) throw missingQueue();
    return { QueueUrl: queueUrl(state, name) };
  },
};

const listQueues: Operation<{ QueueNamePrefix?: string; MaxResults?: number; NextToken?: string }> = {
  service: 'sqs',
  name: 'ListQueues',
  mutates: false,
  access: () => [{ action: 'sqs:ListQueues', resource: '*' }],
  run({ input, state }) {
    const { QueueNamePrefix: prefix = '', MaxResults: most = 1000, NextToken } = input;
    const names = [...state.sqs.queues.keys()].filter((name) => name.startsWith(prefix)).sort();
    const { items, token } = tokenPage(names, NextToken, most, 'InvalidParameterValue');
    const urls = items.map((name) => queueUrl(state, name));
    // A token only where a page was asked for; no list where there is nothing.
    return { ...(urls.length > 0 && { QueueUrls: urls }), NextToken: token };
  },
};

const deleteQueue: Operation<QueueInput> = {
  service: 'sqs',
  name: 'DeleteQueue',
  mutates: true,
  access: queueAccess('DeleteQueue'),
  run({ input, state }) {
    const { name } = findQueue(state, input);
    state.sqs.queues.delete(name);
    state.sqs.deleted.set(name, state.now());
  },
};

const tagQueue: Operation<QueueInput & { Tags: Record<string, string> }> = {
  service: 'sqs',
  name: 'TagQueue',
  mutates: true,
  access: queueAccess('TagQueue'),
  run({ input, state }) {
    const { tags } = findQueue(state, input);
    checkTagKeys(Object.keys(input.Tags), tagRules(invalidValue));
    for (const [key, value] of Object.entries(input.Tags)) tags.set(key, value);
  },
};

const untagQueue: Operation<QueueInput & { TagKeys: string[] }> = {
  service: 'sqs',
  name: 'UntagQueue',
  mutates: true,
  access: queueAccess('UntagQueue'),
  run({ input, state }) {
    const { tags } = findQueue(state, input);
    for (const key of input.TagKeys) tags.delete(key);
  },
};

const listQueueTags: Operation<QueueInput> = {
  service: 'sqs',
  name: 'ListQueueTags',
  mutates: false,
  access: queueAccess('ListQueueTags'),
  run({ input, state }) {
    const { tags } = findQueue(state, input);
    return tags.size === 0 ? {} : { Tags: Object.fromEntries(tags) };
  },
};

export const queueOperations: Operation[] = [
  createQueue,
  getQueueUrl,
  listQueues,
  deleteQueue,
  tagQueue,
  untagQueue,
  listQueueTags,
];
