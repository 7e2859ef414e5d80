/**
 * IAM: instance profiles, which give a role to an EC2 instance.
 */
import { uniqueId } from '../../access/callers.js';
import type { AccountState, InstanceProfile } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { type MarkerInput, markerPage } from '../pagination.js';
import {
  checkName,
  checkQuota,
  identityArn,
  profilesOf,
  requireEntity,
  requireNoEntity,
  requireUnused,
  roleAccess,
  roleNamed,
  sameName,
} from './common.js';
import { describeRole } from './roles.js';

interface ProfileInput {
  InstanceProfileName: string;
}

function profileAccess(action: string) {
  return ({ state, input }: OperationCall<ProfileInput>): Access[] => [
    { action, resource: profileArn(state, input.InstanceProfileName) },
  ];
}

function profileArn(state: AccountState, name: string): string {
  return `arn:${state.partition}:iam::${state.account}:instance-profile/${name}`;
}

function profileNamed(state: AccountState, name: string): InstanceProfile {
  return requireEntity(state.iam.instanceProfiles.get(name), `Instance Profile ${name} cannot be found.`);
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_InstanceProfile.html */
function describe(state: AccountState, profile: InstanceProfile): Record<string, unknown> {
  return {
    Path: '/',
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: profile.created,
    Roles: profile.roles.map((name) => describeRole(roleNamed(state, name))),
  };
}

const createInstanceProfile: Operation<ProfileInput> = {
  service: 'iam',
  name: 'CreateInstanceProfile',
  mutates: true,
  access: profileAccess('iam:CreateInstanceProfile'),
  run({ state, input }) {
    const { InstanceProfileName: name } = input;
    checkName('instanceProfileName', name, 128);
    requireNoEntity(sameName(state.iam.instanceProfiles.values(), name), `Instance Profile ${name} already exists.`);
    const created = new Date(state.now());
    const profile = { name, id: uniqueId('AIPA'), arn: profileArn(state, name), created, roles: [] };
    state.iam.instanceProfiles.set(name, profile);
    return { InstanceProfile: describe(state, profile) };
  },
};

const getInstanceProfile: Operation<ProfileInput> = {
  service: 'iam',
  name: 'GetInstanceProfile',
  mutates: false,
  access: profileAccess('iam:GetInstanceProfile'),
  run: ({ state, input }) => ({ InstanceProfile: describe(state, profileNamed(state, input.InstanceProfileName)) }),
};

const addRoleToInstanceProfile: Operation<ProfileInput & { RoleName: string }> = {
  service: 'iam',
  name: 'AddRoleToInstanceProfile',
  mutates: true,
  access: (call) => [
    ...profileAccess('iam:AddRoleToInstanceProfile')(call),
    { action: 'iam:PassRole', resource: identityArn(call.state, 'role', call.input.RoleName) },
  ],
  run({ state, input }) {
    const profile = profileNamed(state, input.InstanceProfileName);
    const role = roleNamed(state, input.RoleName);
    checkQuota(profile.roles.length + 1, 1, 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    profile.roles.push(role.name);
  },
};

const removeRoleFromInstanceProfile: Operation<ProfileInput & { RoleName: string }> = {
  service: 'iam',
  name: 'RemoveRoleFromInstanceProfile',
  mutates: true,
  access: profileAccess('iam:RemoveRoleFromInstanceProfile'),
  run({ state, input }) {
    const { InstanceProfileName, RoleName } = input;
    const profile = profileNamed(state, InstanceProfileName);
    requireEntity(
      profile.roles.find((name) => name === RoleName),
      `Instance Profile ${InstanceProfileName} does not hold the role ${RoleName}.`,
    );
    profile.roles = profile.roles.filter((name) => name !== RoleName);
  },
};

const deleteInstanceProfile: Operation<ProfileInput> = {
  service: 'iam',
  name: 'DeleteInstanceProfile',
  mutates: true,
  access: profileAccess('iam:DeleteInstanceProfile'),
  run({ state, input }) {
    const { name, roles } = profileNamed(state, input.InstanceProfileName);
    requireUnused(roles, 'Cannot delete entity, must remove roles from instance profile first.');
    state.iam.instanceProfiles.delete(name);
  },
};

const listInstanceProfilesForRole: Operation<MarkerInput & { RoleName: string }> = {
  service: 'iam',
  name: 'ListInstanceProfilesForRole',
  mutates: false,
  access: roleAccess('iam:ListInstanceProfilesForRole'),
  run({ state, input }) {
    const { name } = roleNamed(state, input.RoleName);
    const profiles = profilesOf(state, name).map((profile) => describe(state, profile));
    return markerPage('InstanceProfiles', profiles, input);
  },
};

export const instanceProfileOperations: Operation[] = [
  createInstanceProfile,
  getInstanceProfile,
  addRoleToInstanceProfile,
  removeRoleFromInstanceProfile,
  deleteInstanceProfile,
  listInstanceProfilesForRole,
];
