/**
 * IAM: managed policies.
 */
import { policySize } from '../../../policy/document.js';
import { uniqueId } from '../../access/callers.js';
import type { AccountState, Identity, ManagedPolicy } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import { type MarkerInput, markerPage } from '../pagination.js';
import {
  addTags,
  checkName,
  checkQuota,
  optionalTagEntries,
  policyWithArn,
  requireEntity,
  requireNoEntity,
  requireUnused,
  sameName,
  sortedTagEntries,
  type Tag,
  tagContext,
  tagEntries,
} from './common.js';
import { encodedDocument, readPolicy } from './policy-documents.js';

interface PolicyInput {
  PolicyArn: string;
}

function policyAccess(action: string) {
  return ({ input }: OperationCall<PolicyInput>): Access[] => [{ action, resource: input.PolicyArn }];
}

/** The path, `/` or `/team/`, of `arn:aws:iam::111122223333:policy/team/name`. */
function pathOf({ arn, name }: ManagedPolicy): string {
  return arn.slice(arn.indexOf(':policy/') + ':policy'.length, -name.length);
}

/** The identities that use a policy, and how. */
function usesOf(state: AccountState, arn: string) {
  const attachedTo = (identities: Map<string, Identity>) =>
    [...identities.values()].filter((one) => one.attached.has(arn));
  const boundaryOf = (identities: Map<string, Identity>) =>
    [...identities.values()].filter((one) => one.boundary === arn);
  const { roles, users } = state.iam;
  return {
    PermissionsPolicy: { Role: attachedTo(roles), User: attachedTo(users) },
    PermissionsBoundary: { Role: boundaryOf(roles), User: boundaryOf(users) },
  };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html */
function describe(state: AccountState, policy: ManagedPolicy): Record<string, unknown> {
  const { PermissionsPolicy, PermissionsBoundary } = usesOf(state, policy.arn);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: pathOf(policy),
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: PermissionsPolicy.Role.length + PermissionsPolicy.User.length,
    PermissionsBoundaryUsageCount: PermissionsBoundary.Role.length + PermissionsBoundary.User.length,
    IsAttachable: true,
    CreateDate: policy.created,
    UpdateDate: policy.created,
  };
}

interface CreatePolicyInput {
  PolicyName: string;
  Path?: string;
  PolicyDocument: string;
  Description?: string;
  Tags?: Tag[] | string;
}

function newArn(state: AccountState, { Path = '/', PolicyName }: CreatePolicyInput): string {
  return `arn:${state.partition}:iam::${state.account}:policy${Path}${PolicyName}`;
}

const createPolicy: Operation<CreatePolicyInput> = {
  service: 'iam',
  name: 'CreatePolicy',
  mutates: true,
  access({ state, input }) {
    const common = { resource: newArn(state, input), context: tagContext(input.Tags) };
    const create = { action: 'iam:CreatePolicy', ...common };
    return queryList(input.Tags).length === 0 ? [create] : [create, { action: 'iam:TagPolicy', ...common }];
  },
  run({ state, input }) {
    const { PolicyName: name, PolicyDocument, Description } = input;
    const arn = newArn(state, input);
    checkName('policyName', name, 128);
    const size = policySize(readPolicy(PolicyDocument, 'identity'));
    checkQuota(size, 6144, 'Cannot exceed quota for PolicySize: 6144');
    // Names are unique in the account, whatever the path.
    const own = [...state.iam.policies.values()].filter((policy) => !isAwsManaged(policy));
    requireNoEntity(sameName(own, name), `A policy called ${name} already exists. Duplicate names are not allowed.`);
    const policy: ManagedPolicy = {
      name,
      id: uniqueId('ANPA'),
      arn,
      created: new Date(state.now()),
      description: Description,
      versions: new Map([['v1', PolicyDocument]]),
      defaultVersion: 'v1',
      tags: new Map(),
    };
    addTags(policy.tags, input.Tags);
    state.iam.policies.set(arn, policy);
    return { Policy: { ...describe(state, policy), Tags: optionalTagEntries(policy.tags) } };
  },
};

const getPolicy: Operation<PolicyInput> = {
  service: 'iam',
  name: 'GetPolicy',
  mutates: false,
  access: policyAccess('iam:GetPolicy'),
  // "Description … is included in the response to the GetPolicy operation", and in no other.
  run({ state, input }) {
    const policy = policyWithArn(state, input.PolicyArn);
    return {
      Policy: { ...describe(state, policy), Description: policy.description, Tags: tagEntries(policy.tags) },
    };
  },
};

const getPolicyVersion: Operation<PolicyInput & { VersionId: string }> = {
  service: 'iam',
  name: 'GetPolicyVersion',
  mutates: false,
  access: policyAccess('iam:GetPolicyVersion'),
  run({ state, input }) {
    const { PolicyArn, VersionId } = input;
    const policy = policyWithArn(state, PolicyArn);
    const text = requireEntity(
      policy.versions.get(VersionId),
      `Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`,
    );
    return {
      PolicyVersion: {
        Document: encodedDocument(text),
        VersionId,
        IsDefaultVersion: policy.defaultVersion === VersionId,
        CreateDate: policy.created,
      },
    };
  },
};

function isAwsManaged({ arn }: ManagedPolicy): boolean {
  return arn.includes(':iam::aws:');
}

const deletePolicy: Operation<PolicyInput> = {
  service: 'iam',
  name: 'DeletePolicy',
  mutates: true,
  access: policyAccess('iam:DeletePolicy'),
  run({ state, input }) {
    const policy = policyWithArn(state, input.PolicyArn);
    if (isAwsManaged(policy)) {
      throw new AwsRefusal('AccessDenied', `Policy ${policy.arn} belongs to AWS and cannot be deleted.`, 403);
    }
    const { PermissionsPolicy, PermissionsBoundary } = usesOf(state, policy.arn);
    const uses = [PermissionsPolicy, PermissionsBoundary].flatMap(({ Role, User }) => [...Role, ...User]);
    requireUnused(uses, 'Cannot delete a policy attached to entities.');
    state.iam.policies.delete(policy.arn);
  },
};

const tagPolicy: Operation<PolicyInput & { Tags: Tag[] | string }> = {
  service: 'iam',
  name: 'TagPolicy',
  mutates: true,
  access: ({ input }) => [{ action: 'iam:TagPolicy', resource: input.PolicyArn, context: tagContext(input.Tags) }],
  run({ state, input }) {
    addTags(policyWithArn(state, input.PolicyArn).tags, input.Tags);
  },
};

const listPolicyTags: Operation<PolicyInput & MarkerInput> = {
  service: 'iam',
  name: 'ListPolicyTags',
  mutates: false,
  access: policyAccess('iam:ListPolicyTags'),
  run: ({ state, input }) => markerPage('Tags', sortedTagEntries(policyWithArn(state, input.PolicyArn).tags), input),
};

interface ListPoliciesInput extends MarkerInput {
  Scope?: 'All' | 'AWS' | 'Local';
  PathPrefix?: string;
  OnlyAttached?: string;
}

const listPolicies: Operation<ListPoliciesInput> = {
  service: 'iam',
  name: 'ListPolicies',
  mutates: false,
  access: ({ state }) => [
    { action: 'iam:ListPolicies', resource: `arn:${state.partition}:iam::${state.account}:policy/` },
  ],
  run({ state, input }) {
    const { Scope = 'All', PathPrefix = '/', OnlyAttached } = input;
    const found = [...state.iam.policies.values()]
      .filter((policy) => Scope === 'All' || isAwsManaged(policy) === (Scope === 'AWS'))
      .filter((policy) => pathOf(policy).startsWith(PathPrefix))
      .map((policy) => describe(state, policy))
      .filter(({ AttachmentCount }) => OnlyAttached !== 'true' || AttachmentCount !== 0);
    return markerPage('Policies', found, input);
  },
};

interface ListEntitiesInput extends PolicyInput {
  EntityFilter?: string;
  PathPrefix?: string;
  PolicyUsageFilter?: 'PermissionsPolicy' | 'PermissionsBoundary';
}

const listEntitiesForPolicy: Operation<ListEntitiesInput> = {
  service: 'iam',
  name: 'ListEntitiesForPolicy',
  mutates: false,
  access: policyAccess('iam:ListEntitiesForPolicy'),
  run({ state, input }) {
    const { EntityFilter, PolicyUsageFilter } = input;
    const uses = usesOf(state, policyWithArn(state, input.PolicyArn).arn);
    const entities = (kind: 'Role' | 'User') => {
      if ((EntityFilter ?? kind) !== kind) return [];
      const found = (['PermissionsPolicy', 'PermissionsBoundary'] as const)
        .filter((usage) => (PolicyUsageFilter ?? usage) === usage)
        .flatMap((usage) => uses[usage][kind]);
      return [...new Set(found)].map(({ name, id }) => ({ [`${kind}Name`]: name, [`${kind}Id`]: id }));
    };
    return { PolicyGroups: [], PolicyUsers: entities('User'), PolicyRoles: entities('Role'), IsTruncated: false };
  },
};

export const policyOperations: Operation[] = [
  createPolicy,
  getPolicy,
  getPolicyVersion,
  deletePolicy,
  tagPolicy,
  listPolicyTags,
  listPolicies,
  listEntitiesForPolicy,
];
