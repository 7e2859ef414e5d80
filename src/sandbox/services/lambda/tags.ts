/**
 * Lambda: the tags of a function.
 */
import type { AccountState } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { checkTagKeys, tagRules } from '../tags.js';
import { findFunction, invalidParameter } from './common.js';

interface TaggedResourceInput {
  /** The function's ARN. */
  Resource: string;
}

const resourceAccess =
  (action: string) =>
  ({ input }: OperationCall<TaggedResourceInput>): Access[] => [
    { action: `lambda:${action}`, resource: input.Resource },
  ];

const tagsPath = '/2017-03-31/tags/{Resource}';

/** @throws {AwsRefusal} InvalidParameterValueException for a reserved key. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
export function checkTags(tags: Record<string, string> = {}): void {
  checkTagKeys(Object.keys(tags), tagRules(invalidParameter));
}

const taggedFunction = (state: AccountState, { Resource }: TaggedResourceInput) => findFunction(state, Resource);

const tagResource: Operation<TaggedResourceInput & { Tags: Record<string, string> }> = {
  service: 'lambda',
  name: 'TagResource',
  mutates: true,
  route: { method: 'POST', path: tagsPath, status: 204 },
  access: resourceAccess('TagResource'),
  run({ input, state }) {
    const { tags } = taggedFunction(state, input);
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
    const { tags } = taggedFunction(state, input);
    for (const key of input.TagKeys) tags.delete(key);
  },
};

const listTags: Operation<TaggedResourceInput> = {
  service: 'lambda',
  name: 'ListTags',
  mutates: false,
  route: { method: 'GET', path: tagsPath },
  access: resourceAccess('ListTags'),
  run: ({ input, state }) => ({ Tags: Object.fromEntries(taggedFunction(state, input).tags) }),
};

export const lambdaTagOperations: Operation[] = [tagResource, untagResource, listTags];
