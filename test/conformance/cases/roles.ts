/**
 * IAM's roles: their making and unmaking, tags, boundary, inline and attached policies, instance profiles.
 */
import * as api from '@aws-sdk/client-iam';
import type { Case } from '../account.js';
import { policy, readAnything, trust } from './documents.js';

const RoleName = 'conformance';
const nobody = { RoleName: 'nobody' };
const fromAws = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const notThere = 'arn:aws:iam::123456789012:policy/not-there';
const PolicyName = 'inline';
const InstanceProfileName = 'conformance';

export const roleCases: Case[] = [
  {
    title: 'with everything',
    send: ({ iam }) =>
      iam.send(
        new api.CreateRoleCommand({
          RoleName,
          AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
          Description: 'a role',
          MaxSessionDuration: 7200,
          PermissionsBoundary: fromAws,
          Tags: [{ Key: 'team', Value: 'mail' }],
        }),
      ),
  },
  {
    title: 'with nothing',
    send: ({ iam }) =>
      iam.send(
        new api.CreateRoleCommand({ RoleName: 'plain', AssumeRolePolicyDocument: trust('lambda.amazonaws.com') }),
      ),
  },
  {
    title: 'there already',
    send: ({ iam }) =>
      iam.send(new api.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust('lambda.amazonaws.com') })),
  },
  {
    title: 'a trust policy that is no JSON',
    send: ({ iam }) => iam.send(new api.CreateRoleCommand({ RoleName: 'no-json', AssumeRolePolicyDocument: '{' })),
  },
  {
    title: 'a trust policy with a resource',
    send: ({ iam }) =>
      iam.send(new api.CreateRoleCommand({ RoleName: 'with-resource', AssumeRolePolicyDocument: readAnything })),
  },
  {
    title: 'a name IAM does not take',
    send: ({ iam }) =>
      iam.send(new api.CreateRoleCommand({ RoleName: 'a b', AssumeRolePolicyDocument: trust('lambda.amazonaws.com') })),
  },
  {
    title: 'a boundary that is not there',
    send: ({ iam }) =>
      iam.send(
        new api.CreateRoleCommand({
          RoleName: 'unbound',
          AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
          PermissionsBoundary: notThere,
        }),
      ),
  },
  { title: 'with everything', send: ({ iam }) => iam.send(new api.GetRoleCommand({ RoleName })) },
  { title: 'with nothing', send: ({ iam }) => iam.send(new api.GetRoleCommand({ RoleName: 'plain' })) },
  { title: 'not there', send: ({ iam }) => iam.send(new api.GetRoleCommand(nobody)) },
  {
    title: 'description and session',
    send: ({ iam }) =>
      iam.send(new api.UpdateRoleCommand({ RoleName, Description: 'another', MaxSessionDuration: 3600 })),
  },
  { title: 'not there', send: ({ iam }) => iam.send(new api.UpdateRoleCommand(nobody)) },
  {
    title: 'another trust',
    send: ({ iam }) =>
      iam.send(new api.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust('events.amazonaws.com') })),
  },
  {
    title: 'malformed',
    send: ({ iam }) => iam.send(new api.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: '{' })),
  },
  {
    title: 'no role',
    send: ({ iam }) =>
      iam.send(new api.UpdateAssumeRolePolicyCommand({ ...nobody, PolicyDocument: trust('lambda.amazonaws.com') })),
  },
  { title: 'after the updates', send: ({ iam }) => iam.send(new api.GetRoleCommand({ RoleName })) },

  {
    title: 'one new, one changed',
    send: ({ iam }) =>
      iam.send(
        new api.TagRoleCommand({
          RoleName,
          Tags: [
            { Key: 'team', Value: 'other' },
            { Key: 'empty', Value: '' },
          ],
        }),
      ),
  },
  {
    title: 'no role',
    send: ({ iam }) => iam.send(new api.TagRoleCommand({ ...nobody, Tags: [{ Key: 'a', Value: 'b' }] })),
  },
  { title: 'two', send: ({ iam }) => iam.send(new api.ListRoleTagsCommand({ RoleName })) },
  { title: 'a page', send: ({ iam }) => iam.send(new api.ListRoleTagsCommand({ RoleName, MaxItems: 1 })) },
  { title: 'none', send: ({ iam }) => iam.send(new api.ListRoleTagsCommand({ RoleName: 'plain' })) },
  { title: 'no role', send: ({ iam }) => iam.send(new api.ListRoleTagsCommand(nobody)) },
  {
    title: 'one there, one not',
    send: ({ iam }) => iam.send(new api.UntagRoleCommand({ RoleName, TagKeys: ['empty', 'unknown'] })),
  },
  { title: 'no role', send: ({ iam }) => iam.send(new api.UntagRoleCommand({ ...nobody, TagKeys: ['a'] })) },
  { title: 'with its tags', send: ({ iam }) => iam.send(new api.GetRoleCommand({ RoleName })) },

  {
    title: 'not there',
    send: ({ iam }) =>
      iam.send(new api.PutRolePermissionsBoundaryCommand({ RoleName: 'plain', PermissionsBoundary: notThere })),
  },
  {
    title: 'of AWS',
    send: ({ iam }) =>
      iam.send(new api.PutRolePermissionsBoundaryCommand({ RoleName: 'plain', PermissionsBoundary: fromAws })),
  },
  {
    title: 'no role',
    send: ({ iam }) => iam.send(new api.PutRolePermissionsBoundaryCommand({ ...nobody, PermissionsBoundary: fromAws })),
  },
  { title: 'with a boundary', send: ({ iam }) => iam.send(new api.GetRoleCommand({ RoleName: 'plain' })) },
  {
    title: 'there',
    send: ({ iam }) => iam.send(new api.DeleteRolePermissionsBoundaryCommand({ RoleName: 'plain' })),
  },
  { title: 'no role', send: ({ iam }) => iam.send(new api.DeleteRolePermissionsBoundaryCommand(nobody)) },

  {
    title: 'new',
    send: ({ iam }) => iam.send(new api.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: readAnything })),
  },
  {
    title: 'in the place of another',
    send: ({ iam }) =>
      iam.send(
        new api.PutRolePolicyCommand({
          RoleName,
          PolicyName,
          // What has to be encoded on its way back.
          PolicyDocument: policy({
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource: "arn:aws:s3:::mail/bots/${aws:PrincipalTag/wallet}/a+b (c)!'%41é",
          }),
        }),
      ),
  },
  {
    title: 'no role',
    send: ({ iam }) => iam.send(new api.PutRolePolicyCommand({ ...nobody, PolicyName, PolicyDocument: readAnything })),
  },
  {
    title: 'for malformed policies',
    send: ({ iam }) =>
      iam.send(
        new api.CreateRoleCommand({ RoleName: 'malformed', AssumeRolePolicyDocument: trust('lambda.amazonaws.com') }),
      ),
  },
  ...Object.entries({
    'no JSON': '{',
    'no resource': policy({ Effect: 'Allow', Action: 's3:GetObject' }),
    'a principal': policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }),
    'an action without its service': policy({ Effect: 'Allow', Action: 'GetObject', Resource: '*' }),
    'a resource that is no ARN': policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'mail' }),
    'no statement': policy(),
    'an effect that is none': policy({ Effect: 'Maybe', Action: 's3:GetObject', Resource: '*' }),
  }).map(([title, PolicyDocument]) => ({
    title,
    send: ({ iam }: Parameters<Case['send']>[0]) =>
      iam.send(new api.PutRolePolicyCommand({ RoleName: 'malformed', PolicyName: 'bad', PolicyDocument })),
  })),
  {
    title: 'more than 10,240 bytes',
    send: ({ iam }) =>
      iam.send(
        new api.PutRolePolicyCommand({
          RoleName: 'malformed',
          PolicyName: 'long',
          PolicyDocument: policy({
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource: Array.from({ length: 300 }, (_, index) => `arn:aws:s3:::a-bucket-with-a-long-name-${index}/*`),
          }),
        }),
      ),
  },
  { title: 'there', send: ({ iam }) => iam.send(new api.GetRolePolicyCommand({ RoleName, PolicyName })) },
  {
    title: 'not there',
    send: ({ iam }) => iam.send(new api.GetRolePolicyCommand({ RoleName, PolicyName: 'not-there' })),
  },
  { title: 'no role', send: ({ iam }) => iam.send(new api.GetRolePolicyCommand({ ...nobody, PolicyName })) },
  { title: 'one', send: ({ iam }) => iam.send(new api.ListRolePoliciesCommand({ RoleName })) },
  { title: 'none', send: ({ iam }) => iam.send(new api.ListRolePoliciesCommand({ RoleName: 'plain' })) },
  { title: 'no role', send: ({ iam }) => iam.send(new api.ListRolePoliciesCommand(nobody)) },

  {
    title: 'of AWS',
    send: ({ iam }) => iam.send(new api.AttachRolePolicyCommand({ RoleName, PolicyArn: fromAws })),
  },
  {
    title: 'attached already',
    send: ({ iam }) => iam.send(new api.AttachRolePolicyCommand({ RoleName, PolicyArn: fromAws })),
  },
  {
    title: 'not there',
    send: ({ iam }) => iam.send(new api.AttachRolePolicyCommand({ RoleName, PolicyArn: notThere })),
  },
  {
    title: 'no role',
    send: ({ iam }) => iam.send(new api.AttachRolePolicyCommand({ ...nobody, PolicyArn: fromAws })),
  },
  { title: 'one', send: ({ iam }) => iam.send(new api.ListAttachedRolePoliciesCommand({ RoleName })) },
  { title: 'none', send: ({ iam }) => iam.send(new api.ListAttachedRolePoliciesCommand({ RoleName: 'plain' })) },
  { title: 'no role', send: ({ iam }) => iam.send(new api.ListAttachedRolePoliciesCommand(nobody)) },

  {
    title: 'what it is allowed',
    send: ({ iam }) =>
      iam.send(
        new api.SimulatePrincipalPolicyCommand({
          PolicySourceArn: `arn:aws:iam::123456789012:role/${RoleName}`,
          ActionNames: ['s3:GetObject'],
        }),
      ),
  },

  {
    title: 'new',
    send: ({ iam }) => iam.send(new api.CreateInstanceProfileCommand({ InstanceProfileName })),
  },
  {
    title: 'there already',
    send: ({ iam }) => iam.send(new api.CreateInstanceProfileCommand({ InstanceProfileName })),
  },
  {
    title: 'empty',
    send: ({ iam }) => iam.send(new api.GetInstanceProfileCommand({ InstanceProfileName })),
  },
  {
    title: 'the first',
    send: ({ iam }) => iam.send(new api.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName })),
  },
  {
    title: 'a second',
    send: ({ iam }) => iam.send(new api.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: 'plain' })),
  },
  {
    title: 'no role',
    send: ({ iam }) => iam.send(new api.AddRoleToInstanceProfileCommand({ InstanceProfileName, ...nobody })),
  },
  {
    title: 'no profile',
    send: ({ iam }) => iam.send(new api.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'none', RoleName })),
  },
  {
    title: 'with a role',
    send: ({ iam }) => iam.send(new api.GetInstanceProfileCommand({ InstanceProfileName })),
  },
  {
    title: 'not there',
    send: ({ iam }) => iam.send(new api.GetInstanceProfileCommand({ InstanceProfileName: 'none' })),
  },
  { title: 'one', send: ({ iam }) => iam.send(new api.ListInstanceProfilesForRoleCommand({ RoleName })) },
  {
    title: 'none',
    send: ({ iam }) => iam.send(new api.ListInstanceProfilesForRoleCommand({ RoleName: 'plain' })),
  },
  { title: 'no role', send: ({ iam }) => iam.send(new api.ListInstanceProfilesForRoleCommand(nobody)) },
  {
    title: 'with a role',
    send: ({ iam }) => iam.send(new api.DeleteInstanceProfileCommand({ InstanceProfileName })),
  },

  { title: 'in an instance profile', send: ({ iam }) => iam.send(new api.DeleteRoleCommand({ RoleName })) },
  {
    title: 'in it',
    send: ({ iam }) => iam.send(new api.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })),
  },
  {
    title: 'not in it',
    send: ({ iam }) => iam.send(new api.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })),
  },
  {
    title: 'no profile',
    send: ({ iam }) =>
      iam.send(new api.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: 'none', RoleName })),
  },
  { title: 'empty', send: ({ iam }) => iam.send(new api.DeleteInstanceProfileCommand({ InstanceProfileName })) },
  {
    title: 'not there',
    send: ({ iam }) => iam.send(new api.DeleteInstanceProfileCommand({ InstanceProfileName })),
  },
  { title: 'with an attached policy', send: ({ iam }) => iam.send(new api.DeleteRoleCommand({ RoleName })) },
  {
    title: 'attached',
    send: ({ iam }) => iam.send(new api.DetachRolePolicyCommand({ RoleName, PolicyArn: fromAws })),
  },
  {
    title: 'not attached',
    send: ({ iam }) => iam.send(new api.DetachRolePolicyCommand({ RoleName, PolicyArn: fromAws })),
  },
  {
    title: 'no role',
    send: ({ iam }) => iam.send(new api.DetachRolePolicyCommand({ ...nobody, PolicyArn: fromAws })),
  },
  { title: 'with an inline policy', send: ({ iam }) => iam.send(new api.DeleteRoleCommand({ RoleName })) },
  { title: 'there', send: ({ iam }) => iam.send(new api.DeleteRolePolicyCommand({ RoleName, PolicyName })) },
  { title: 'not there', send: ({ iam }) => iam.send(new api.DeleteRolePolicyCommand({ RoleName, PolicyName })) },
  { title: 'no role', send: ({ iam }) => iam.send(new api.DeleteRolePolicyCommand({ ...nobody, PolicyName })) },
  { title: 'with nothing left', send: ({ iam }) => iam.send(new api.DeleteRoleCommand({ RoleName })) },
  { title: 'not there', send: ({ iam }) => iam.send(new api.DeleteRoleCommand({ RoleName })) },
];
