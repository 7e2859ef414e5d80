/**
 * What the tests of the vault share: agents with sessions that are tagged with their wallet, in the mail bucket and in a vault bucket.
 */
import { CreateRoleCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import { agentToken, operatorNames } from '../../src/commands/demo/operator-account.js';
import { assumeDataRole } from '../../src/mailbox/role.js';
import type { StoredObject } from '../../src/sandbox/index.js';
import { type Layout, localSigner, openVault, type Signer, type Vault } from '../../src/vault/index.js';
import { type Operator, startOperator } from '../support/operator.js';
import { keyFrom, omniOf, write } from './second-implementation.js';

/** A wallet with its key. The addresses were computed with another implementation. */
export interface Person {
  privateKey: string;
  wallet: string;
  omni: string;
  signer: Signer;
}

function person(privateKey: string, wallet: string): Person {
  return { privateKey, wallet, omni: omniOf(wallet), signer: localSigner(privateKey) };
}

/** https://web3js.readthedocs.io/en/v1.10.0/web3-eth-accounts.html#sign */
export const alice = person(
  '4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318',
  '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23',
);

/** The first account of Hardhat and Anvil: https://hardhat.org/hardhat-network/docs/reference */
export const bob = person(
  'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
);

export const layouts: Layout[] = ['wallet', 'omni'];

export interface Vaults extends Operator {
  /** The bucket of a layout, and the role for it. */
  places: Record<Layout, { bucket: string; roleArn: string }>;
  /** A client with a person's session of the layout's role. */
  clientOf(person: Person, layout: Layout, attempts?: number): S3Client;
  /** A person's vault, with a session of the person's own. */
  vaultOf(person: Person, layout: Layout, signer?: Signer): Vault;
  /** What is stored in a layout's bucket. */
  objects(layout: Layout): Map<string, StoredObject>;
  /** Stores bytes as they are. */
  store(layout: Layout, key: string, body: Uint8Array): void;
  /** An object of the second implementation's. */
  written(version: number, person: Person, service: string, secret: string): Promise<Buffer>;
  /** What a piece of work called S3 for, in order: the operations' names. */
  called(work: () => Promise<unknown>): Promise<string[]>;
}

/** The statements for agents, as AgentKeys has them. */
function statements(bucket: string, principal: string, tag: string): object[] {
  const own = `bots/\${aws:PrincipalTag/${tag}}/credentials/*`;
  const tagged = { Null: { [`aws:PrincipalTag/${tag}`]: 'false' } };
  const shared = { Effect: 'Allow', Principal: { AWS: principal } };
  return [
    {
      ...shared,
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${bucket}`,
      Condition: { ...tagged, StringLike: { 's3:prefix': own } },
    },
    {
      ...shared,
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      Resource: `arn:aws:s3:::${bucket}/${own}`,
      Condition: tagged,
    },
  ];
}

/** Adds what the vault needs to an operator's account. */
export async function addVault({ aws, bucket, sandbox }: Operator): Promise<Vaults['places']> {
  const { account } = sandbox;
  const vaultBucket = `agentkeys-vault-${account}`;
  const roleName = 'agentkeys-vault-role';
  const arnOf = (role: string) => `arn:aws:iam::${account}:role/${role}`;
  const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName: operatorNames.dataRole }));
  const AssumeRolePolicyDocument = decodeURIComponent(String(Role?.AssumeRolePolicyDocument));
  await aws.iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument }));
  await aws.s3.send(new CreateBucketCommand({ Bucket: vaultBucket }));
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const mail = JSON.parse(Policy);
  mail.Statement.push(...statements(bucket, arnOf(operatorNames.dataRole), 'agentkeys_user_wallet'));
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(mail) }));
  const own = { Version: '2012-10-17', Statement: statements(vaultBucket, arnOf(roleName), 'agentkeys_actor_omni') };
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: vaultBucket, Policy: JSON.stringify(own) }));
  return {
    wallet: { bucket, roleArn: arnOf(operatorNames.dataRole) },
    omni: { bucket: vaultBucket, roleArn: arnOf(roleName) },
  };
}

export async function startVaults(t: Test): Promise<Vaults> {
  const operator = await startOperator(t);
  const { sandbox } = operator;
  const { endpoint, region } = sandbox;
  const places = await addVault(operator);
  const sts = new STSClient({ region, endpoint, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  t.teardown(() => sts.destroy());
  const clientOf: Vaults['clientOf'] = ({ wallet }, layout, maxAttempts = 1) => {
    const token = agentToken(wallet, Date.now() / 1_000 + 600);
    const credentials = assumeDataRole({ roleArn: places[layout].roleArn, token, sts });
    const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials, maxAttempts });
    t.teardown(() => s3.destroy());
    return s3;
  };
  const objects: Vaults['objects'] = (layout) =>
    sandbox.state.s3.buckets.get(places[layout].bucket)?.objects ?? new Map();
  return {
    ...operator,
    places,
    clientOf,
    objects,
    vaultOf: (owner, layout, signer = owner.signer) =>
      openVault({
        bucket: places[layout].bucket,
        wallet: owner.wallet,
        layout,
        signer,
        s3: clientOf(owner, layout),
        account: sandbox.account,
      }),
    store(layout, key, body) {
      const modified = new Date();
      objects(layout).set(key, {
        body: Buffer.from(body),
        etag: `"${key.length}-${modified.getTime()}"`,
        modified,
        contentType: 'application/octet-stream',
        metadata: {},
        tags: new Map(),
      });
    },
    async written(version, { wallet, signer }, service, secret) {
      const signature = await signer(Buffer.from(`agentkeys.kek.v1:${wallet}:${service}`));
      return write(version, keyFrom(signature), wallet, service, Buffer.from(secret));
    },
    async called(work) {
      const before = sandbox.calls.length;
      await work();
      return sandbox.calls.slice(before).flatMap(({ service, operation }) => (service === 's3' ? [operation] : []));
    },
  };
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** The error that a promise is rejected with. */
export async function errorOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
  return work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}
