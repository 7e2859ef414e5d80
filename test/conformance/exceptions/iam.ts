/** Where moto's IAM and STS differ from AWS's. */
import type { Exception } from './index.js';

const iam = 'https://docs.aws.amazon.com/IAM/latest/APIReference/';
const guide = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/';
const sts = 'https://docs.aws.amazon.com/STS/latest/APIReference/';

const refused: Array<[place: string, error: string, aws: string, page: string]> = [
  [
    'iam:CreateRole, a trust policy that is no JSON',
    '400 MalformedPolicyDocumentException',
    'the policy document was malformed',
    `${iam}API_CreateRole.html`,
  ],
  [
    'iam:CreateRole, a trust policy with a resource',
    '400 MalformedPolicyDocumentException',
    'a trust policy has no Resource: it is the role itself',
    `${guide}reference_policies_elements_resource.html`,
  ],
  [
    'iam:CreateRole, a name IAM does not take',
    '400 ValidationError',
    'names match [\\w+=,.@-]+',
    `${iam}API_CreateRole.html`,
  ],
  [
    'iam:CreateRole, a boundary that is not there',
    '404 NoSuchEntityException',
    'PermissionsBoundary is the ARN of a policy',
    `${guide}access_policies_boundaries.html`,
  ],
  [
    'iam:PutRolePermissionsBoundary, not there',
    '404 NoSuchEntityException',
    'NoSuchEntity: a resource entity that does not exist',
    `${iam}API_PutRolePermissionsBoundary.html`,
  ],
  [
    'iam:PutRolePolicy, a principal',
    '400 MalformedPolicyDocumentException',
    'you cannot use the Principal element in an identity-based policy',
    `${guide}reference_policies_elements_principal.html`,
  ],
  [
    'iam:PutRolePolicy, more than 10,240 bytes',
    '409 LimitExceededException',
    'the aggregate size of all inline policies of a role is 10,240 characters',
    `${guide}reference_iam-quotas.html`,
  ],
  [
    'iam:CreatePolicy, more than 6,144 bytes',
    '409 LimitExceededException',
    'a managed policy has 6,144 characters at most',
    `${guide}reference_iam-quotas.html`,
  ],
  [
    'iam:ListInstanceProfilesForRole, no role',
    '404 NoSuchEntityException',
    'NoSuchEntity: a resource entity that does not exist',
    `${iam}API_ListInstanceProfilesForRole.html`,
  ],
  [
    'iam:ListEntitiesForPolicy, no policy',
    '404 NoSuchEntityException',
    'NoSuchEntity: a resource entity that does not exist',
    `${iam}API_ListEntitiesForPolicy.html`,
  ],
  [
    'iam:DeletePolicy, attached',
    '409 DeleteConflictException',
    'before you can delete a managed policy, you must detach it from all users, groups and roles',
    `${iam}API_DeletePolicy.html`,
  ],
  [
    'sts:AssumeRole, for longer than the role allows',
    '400 ValidationError',
    'if you specify a value higher than the maximum session duration, the operation fails',
    `${sts}API_AssumeRole.html`,
  ],
  [
    'sts:AssumeRole, no role',
    '403 AccessDenied',
    "the caller must be allowed by the role's trust policy",
    `${sts}API_AssumeRole.html`,
  ],
  [
    'sts:AssumeRoleWithWebIdentity, a token of a provider that is not there',
    '400 InvalidIdentityTokenException',
    'InvalidIdentityToken: the token could not be validated',
    `${sts}API_AssumeRoleWithWebIdentity.html`,
  ],
];

export const iamExceptions: Exception[] = [
  ...refused.map(([place, here, aws, page]) => ({ in: [place], path: 'answer', moto: '200', here, aws, page })),
  {
    in: ['iam:CreateRole', 'iam:GetRole', 'iam:GetInstanceProfile', 'iam:ListInstanceProfilesForRole'],
    path: 'PermissionsBoundaryType',
    moto: '"PermissionsBoundaryPolicy"',
    here: '"Policy"',
    aws: 'this data type can only have a value of Policy',
    page: `${iam}API_AttachedPermissionsBoundary.html`,
  },
  {
    in: ['iam:CreateRole', 'iam:GetInstanceProfile', 'iam:ListInstanceProfilesForRole'],
    path: 'RoleLastUsed',
    moto: '{}',
    here: 'absent',
    aws: 'a response element in the GetRole and GetAccountAuthorizationDetails operations',
    page: `${iam}API_RoleLastUsed.html`,
  },
  {
    in: ['iam:CreateInstanceProfile', 'iam:GetInstanceProfile', 'iam:ListInstanceProfilesForRole'],
    path: 'Tags',
    moto: '[]',
    here: 'absent',
    aws: 'the sample answers of an instance profile without tags have none',
    page: `${iam}API_GetInstanceProfile.html`,
  },
  {
    in: ['iam:ListInstanceProfilesForRole'],
    path: 'IsTruncated',
    moto: 'absent',
    here: 'false',
    aws: 'a flag that indicates whether there are more items to return; the sample answer has it',
    page: `${iam}API_ListInstanceProfilesForRole.html`,
  },
  {
    in: ['iam:RemoveRoleFromInstanceProfile, not in it'],
    path: 'answer',
    moto: '500 Error',
    here: '404 NoSuchEntityException',
    aws: 'NoSuchEntity: a resource entity that does not exist',
    page: `${iam}API_RemoveRoleFromInstanceProfile.html`,
  },
  {
    in: ['iam:CreatePolicy', 'iam:GetPolicy', 'iam:ListPolicies'],
    path: 'PermissionsBoundaryUsageCount',
    moto: 'absent',
    here: '0',
    aws: 'the number of entities for which the policy is used to set the permissions boundary',
    page: `${iam}API_Policy.html`,
  },
  {
    in: ['sts:GetCallerIdentity'],
    path: 'Arn',
    moto: '"arn:aws:sts::123456789012:user/moto"',
    here: '"arn:aws:iam::123456789012:user/administrator"',
    aws: "a user's ARN is arn:aws:iam::123456789012:user/Alice",
    page: `${sts}API_GetCallerIdentity.html`,
  },
  {
    in: ['sts:AssumeRole, for an hour'],
    path: 'PackedPolicySize',
    moto: '"a number"',
    here: 'absent',
    aws: 'the packed size of the session policies and session tags in the request: here there are none',
    page: `${sts}API_AssumeRole.html`,
  },
  ...Object.entries({
    Audience: '"sts.amazonaws.com"',
    Provider: '"arn:aws:iam::123456789012:oidc-provider/oidc.example.com"',
    SubjectFromWebIdentityToken: '"agent"',
  }).map(([path, here]) => ({
    in: ['sts:AssumeRoleWithWebIdentity, with a token'],
    path,
    moto: 'absent',
    here,
    aws: 'a response element',
    page: `${sts}API_AssumeRoleWithWebIdentity.html`,
  })),
];
