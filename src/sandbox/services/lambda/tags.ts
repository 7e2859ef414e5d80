/**
 * Lambda: the tags of functions and event source mappings.
 */
import type { AccountState, Tagged } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { checkTags, findFunction } from './common.js';
import { findMapping } from './event-source-mappings.js';

interface TaggedResourceInput {
  /** The ARN of a function or of an event source mapping. */
  Resource: string;
}

const resourceAccess =
  (action: string) =>
  ({ input }: OperationCall<TaggedResourceInput>): Access[] => [
    { action: `lambda:${action}`, resource: input.Resource },
  ];

const tagsPath = '/2017-03-31/tags/{Resource}';

/** @throws {AwsRefusal} ResourceNotFoundException */
function tagged(state: AccountState, { Resource }: TaggedResourceInput): Tagged {
  const [, UUID] = Resource.split(':event-source-mapping:');
  return UUID === undefined ? findFunction(state, Resource) : findMapping(state, { UUID });
}

const tagResource: Operation<TaggedResourceInput & { Tags: Record<string, string> }> = {
  service: 'lambda',
  name: 'TagResource',
  mutates: true,
  route: { method: 'POST', path: tagsPath, status: 204 },
  access: resourceAccess('TagResource'),
  run({ input, state }) {
    const { tags } = tagged(state, input);
    checkTags(input.Tags);
    for (const [key, value] of Object.entries(input.Tags)) tags.set(key, value);
  },
};

const untagResource: Operation<TaggedResourceInput & { TagKeys: string[] }> = {
  service: 'lambda',
  name: 'UntagResource',
  mutates: true,
  route: { method: 'DELETE', path: tagsPath, query: { tagKeys: 'TagKeys[]' }, status: 204 },
  access: resourceAccess('UntagResource'),
  run({ input, state }) {
    const { tags } = tagged(state, input);
    for (const key of input.TagKeys) tags.delete(key);
  },
};

const listTags: Operation<TaggedResourceInput> = {
  service: 'lambda',
  name: 'ListTags',
  mutates: false,
  route: { method: 'GET', path: tagsPath },
  access: resourceAccess('ListTags'),
  run: ({ input, state }) => ({ Tags: Object.fromEntries(tagged(state, input).tags) }),
};

export const lambdaTagOperations: Operation[] = [tagResource, untagResource, listTags];
