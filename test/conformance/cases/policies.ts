/**
 * IAM's managed policies, users and their keys, and OpenID Connect providers.
 */
import * as api from '@aws-sdk/client-iam';
import type { Case } from '../account.js';
import { policy, readAnything } from './documents.js';

const PolicyName = 'kept';
const PolicyArn = `arn:aws:iam::123456789012:policy/team/${PolicyName}`;
const notThere = { PolicyArn: 'arn:aws:iam::123456789012:policy/not-there' };
const inUse = { PolicyArn: 'arn:aws:iam::123456789012:policy/used' };
const UserName = 'conformance';
const nobody = { UserName: 'nobody' };

const managed: Case[] = [
  {
    title: 'with everything',
    send: ({ iam }) =>
      iam.send(
        new api.CreatePolicyCommand({
          PolicyName,
          Path: '/team/',
          Description: 'what was there',
          PolicyDocument: readAnything,
          Tags: [{ Key: 'team', Value: 'mail' }],
        }),
      ),
  },
  {
    title: 'with nothing',
    send: ({ iam }) => iam.send(new api.CreatePolicyCommand({ PolicyName: 'plain', PolicyDocument: readAnything })),
  },
  {
    title: 'there already',
    send: ({ iam }) =>
      iam.send(new api.CreatePolicyCommand({ PolicyName, Path: '/team/', PolicyDocument: readAnything })),
  },
  {
    title: 'malformed',
    send: ({ iam }) => iam.send(new api.CreatePolicyCommand({ PolicyName: 'bad', PolicyDocument: '{' })),
  },
  { title: 'with everything', send: ({ iam }) => iam.send(new api.GetPolicyCommand({ PolicyArn })) },
  {
    title: 'with nothing',
    send: ({ iam }) => iam.send(new api.GetPolicyCommand({ PolicyArn: 'arn:aws:iam::123456789012:policy/plain' })),
  },
  { title: 'not there', send: ({ iam }) => iam.send(new api.GetPolicyCommand(notThere)) },
  { title: 'there', send: ({ iam }) => iam.send(new api.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' })) },
  {
    title: 'a version that is not there',
    send: ({ iam }) => iam.send(new api.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v9' })),
  },
  {
    title: 'no policy',
    send: ({ iam }) => iam.send(new api.GetPolicyVersionCommand({ ...notThere, VersionId: 'v1' })),
  },
  {
    title: 'one new, one changed',
    send: ({ iam }) =>
      iam.send(
        new api.TagPolicyCommand({
          PolicyArn,
          Tags: [
            { Key: 'team', Value: 'other' },
            { Key: 'more', Value: '' },
          ],
        }),
      ),
  },
  {
    title: 'no policy',
    send: ({ iam }) => iam.send(new api.TagPolicyCommand({ ...notThere, Tags: [{ Key: 'a', Value: 'b' }] })),
  },
  { title: 'two', send: ({ iam }) => iam.send(new api.ListPolicyTagsCommand({ PolicyArn })) },
  { title: 'no policy', send: ({ iam }) => iam.send(new api.ListPolicyTagsCommand(notThere)) },
  { title: 'of this account', send: ({ iam }) => iam.send(new api.ListPoliciesCommand({ Scope: 'Local' })) },
  {
    title: 'under a path',
    send: ({ iam }) => iam.send(new api.ListPoliciesCommand({ Scope: 'Local', PathPrefix: '/team/' })),
  },
  {
    title: 'attached ones',
    send: ({ iam }) => iam.send(new api.ListPoliciesCommand({ Scope: 'Local', OnlyAttached: true })),
  },
  { title: 'nobody', send: ({ iam }) => iam.send(new api.ListEntitiesForPolicyCommand({ PolicyArn })) },
  { title: 'no policy', send: ({ iam }) => iam.send(new api.ListEntitiesForPolicyCommand(notThere)) },
];

const users: Case[] = [
  {
    title: 'with a tag',
    send: ({ iam }) => iam.send(new api.CreateUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'mail' }] })),
  },
  { title: 'with nothing', send: ({ iam }) => iam.send(new api.CreateUserCommand({ UserName: 'plain' })) },
  { title: 'there already', send: ({ iam }) => iam.send(new api.CreateUserCommand({ UserName })) },
  {
    title: 'new',
    send: ({ iam }) =>
      iam.send(new api.PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument: readAnything })),
  },
  {
    title: 'malformed',
    send: ({ iam }) => iam.send(new api.PutUserPolicyCommand({ UserName, PolicyName: 'bad', PolicyDocument: '{' })),
  },
  {
    title: 'no user',
    send: ({ iam }) =>
      iam.send(new api.PutUserPolicyCommand({ ...nobody, PolicyName: 'inline', PolicyDocument: readAnything })),
  },
  { title: 'there', send: ({ iam }) => iam.send(new api.GetUserPolicyCommand({ UserName, PolicyName: 'inline' })) },
  {
    title: 'not there',
    send: ({ iam }) => iam.send(new api.GetUserPolicyCommand({ UserName, PolicyName: 'not-there' })),
  },
  { title: 'one', send: ({ iam }) => iam.send(new api.ListUserPoliciesCommand({ UserName })) },
  { title: 'no user', send: ({ iam }) => iam.send(new api.ListUserPoliciesCommand(nobody)) },
  { title: 'there', send: ({ iam }) => iam.send(new api.AttachUserPolicyCommand({ UserName, PolicyArn })) },
  { title: 'not there', send: ({ iam }) => iam.send(new api.AttachUserPolicyCommand({ UserName, ...notThere })) },
  { title: 'no user', send: ({ iam }) => iam.send(new api.AttachUserPolicyCommand({ ...nobody, PolicyArn })) },
  { title: 'one', send: ({ iam }) => iam.send(new api.ListAttachedUserPoliciesCommand({ UserName })) },
  { title: 'no user', send: ({ iam }) => iam.send(new api.ListAttachedUserPoliciesCommand(nobody)) },
  { title: 'a user', send: ({ iam }) => iam.send(new api.ListEntitiesForPolicyCommand({ PolicyArn })) },
  {
    title: 'an attached one',
    send: ({ iam }) => iam.send(new api.ListPoliciesCommand({ Scope: 'Local', OnlyAttached: true })),
  },
  { title: 'attached', send: ({ iam }) => iam.send(new api.DetachUserPolicyCommand({ UserName, PolicyArn })) },
  { title: 'not attached', send: ({ iam }) => iam.send(new api.DetachUserPolicyCommand({ UserName, PolicyArn })) },
  { title: 'there', send: ({ iam }) => iam.send(new api.DeletePolicyCommand({ PolicyArn })) },
  { title: 'not there', send: ({ iam }) => iam.send(new api.DeletePolicyCommand({ PolicyArn })) },
  {
    title: 'new',
    async send({ iam, kept }) {
      const answer = await iam.send(new api.CreateAccessKeyCommand({ UserName }));
      kept.set('access key', String(answer.AccessKey?.AccessKeyId));
      return answer;
    },
  },
  { title: 'no user', send: ({ iam }) => iam.send(new api.CreateAccessKeyCommand(nobody)) },
  {
    title: 'there',
    send: ({ iam, kept }) =>
      iam.send(new api.DeleteAccessKeyCommand({ UserName, AccessKeyId: kept.get('access key') })),
  },
  {
    title: 'not there',
    send: ({ iam, kept }) =>
      iam.send(new api.DeleteAccessKeyCommand({ UserName, AccessKeyId: kept.get('access key') })),
  },
  { title: 'with an inline policy', send: ({ iam }) => iam.send(new api.DeleteUserCommand({ UserName })) },
  { title: 'there', send: ({ iam }) => iam.send(new api.DeleteUserPolicyCommand({ UserName, PolicyName: 'inline' })) },
  {
    title: 'not there',
    send: ({ iam }) => iam.send(new api.DeleteUserPolicyCommand({ UserName, PolicyName: 'inline' })),
  },
  { title: 'with nothing left', send: ({ iam }) => iam.send(new api.DeleteUserCommand({ UserName })) },
  { title: 'not there', send: ({ iam }) => iam.send(new api.DeleteUserCommand({ UserName })) },
  {
    title: 'to be used',
    send: ({ iam }) => iam.send(new api.CreatePolicyCommand({ PolicyName: 'used', PolicyDocument: readAnything })),
  },
  {
    title: 'one to be used',
    send: ({ iam }) => iam.send(new api.AttachUserPolicyCommand({ UserName: 'plain', ...inUse })),
  },
  { title: 'attached', send: ({ iam }) => iam.send(new api.DeletePolicyCommand(inUse)) },
  {
    title: 'more than 6,144 bytes',
    send: ({ iam }) =>
      iam.send(
        new api.CreatePolicyCommand({
          PolicyName: 'long',
          PolicyDocument: policy({
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource: Array.from({ length: 200 }, (_, index) => `arn:aws:s3:::a-bucket-with-a-long-name-${index}/*`),
          }),
        }),
      ),
  },
];

const providers: Case[] = [
  {
    title: 'new',
    send: ({ iam }) =>
      iam.send(
        new api.CreateOpenIDConnectProviderCommand({
          Url: 'https://oidc.example.com',
          ClientIDList: ['sts.amazonaws.com'],
          ThumbprintList: ['0'.repeat(40)],
        }),
      ),
  },
  {
    title: 'without a thumbprint',
    send: ({ iam }) =>
      iam.send(
        new api.CreateOpenIDConnectProviderCommand({
          Url: 'https://other.example.com/path',
          ClientIDList: ['sts.amazonaws.com'],
        }),
      ),
  },
  {
    title: 'there already',
    send: ({ iam }) =>
      iam.send(
        new api.CreateOpenIDConnectProviderCommand({
          Url: 'https://oidc.example.com',
          ClientIDList: ['sts.amazonaws.com'],
          ThumbprintList: ['0'.repeat(40)],
        }),
      ),
  },
];

export const policyCases: Case[] = [...managed, ...users, ...providers];
