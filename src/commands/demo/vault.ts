/**
 * The story goes on: an agent reads the link in its mail, keeps the API key that it gets in its vault, and nobody else can read it.
 */
import {
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { routedKey } from '../../../handler/mail/address.js';
import type { Aws } from '../../aws/clients.js';
import { waitForMail } from '../../mailbox/wait.js';
import type { Sandbox } from '../../sandbox/index.js';
import { objectKey } from '../../vault/format.js';
import { localSigner } from '../../vault/signers.js';
import { openVault } from '../../vault/vault.js';
import { agentCredentials, brokerCredentials, clientOf } from './access.js';
import type { DemoMessage } from './mail.js';
import { operatorNames } from './operator-account.js';

/** The first account of Hardhat and Anvil, whose private key is public: https://hardhat.org/hardhat-network/docs/reference */
const agent = {
  wallet: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  privateKey: 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
};

const apiKey = 'sk-or-v1-made-up';
const service = 'openrouter';
const messageId = 'signupofthedemosagent0000000000000000001';

/** What is tried, and what should come of it. */
type Step = [what: string, run: () => Promise<string>, expected: string];

/** Runs the story, and leaves the account as it was. */
export async function vaultStory(
  sandbox: Sandbox,
  aws: Aws,
  bucket: string,
  messages: DemoMessage[],
): Promise<{ lines: string[]; asExpected: boolean }> {
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  await aws.s3.send(
    new PutBucketPolicyCommand({ Bucket: bucket, Policy: withCredentials(Policy, bucket, sandbox.account) }),
  );
  const signup = messages.find(({ link, routed }) => link !== undefined && routed?.wallets.length === 1);
  const wallet = String(signup?.routed?.wallets[0]);
  const mine = clientOf(sandbox, await agentCredentials(sandbox, agent.wallet));
  const others = clientOf(sandbox, await agentCredentials(sandbox, wallet));
  const broker = clientOf(sandbox, brokerCredentials(sandbox));
  const signer = localSigner(agent.privateKey);
  const vault = openVault({ bucket, wallet: agent.wallet, signer, s3: mine });
  const stored = { Bucket: bucket, Key: objectKey(agent.wallet, service) };
  const steps: Step[] = [
    [
      'agent A reads its link',
      async () => {
        const Body = Buffer.from(String(signup?.raw).replaceAll(wallet, agent.wallet));
        await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `inbound/${messageId}`, Body }));
        await sandbox.settled();
        const of = { bucket, wallet: agent.wallet, s3: mine, timeoutMs: 60_000 };
        return (await waitForMail({ ...of, extract: { link: /^https:/ } })).extracted;
      },
      String(signup?.link),
    ],
    ['it stores its API key', () => outcomeOf(vault.put(service, Buffer.from(apiKey))), 'done'],
    ['it reads it back', async () => Buffer.from(await vault.get(service)).toString(), apiKey],
    [
      'agent B reads it',
      () => outcomeOf(openVault({ bucket, wallet: agent.wallet, signer, s3: others }).get(service)),
      'MISSING_OR_DENIED',
    ],
    ['the broker reads it', () => outcomeOf(broker.send(new GetObjectCommand(stored))), 'AccessDenied'],
    [
      'a bit is flipped in S3',
      async () => {
        const { Body } = await aws.s3.send(new GetObjectCommand(stored));
        const bytes = Buffer.from(await (Body as NonNullable<typeof Body>).transformToByteArray());
        bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
        await aws.s3.send(new PutObjectCommand({ ...stored, Body: bytes }));
        return outcomeOf(vault.get(service));
      },
      'AUTHENTICATION_FAILED',
    ],
  ];
  const results: Array<{ line: string; asExpected: boolean }> = [];
  for (const [what, run, expected] of steps) {
    const outcome = await run();
    results.push({ line: `${what.padEnd(30)}${outcome}`, asExpected: outcome === expected });
  }
  await vault.removeAll();
  for (const Key of [`inbound/${messageId}`, routedKey(agent.wallet, messageId)])
    await aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  for (const client of [mine, others, broker]) client.destroy();
  return { lines: results.map(({ line }) => line), asExpected: results.every(({ asExpected }) => asExpected) };
}

/** The bucket policy with the statement that `deploy --vault` prints. */
function withCredentials(policy: string, bucket: string, account: string): string {
  const { Statement, ...rest } = JSON.parse(policy);
  const own = {
    Sid: 'AgentUsesOwnCredentials',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:role/${operatorNames.dataRole}` },
    Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    Resource: `arn:aws:s3:::${bucket}/bots/\${aws:PrincipalTag/agentkeys_user_wallet}/credentials/*`,
  };
  return JSON.stringify({ ...rest, Statement: [...Statement, own] });
}

function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    ({ code, name }) => String(code ?? name),
  );
}
