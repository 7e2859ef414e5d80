/**
 * CloudWatch Logs: the tags of a log group.
 */
import type { AccountState, LogGroup } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { checkTags, findGroup } from './log-groups.js';

interface TaggedResourceInput {
  resourceArn: string;
}

const resourceAccess =
  (action: string) =>
  ({ input }: OperationCall<TaggedResourceInput>): Access[] => [
    { action: `logs:${action}`, resource: input.resourceArn },
  ];

/** The group of a tagging operation, whose ARN has no `:*`. */
const taggedGroup = (state: AccountState, { resourceArn }: TaggedResourceInput): LogGroup =>
  findGroup(state, resourceArn.replace(/^.*:log-group:/, ''));

const tagResource: Operation<TaggedResourceInput & { tags: Record<string, string> }> = {
  service: 'logs',
  name: 'TagResource',
  mutates: true,
  access: resourceAccess('TagResource'),
  run({ input, state }) {
    const { tags } = taggedGroup(state, input);
    checkTags(input.tags);
    for (const [key, value] of Object.entries(input.tags)) tags.set(key, value);
  },
};

const untagResource: Operation<TaggedResourceInput & { tagKeys: string[] }> = {
  service: 'logs',
  name: 'UntagResource',
  mutates: true,
  access: resourceAccess('UntagResource'),
  run({ input, state }) {
    const { tags } = taggedGroup(state, input);
    for (const key of input.tagKeys) tags.delete(key);
  },
};

const listTagsForResource: Operation<TaggedResourceInput> = {
  service: 'logs',
  name: 'ListTagsForResource',
  mutates: false,
  access: resourceAccess('ListTagsForResource'),
  run: ({ input, state }) => ({ tags: Object.fromEntries(taggedGroup(state, input).tags) }),
};

export const logsTagOperations: Operation[] = [tagResource, untagResource, listTagsForResource];
