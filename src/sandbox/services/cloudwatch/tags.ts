/**
 * CloudWatch: the tags of an alarm. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html
 */
import type { Alarm } from '../../account/alarms.js';
import type { AccountState } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';

interface TaggedResourceInput {
  ResourceARN: string;
}

interface Tag {
  Key: string;
  Value: string;
}

const resourceAccess =
  (action: string) =>
  ({ input }: OperationCall<TaggedResourceInput>): Access[] => [
    { action: `cloudwatch:${action}`, resource: input.ResourceARN },
  ];

/** @throws {AwsRefusal} ResourceNotFoundException */
function taggedAlarm(state: AccountState, { ResourceARN }: TaggedResourceInput): Alarm {
  const alarm = [...state.cloudwatch.alarms.values()].find(({ arn }) => arn === ResourceARN);
  if (alarm === undefined) throw new AwsRefusal('ResourceNotFoundException', `${ResourceARN} does not exist.`, 404);
  return alarm;
}

const tagResource: Operation<TaggedResourceInput & { Tags: Tag[] }> = {
  service: 'cloudwatch',
  name: 'TagResource',
  mutates: true,
  access: resourceAccess('TagResource'),
  run({ input, state }) {
    const { tags } = taggedAlarm(state, input);
    for (const { Key, Value } of input.Tags) tags.set(Key, Value);
    return {};
  },
};

const untagResource: Operation<TaggedResourceInput & { TagKeys: string[] }> = {
  service: 'cloudwatch',
  name: 'UntagResource',
  mutates: true,
  access: resourceAccess('UntagResource'),
  run({ input, state }) {
    const { tags } = taggedAlarm(state, input);
    for (const key of input.TagKeys) tags.delete(key);
    return {};
  },
};

const listTagsForResource: Operation<TaggedResourceInput> = {
  service: 'cloudwatch',
  name: 'ListTagsForResource',
  mutates: false,
  access: resourceAccess('ListTagsForResource'),
  run: ({ input, state }) => ({
    Tags: [...taggedAlarm(state, input).tags].map(([Key, Value]): Tag => ({ Key, Value })),
  }),
};

export const cloudwatchTagOperations: Operation[] = [tagResource, untagResource, listTagsForResource];
