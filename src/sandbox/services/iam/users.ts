/**
 * IAM's users, their access keys, and the OpenID Connect providers whose users may assume roles.
 */
import { createAccessKey as makeAccessKey, uniqueId } from '../../callers.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import type { User, World } from '../../world.js';
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
  return ({ world, input }: OperationCall<UserInput>): Access[] => [
    { action, resource: identityArn(world, 'user', input.UserName) },
  ];
}

function userNamed(world: World, name: string): User {
  return existing(world.iam.users.get(name), `The user with name ${name} cannot be found.`);
}

function keysOf(world: World, userName: string) {
  return [...world.iam.accessKeys.values()].filter(({ owner }) => owner.kind === 'user' && owner.name === userName);
}

const createUser: Operation<UserInput & { Tags?: TagEntry[] | string }> = {
  service: 'iam',
  name: 'CreateUser',
  mutates: true,
  access({ world, input }) {
    const common = { resource: identityArn(world, 'user', input.UserName), context: tagContext(input.Tags) };
    const create = { action: 'iam:CreateUser', ...common };
    return listIn(input.Tags).length === 0 ? [create] : [create, { action: 'iam:TagUser', ...common }];
  },
  run({ world, input }) {
    const { UserName: name } = input;
    validName('userName', name, 64);
    absent(world.iam.users.get(name), `User with name ${name} already exists.`);
    const user: User = {
      name,
      id: uniqueId('AIDA'),
      arn: identityArn(world, 'user', name),
      created: new Date(world.now()),
      inline: new Map(),
      attached: new Set(),
      tags: new Map(),
    };
    addTags(user.tags, input.Tags);
    world.iam.users.set(name, user);
    const { id: UserId, arn: Arn, created: CreateDate } = user;
    return { User: { Path: '/', UserName: name, UserId, Arn, CreateDate, Tags: tagsOf(user.tags) } };
  },
};

const deleteUser: Operation<UserInput> = {
  service: 'iam',
  name: 'DeleteUser',
  mutates: true,
  access: onUser('iam:DeleteUser'),
  run({ world, input }) {
    const user = userNamed(world, input.UserName);
    unhindered(keysOf(world, user.name), 'Cannot delete entity, must delete access keys first.');
    unhindered(user.attached, 'Cannot delete entity, must detach all policies first.');
    unhindered(user.inline, 'Cannot delete entity, must delete policies first.');
    world.iam.users.delete(user.name);
  },
};

const createAccessKey: Operation<UserInput> = {
  service: 'iam',
  name: 'CreateAccessKey',
  mutates: true,
  access: onUser('iam:CreateAccessKey'),
  run({ world, input }) {
    const { name: UserName } = userNamed(world, input.UserName);
    const { id: AccessKeyId, secret: SecretAccessKey } = makeAccessKey(world, UserName);
    const CreateDate = new Date(world.now());
    return { AccessKey: { UserName, AccessKeyId, Status: 'Active', SecretAccessKey, CreateDate } };
  },
};

const deleteAccessKey: Operation<UserInput & { AccessKeyId: string }> = {
  service: 'iam',
  name: 'DeleteAccessKey',
  mutates: true,
  access: onUser('iam:DeleteAccessKey'),
  run({ world, input }) {
    const { name } = userNamed(world, input.UserName);
    const key = keysOf(world, name).find(({ id }) => id === input.AccessKeyId);
    const { id } = existing(key, `The Access Key with id ${input.AccessKeyId} cannot be found.`);
    world.iam.accessKeys.delete(id);
  },
};

interface CreateProviderInput {
  Url: string;
  ClientIDList?: string[] | string;
}

/** The provider's ARN has its URL without the scheme. */
function providerArn(world: World, url: string): string {
  return `arn:${world.partition}:iam::${world.account}:oidc-provider/${url.replace(/^https:\/\//, '')}`;
}

const createOpenIdConnectProvider: Operation<CreateProviderInput> = {
  service: 'iam',
  name: 'CreateOpenIDConnectProvider',
  mutates: true,
  access: ({ world, input }) => [
    { action: 'iam:CreateOpenIDConnectProvider', resource: providerArn(world, input.Url) },
  ],
  run({ world, input }) {
    const { Url: url } = input;
    const arn = providerArn(world, url);
    absent(world.iam.oidcProviders.get(arn), `Provider with url ${url} already exists.`);
    world.iam.oidcProviders.set(arn, { arn, url, clientIds: listIn(input.ClientIDList) });
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
