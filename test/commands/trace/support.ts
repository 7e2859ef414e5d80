/** What the tests of `trace` share. */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
} from '@aws-sdk/client-iam';
import type { PolicyDocument } from '../../../src/policy/document.js';
import { type messages as all, messages } from '../../support/mail.js';
import type { Operator, Run } from '../../support/operator.js';

type Fixture = (typeof all)[number];

/** The first fixture with a property. */
export function fixture(is: (one: Fixture) => boolean): Fixture {
  const found = messages.find(is);
  if (found === undefined) throw new Error('no such fixture');
  return found;
}

export const byEnvelope = fixture(({ routed }) => routed?.by === 'envelope');
export const byHeaders = fixture(({ routed }) => routed?.by === 'headers' && routed.wallets.length > 1);
export const staying = fixture(({ stays }) => stays === 'not-a-routed-address');

let users = 0;

/** Runs it as a user who has a policy and nothing else. */
export async function runAs(operator: Operator, policy: PolicyDocument, args: string[]): Promise<Run> {
  const { aws } = operator;
  const UserName = `reader-${users++}`;
  const PolicyDocument = JSON.stringify(policy);
  await aws.iam.send(new CreateUserCommand({ UserName }));
  const { Policy } = await aws.iam.send(new CreatePolicyCommand({ PolicyName: UserName, PolicyDocument }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
  return operator.run(args, { credentials: { accessKeyId, secretAccessKey } });
}

/** A screen without what differs between runs. */
export function masked(stdout: string): string[] {
  return stdout
    .replace(/\d{4}-\d\d-\d\dT[\d:]+[+-]\d\d:\d\d \(\d+ s ago\)/g, '<time> (<n> s ago)')
    .replace(/\d{4}-\d\d-\d\dT[\d:]+[+-]\d\d:\d\d/g, '<time>')
    .replace(/, [\d,]+ ms$/gm, ', <n> ms')
    .trimEnd()
    .split('\n');
}
