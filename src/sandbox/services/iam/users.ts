/**
 * IAM: users.
 */
import { uniqueId } from '../../access/callers.js';
import type { AccountState, User } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import {
  addTags,
  checkName,
  identityArn,
  optionalTagEntries,
  requireEntity,
  requireNoEntity,
  requireUnused,
  sameName,
  type Tag,
  tagContext,
} from './common.js';

export interface UserInput {
  UserName: string;
}

export function userAccess(action: string) {
  return ({ state, input }: OperationCall<UserInput>): Access[] => [
    { action, resource: identityArn(state, 'user', input.UserName) },
  ];
}

export function userNamed(state: AccountState, name: string): User {
  return requireEntity(state.iam.users.get(name), `The user with name ${name} cannot be found.`);
}

export function accessKeysOf(state: AccountState, userName: string) {
  return [...state.iam.accessKeys.values()].filter(({ owner }) => owner.kind === 'user' && owner.name === userName);
}

const createUser: Operation<UserInput & { Tags?: Tag[] | string }> = {
  service: 'iam',
  name: 'CreateUser',
  mutates: true,
  access({ state, input }) {
    const common = { resource: identityArn(state, 'user', input.UserName), context: tagContext(input.Tags) };
    const create = { action: 'iam:CreateUser', ...common };
    return queryList(input.Tags).length === 0 ? [create] : [create, { action: 'iam:TagUser', ...common }];
  },
  run({ state, input }) {
    const { UserName: name } = input;
    checkName('userName', name, 64);
    requireNoEntity(sameName(state.iam.users.values(), name), `User with name ${name} already exists.`);
    const user: User = {
      name,
      id: uniqueId('AIDA'),
      arn: identityArn(state, 'user', name),
      created: new Date(state.now()),
      inline: new Map(),
      attached: new Set(),
      tags: new Map(),
    };
    addTags(user.tags, input.Tags);
    state.iam.users.set(name, user);
    const { id: UserId, arn: Arn, created: CreateDate } = user;
    return { User: { Path: '/', UserName: name, UserId, Arn, CreateDate, Tags: optionalTagEntries(user.tags) } };
  },
};

const deleteUser: Operation<UserInput> = {
  service: 'iam',
  name: 'DeleteUser',
  mutates: true,
  access: userAccess('iam:DeleteUser'),
  run({ state, input }) {
    const user = userNamed(state, input.UserName);
    requireUnused(accessKeysOf(state, user.name), 'Cannot delete entity, must delete access keys first.');
    requireUnused(user.attached, 'Cannot delete entity, must detach all policies first.');
    requireUnused(user.inline, 'Cannot delete entity, must delete policies first.');
    state.iam.users.delete(user.name);
  },
};

export const userOperations: Operation[] = [createUser, deleteUser];
