/**
 * IAM's users, their access keys, and the OpenID Connect providers whose users may assume roles.
 */
import { createAccessKey as makeAccessKey, uniqueId } from '../../access/callers.js';
import type { AccountState, User } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import {
  absent,
  addTags,
  existing,
  identityArn,
  listIn,
  type TagEntry,
  tagContext,
  tagsOf,
  unhindered,
  validName,
} from './common.js';

interface UserInput {
  UserName: string;
}

function onUser(action: string) {
  return ({ state, input }: OperationCall<UserInput>): Access[] => [
    { action, resource: identityArn(state, 'user', input.UserName) },
  ];
}

function userNamed(state: AccountState, name: string): User {
  return existing(state.iam.users.get(name), `The user with name ${name} cannot be found.`);
}

function keysOf(state: AccountState, userName: string) {
  return [...state.iam.accessKeys.values()].filter(({ owner }) => owner.kind === 'user' && owner.name === userName);
}

const createUser: Operation<UserInput & { Tags?: TagEntry[] | string }> = {
  service: 'iam',
  name: 'CreateUser',
  mutates: true,
  access({ state, input }) {
    const common = { resource: identityArn(state, 'user', input.UserName), context: tagContext(input.Tags) };
    const create = { action: 'iam:CreateUser', ...common };
    return listIn(input.Tags).length === 0 ? [create] : [create, { action: 'iam:TagUser', ...common }];
  },
  run({ state, input }) {
    const { UserName: name } = input;
    validName('userName', name, 64);
    absent(state.iam.users.get(name), `User with name ${name} already exists.`);
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
    return { User: { Path: '/', UserName: name, UserId, Arn, CreateDate, Tags: tagsOf(user.tags) } };
  },
};

const deleteUser: Operation<UserInput> = {
  service: 'iam',
  name: 'DeleteUser',
  mutates: true,
  access: onUser('iam:DeleteUser'),
  run({ state, input }) {
    const user = userNamed(state, input.UserName);
    unhindered(keysOf(state, user.name), 'Cannot delete entity, must delete access keys first.');
    unhindered(user.attached, 'Cannot delete entity, must detach all policies first.');
    unhindered(user.inline, 'Cannot delete entity, must delete policies first.');
    state.iam.users.delete(user.name);
  },
};

const createAccessKey: Operation<UserInput> = {
  service: 'iam',
  name: 'CreateAccessKey',
  mutates: true,
  access: onUser('iam:CreateAccessKey'),
  run({ state, input }) {
    const { name: UserName } = userNamed(state, input.UserName);
    const { id: AccessKeyId, secret: SecretAccessKey } = makeAccessKey(state, UserName);
    const CreateDate = new Date(state.now());
    return { AccessKey: { UserName, AccessKeyId, Status: 'Active', SecretAccessKey, CreateDate } };
  },
};

const deleteAccessKey: Operation<UserInput & { AccessKeyId: string }> = {
  service: 'iam',
  name: 'DeleteAccessKey',
  mutates: true,
  access: onUser('iam:DeleteAccessKey'),
  run({ state, input }) {
    const { name } = userNamed(state, input.UserName);
    const key = keysOf(state, name).find(({ id }) => id === input.AccessKeyId);
    const { id } = existing(key, `The Access Key with id ${input.AccessKeyId} cannot be found.`);
    state.iam.accessKeys.delete(id);
  },
};

interface CreateProviderInput {
  Url: string;
  ClientIDList?: string[] | string;
}

/** The provider's ARN has its URL without the scheme. */
function providerArn(state: AccountState, url: string): string {
  return `arn:${state.partition}:iam::${state.account}:oidc-provider/${url.replace(/^https:\/\//, '')}`;
}

const createOpenIdConnectProvider: Operation<CreateProviderInput> = {
  service: 'iam',
  name: 'CreateOpenIDConnectProvider',
  mutates: true,
  access: ({ state, input }) => [
    { action: 'iam:CreateOpenIDConnectProvider', resource: providerArn(state, input.Url) },
  ],
  run({ state, input }) {
    const { Url: url } = input;
    const arn = providerArn(state, url);
    absent(state.iam.oidcProviders.get(arn), `Provider with url ${url} already exists.`);
    state.iam.oidcProviders.set(arn, { arn, url, clientIds: listIn(input.ClientIDList) });
    return { OpenIDConnectProviderArn: arn };
  },
};

export const userOperations: Operation[] = [
  createUser,
  deleteUser,
  createAccessKey,
  deleteAccessKey,
  createOpenIdConnectProvider,
];
