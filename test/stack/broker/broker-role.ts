/**
 * The broker's role in a test: given policies, compared exactly, and tried out with its own credentials.
 */

import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DetachRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createAws } from '../../../src/aws/clients.js';
import { createSession, type Role } from '../../../src/sandbox/index.js';
import type { Operator } from '../../support/operator.js';

export const RoleName = 'agentkeys-broker-host';
/** Another team's bucket, and one whose name starts like the mail bucket's. */
export const otherBuckets = ['somebody-elses-bucket', 'agentkeys-mail-444455556666'];
const keys = ['inbound/login', 'inbox', 'bots/0x1/inbound/mail', 'bots/0x1/notes', 'private/file'];

/** The policies of a broker's role. */
export interface RoleShape {
  /** AWS-managed policies, by name. */
  attached?: string[];
  /** Inline policies, by name: the very text. */
  inline?: Record<string, string>;
  /** Customer-managed policies, by name. */
  managed?: Record<string, string>;
  /** The document of a permissions boundary. */
  boundary?: string;
}

export function brokerOf({ sandbox }: Operator): Role {
  const role = sandbox.state.iam.roles.get(RoleName);
  if (role === undefined) throw new Error('no broker role');
  return role;
}

/** Gives the broker's role these policies in place of the AmazonS3FullAccess that it has. */
export async function shape({ aws }: Operator, { attached = [], inline = {}, managed = {}, boundary }: RoleShape) {
  const made = async (PolicyName: string, PolicyDocument: string) =>
    (await aws.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))).Policy?.Arn;
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
  await aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  for (const name of attached)
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
  for (const [PolicyName, PolicyDocument] of Object.entries(inline))
    await aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  for (const [name, document] of Object.entries(managed))
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: await made(name, document) }));
  if (boundary !== undefined) {
    const PermissionsBoundary = await made('the-boundary', boundary);
    await aws.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
  }
}

/** Exactly what IAM has of the role, and every managed policy of the account. */
export function snapshotOf(operator: Operator): object {
  const { inline, attached, tags, boundary, trust } = brokerOf(operator);
  const sorted = <Value>(map: ReadonlyMap<string, Value>) => [...map].sort(([a], [b]) => a.localeCompare(b));
  const policies = [...operator.sandbox.state.iam.policies.values()].map((policy): [string, unknown[]] => [
    policy.arn,
    [policy.versions.get(policy.defaultVersion), ...sorted(policy.tags)],
  ]);
  return {
    inline: sorted(inline),
    attached: [...attached].sort(),
    tags: sorted(tags),
    boundary,
    trust,
    policies: sorted(new Map(policies)),
  };
}

/** Puts the same objects into the mail bucket and the others. */
export async function stock({ aws, bucket }: Operator): Promise<void> {
  for (const Bucket of otherBuckets) await aws.s3.send(new CreateBucketCommand({ Bucket }));
  for (const Bucket of [bucket, ...otherBuckets])
    for (const Key of keys) await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
}

/** All that the broker can do, found by trying: `get <bucket>/<key>`, `list <bucket>/<prefix>`, `put <bucket>/<key>`. */
export async function abilities(operator: Operator): Promise<string[]> {
  const { sandbox, bucket } = operator;
  const { id, secret, sessionToken } = createSession(sandbox.state, brokerOf(operator), { session: 'i-1' });
  const credentials = { accessKeyId: id, secretAccessKey: secret, sessionToken };
  const { s3, iam, close } = createAws({ region: sandbox.region, endpointUrl: sandbox.endpoint, credentials });
  const ofBucket = (Bucket: string): Array<[string, () => Promise<unknown>]> => [
    ...keys.flatMap(
      (Key): Array<[string, () => Promise<unknown>]> => [
        [`get ${Bucket}/${Key}`, () => s3.send(new GetObjectCommand({ Bucket, Key }))],
        [`get tags of ${Bucket}/${Key}`, () => s3.send(new GetObjectTaggingCommand({ Bucket, Key }))],
      ],
    ),
    ...['', 'inbound/', 'inbox', 'bots/'].map((Prefix): [string, () => Promise<unknown>] => [
      `list ${Bucket}/${Prefix}`,
      () => s3.send(new ListObjectsV2Command({ Bucket, Prefix })),
    ]),
    [`put ${Bucket}/private/new`, () => s3.send(new PutObjectCommand({ Bucket, Key: 'private/new', Body: 'x' }))],
  ];
  const tries: Array<[string, () => Promise<unknown>]> = [
    ...[bucket, ...otherBuckets].flatMap(ofBucket),
    ['look at itself', () => iam.send(new ListRolePoliciesCommand({ RoleName }))],
  ];
  const can: string[] = [];
  for (const [what, attempt] of tries) {
    try {
      await attempt();
      can.push(what);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'AccessDenied')) throw error;
    }
  }
  close();
  return can;
}

/** What the design lets the broker do with the mail bucket. */
export function whatTheDesignSays(bucket: string): string[] {
  return [`get ${bucket}/inbound/login`, `list ${bucket}/inbound/`];
}

/** The abilities on the bucket. */
export function withBucket(can: string[], bucket: string): string[] {
  return can.filter((what) => what.includes(` ${bucket}/`));
}

export function elsewhere(can: string[], bucket: string): string[] {
  return can.filter((what) => !what.includes(` ${bucket}/`));
}
