/**
 * IAM: roles, with their trust policies, permissions boundaries and tags.
 */
import { policySize } from '../../../policy/document.js';
import { uniqueId } from '../../access/callers.js';
import type { AccountState, Role } from '../../account/state.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import { type MarkerInput, markerPage } from '../pagination.js';
import {
  addTags,
  checkName,
  checkPath,
  checkQuota,
  identityArn,
  optionalTagEntries,
  profilesOf,
  requireNoEntity,
  requireUnused,
  roleAccess,
  roleNamed,
  sameName,
  sortedTagEntries,
  type Tag,
  tagContext,
} from './common.js';
import { encodedDocument, readPolicy } from './policy-documents.js';

interface RoleInput {
  RoleName: string;
}

/** A role as IAM answers with it. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
export function describeRole(role: Role): Record<string, unknown> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.created,
    AssumeRolePolicyDocument: encodedDocument(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    PermissionsBoundary: role.boundary && {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: role.boundary,
    },
    Tags: optionalTagEntries(role.tags),
  };
}

function checkedTrustPolicy(text: string): string {
  checkQuota(policySize(readPolicy(text, 'trust')), 2048, 'Cannot exceed quota for ACLSizePerRole: 2048');
  return text;
}

/** @throws {AwsRefusal} NoSuchEntity */
function checkedBoundary(state: AccountState, arn: string): string {
  if (state.iam.policies.has(arn)) return arn;
  throw new AwsRefusal('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
}

interface CreateRoleInput extends RoleInput {
  Path?: string;
  AssumeRolePolicyDocument: string;
  Description?: string;
  MaxSessionDuration?: string;
  PermissionsBoundary?: string;
  Tags?: Tag[] | string;
}

const createRole: Operation<CreateRoleInput> = {
  service: 'iam',
  name: 'CreateRole',
  mutates: true,
  access({ state, input }) {
    const { Path = '/', RoleName, PermissionsBoundary, Tags } = input;
    const resource = `arn:${state.partition}:iam::${state.account}:role${Path}${RoleName}`;
    const context = tagContext(Tags);
    const boundary = PermissionsBoundary && { 'iam:PermissionsBoundary': PermissionsBoundary };
    const create = { action: 'iam:CreateRole', resource, context: { ...context, ...boundary } };
    return queryList(Tags).length === 0 ? [create] : [create, { action: 'iam:TagRole', resource, context }];
  },
  run({ state, input }) {
    const { Path = '/', RoleName: name, Description, MaxSessionDuration = '3600', PermissionsBoundary } = input;
    checkName('roleName', name, 64);
    checkPath(Path);
    requireNoEntity(sameName(state.iam.roles.values(), name), `Role with name ${name} already exists.`);
    const role: Role = {
      name,
      path: Path,
      id: uniqueId('AROA'),
      arn: `arn:${state.partition}:iam::${state.account}:role${Path}${name}`,
      created: new Date(state.now()),
      description: Description,
      maxSessionDuration: Number(MaxSessionDuration),
      trust: checkedTrustPolicy(input.AssumeRolePolicyDocument),
      inline: new Map(),
      attached: new Set(),
      boundary: PermissionsBoundary && checkedBoundary(state, PermissionsBoundary),
      tags: new Map(),
    };
    addTags(role.tags, input.Tags);
    state.iam.roles.set(name, role);
    return { Role: describeRole(role) };
  },
};

const getRole: Operation<RoleInput> = {
  service: 'iam',
  name: 'GetRole',
  mutates: false,
  access: roleAccess('iam:GetRole'),
  // Of a role that was never used, as all are here, RoleLastUsed is there and empty.
  run: ({ state, input }) => ({ Role: { ...describeRole(roleNamed(state, input.RoleName)), RoleLastUsed: {} } }),
};

const deleteRole: Operation<RoleInput> = {
  service: 'iam',
  name: 'DeleteRole',
  mutates: true,
  access: roleAccess('iam:DeleteRole'),
  run({ state, input }) {
    const role = roleNamed(state, input.RoleName);
    requireUnused(profilesOf(state, role.name), 'Cannot delete entity, must remove roles from instance profile first.');
    requireUnused(role.attached, 'Cannot delete entity, must detach all policies first.');
    requireUnused(role.inline, 'Cannot delete entity, must delete policies first.');
    state.iam.roles.delete(role.name);
  },
};

const updateAssumeRolePolicy: Operation<RoleInput & { PolicyDocument: string }> = {
  service: 'iam',
  name: 'UpdateAssumeRolePolicy',
  mutates: true,
  access: roleAccess('iam:UpdateAssumeRolePolicy'),
  run({ state, input }) {
    roleNamed(state, input.RoleName).trust = checkedTrustPolicy(input.PolicyDocument);
  },
};

const updateRole: Operation<RoleInput & { Description?: string; MaxSessionDuration?: string }> = {
  service: 'iam',
  name: 'UpdateRole',
  mutates: true,
  access: roleAccess('iam:UpdateRole'),
  run({ state, input }) {
    const role = roleNamed(state, input.RoleName);
    const { Description = role.description, MaxSessionDuration = '3600' } = input;
    role.description = Description;
    // "If you do not specify a value for this setting, the default value of one hour is applied."
    role.maxSessionDuration = Number(MaxSessionDuration);
    return {};
  },
};

const putRolePermissionsBoundary: Operation<RoleInput & { PermissionsBoundary: string }> = {
  service: 'iam',
  name: 'PutRolePermissionsBoundary',
  mutates: true,
  access: ({ state, input }) => [
    {
      action: 'iam:PutRolePermissionsBoundary',
      resource: identityArn(state, 'role', input.RoleName),
      context: { 'iam:PermissionsBoundary': input.PermissionsBoundary },
    },
  ],
  run({ state, input }) {
    roleNamed(state, input.RoleName).boundary = checkedBoundary(state, input.PermissionsBoundary);
  },
};

const deleteRolePermissionsBoundary: Operation<RoleInput> = {
  service: 'iam',
  name: 'DeleteRolePermissionsBoundary',
  mutates: true,
  access: roleAccess('iam:DeleteRolePermissionsBoundary'),
  run({ state, input }) {
    const role = roleNamed(state, input.RoleName);
    if (role.boundary === undefined) {
      throw new AwsRefusal('NoSuchEntity', `The role ${role.name} has no permissions boundary.`, 404);
    }
    role.boundary = undefined;
  },
};

const tagRole: Operation<RoleInput & { Tags: Tag[] | string }> = {
  service: 'iam',
  name: 'TagRole',
  mutates: true,
  access: ({ state, input }) => [
    {
      action: 'iam:TagRole',
      resource: identityArn(state, 'role', input.RoleName),
      context: tagContext(input.Tags),
    },
  ],
  run({ state, input }) {
    addTags(roleNamed(state, input.RoleName).tags, input.Tags);
  },
};

const untagRole: Operation<RoleInput & { TagKeys: string[] | string }> = {
  service: 'iam',
  name: 'UntagRole',
  mutates: true,
  access: ({ state, input }) => [
    {
      action: 'iam:UntagRole',
      resource: identityArn(state, 'role', input.RoleName),
      context: { 'aws:TagKeys': queryList(input.TagKeys) },
    },
  ],
  run({ state, input }) {
    const role = roleNamed(state, input.RoleName);
    for (const key of queryList(input.TagKeys)) role.tags.delete(key);
  },
};

const listRoleTags: Operation<RoleInput & MarkerInput> = {
  service: 'iam',
  name: 'ListRoleTags',
  mutates: false,
  access: roleAccess('iam:ListRoleTags'),
  run: ({ state, input }) => markerPage('Tags', sortedTagEntries(roleNamed(state, input.RoleName).tags), input),
};

export const roleOperations: Operation[] = [
  createRole,
  getRole,
  deleteRole,
  updateAssumeRolePolicy,
  updateRole,
  putRolePermissionsBoundary,
  deleteRolePermissionsBoundary,
  tagRole,
  untagRole,
  listRoleTags,
];
