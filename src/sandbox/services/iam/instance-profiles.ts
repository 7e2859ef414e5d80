/**
 * IAM's instance profiles: how an EC2 instance comes by its role.
 */
import { uniqueId } from '../../callers.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import type { InstanceProfile, World } from '../../world.js';
import {
  absent,
  existing,
  identityArn,
  onRole,
  type PageInput,
  page,
  profilesOf,
  roleNamed,
  unhindered,
  validName,
  within,
} from './common.js';
import { describeRole } from './roles.js';

interface ProfileInput {
  InstanceProfileName: string;
}

function onProfile(action: string) {
  return ({ world, input }: OperationCall<ProfileInput>): Access[] => [
    { action, resource: profileArn(world, input.InstanceProfileName) },
  ];
}

function profileArn(world: World, name: string): string {
  return `arn:${world.partition}:iam::${world.account}:instance-profile/${name}`;
}

function profileNamed(world: World, name: string): InstanceProfile {
  return existing(world.iam.instanceProfiles.get(name), `Instance Profile ${name} cannot be found.`);
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_InstanceProfile.html */
function describe(world: World, profile: InstanceProfile): Record<string, unknown> {
  return {
    Path: '/',
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: profile.created,
    Roles: profile.roles.map((name) => describeRole(roleNamed(world, name))),
  };
}

const createInstanceProfile: Operation<ProfileInput> = {
  service: 'iam',
  name: 'CreateInstanceProfile',
  mutates: true,
  access: onProfile('iam:CreateInstanceProfile'),
  run({ world, input }) {
    const { InstanceProfileName: name } = input;
    validName('instanceProfileName', name, 128);
    absent(world.iam.instanceProfiles.get(name), `Instance Profile ${name} already exists.`);
    const created = new Date(world.now());
    const profile = { name, id: uniqueId('AIPA'), arn: profileArn(world, name), created, roles: [] };
    world.iam.instanceProfiles.set(name, profile);
    return { InstanceProfile: describe(world, profile) };
  },
};

const getInstanceProfile: Operation<ProfileInput> = {
  service: 'iam',
  name: 'GetInstanceProfile',
  mutates: false,
  access: onProfile('iam:GetInstanceProfile'),
  run: ({ world, input }) => ({ InstanceProfile: describe(world, profileNamed(world, input.InstanceProfileName)) }),
};

const addRoleToInstanceProfile: Operation<ProfileInput & { RoleName: string }> = {
  service: 'iam',
  name: 'AddRoleToInstanceProfile',
  mutates: true,
  access: (call) => [
    ...onProfile('iam:AddRoleToInstanceProfile')(call),
    { action: 'iam:PassRole', resource: identityArn(call.world, 'role', call.input.RoleName) },
  ],
  run({ world, input }) {
    const profile = profileNamed(world, input.InstanceProfileName);
    const role = roleNamed(world, input.RoleName);
    within(profile.roles.length + 1, 1, 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    profile.roles.push(role.name);
  },
};

const removeRoleFromInstanceProfile: Operation<ProfileInput & { RoleName: string }> = {
  service: 'iam',
  name: 'RemoveRoleFromInstanceProfile',
  mutates: true,
  access: onProfile('iam:RemoveRoleFromInstanceProfile'),
  run({ world, input }) {
    const { InstanceProfileName, RoleName } = input;
    const profile = profileNamed(world, InstanceProfileName);
    existing(
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
  access: onProfile('iam:DeleteInstanceProfile'),
  run({ world, input }) {
    const { name, roles } = profileNamed(world, input.InstanceProfileName);
    unhindered(roles, 'Cannot delete entity, must remove roles from instance profile first.');
    world.iam.instanceProfiles.delete(name);
  },
};

const listInstanceProfilesForRole: Operation<PageInput & { RoleName: string }> = {
  service: 'iam',
  name: 'ListInstanceProfilesForRole',
  mutates: false,
  access: onRole('iam:ListInstanceProfilesForRole'),
  run({ world, input }) {
    const { name } = roleNamed(world, input.RoleName);
    const profiles = profilesOf(world, name).map((profile) => describe(world, profile));
    return page('InstanceProfiles', profiles, input);
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
