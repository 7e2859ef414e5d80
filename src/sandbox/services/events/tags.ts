/**
 * EventBridge: the tags of a rule.
 */
import type { AccountState, Rule } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { checkTags, findRule, type Tag } from './rules.js';

interface TaggedResourceInput {
  ResourceARN: string;
}

const resourceAccess =
  (action: string) =>
  ({ input }: OperationCall<TaggedResourceInput>): Access[] => [
    { action: `events:${action}`, resource: input.ResourceARN },
  ];

const taggedRule = (state: AccountState, { ResourceARN }: TaggedResourceInput): Rule =>
  findRule(state, ResourceARN.replace(/^.*rule\//, ''), {});

const tagResource: Operation<TaggedResourceInput & { Tags: Tag[] }> = {
  service: 'events',
  name: 'TagResource',
  mutates: true,
  access: resourceAccess('TagResource'),
  run({ input, state }) {
    const { tags } = taggedRule(state, input);
    checkTags(input.Tags);
    for (const { Key, Value } of input.Tags) tags.set(Key, Value);
  },
};

const untagResource: Operation<TaggedResourceInput & { TagKeys: string[] }> = {
  service: 'events',
  name: 'UntagResource',
  mutates: true,
  access: resourceAccess('UntagResource'),
  run({ input, state }) {
    const { tags } = taggedRule(state, input);
    for (const key of input.TagKeys) tags.delete(key);
  },
};

const listTagsForResource: Operation<TaggedResourceInput> = {
  service: 'events',
  name: 'ListTagsForResource',
  mutates: false,
  access: resourceAccess('ListTagsForResource'),
  run: ({ input, state }) => ({
    Tags: [...taggedRule(state, input).tags].map(([Key, Value]): Tag => ({ Key, Value })),
  }),
};

export const eventsTagOperations: Operation[] = [tagResource, untagResource, listTagsForResource];
