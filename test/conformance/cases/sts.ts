/**
 * STS. Who calls differs between the two accounts, so only the form of it is compared.
 */
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import * as api from '@aws-sdk/client-sts';
import type { Case } from '../account.js';
import { policy } from './documents.js';

const RoleArn = 'arn:aws:iam::123456789012:role/assumed';
const session = { RoleArn, RoleSessionName: 'session' };
const token = (issuer: string) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: `https://${issuer}`,
    aud: 'sts.amazonaws.com',
    sub: 'agent',
    exp: Math.floor(Date.now() / 1000) + 3600,
    'https://aws.amazon.com/tags': { principal_tags: { wallet: ['0x1111'] }, transitive_tag_keys: ['wallet'] },
  };
  return { WebIdentityToken: `${part({ alg: 'none' })}.${part(claims)}.unsigned` };
};

export const stsCases: Case[] = [
  {
    title: 'that anybody here and a provider may assume',
    send: ({ iam }) =>
      iam.send(
        new CreateRoleCommand({
          RoleName: 'assumed',
          AssumeRolePolicyDocument: policy(
            { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' },
            {
              Effect: 'Allow',
              Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/oidc.example.com' },
              Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
            },
          ),
        }),
      ),
  },
  { title: 'of an access key', send: ({ sts }) => sts.send(new api.GetCallerIdentityCommand({})) },
  { title: 'for an hour', send: ({ sts }) => sts.send(new api.AssumeRoleCommand(session)) },
  {
    title: 'for longer than the role allows',
    send: ({ sts }) => sts.send(new api.AssumeRoleCommand({ ...session, DurationSeconds: 7200 })),
  },
  {
    title: 'no role',
    send: ({ sts }) =>
      sts.send(new api.AssumeRoleCommand({ ...session, RoleArn: 'arn:aws:iam::123456789012:role/not-there' })),
  },
  {
    title: 'with a token',
    send: ({ sts }) => sts.send(new api.AssumeRoleWithWebIdentityCommand({ ...session, ...token('oidc.example.com') })),
  },
  {
    title: 'a token of a provider that is not there',
    send: ({ sts }) =>
      sts.send(new api.AssumeRoleWithWebIdentityCommand({ ...session, ...token('stranger.example.com') })),
  },
];
