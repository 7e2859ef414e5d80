/**
 * The vault's operations with a latency added to each call, beside the plain PutObject and GetObject of the same bytes.
 */
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Layout, localSigner, openVault } from '../../../src/vault/index.js';
import { startEmbeddedAws, startProxy } from '../endpoints.js';
import { longestChain, type Spread, spreadOf } from '../measure/figures.js';

/** One operation. */
export interface VaultOperation {
  name: string;
  /** Milliseconds. */
  time: Spread;
  /** S3 calls, and how many of them one after the other. */
  calls: number;
  chain: number;
}

export interface VaultFigures {
  rounds: number;
  /** Milliseconds added to each call. */
  latency: number;
  /** The size of the secret, bytes. */
  size: number;
  operations: VaultOperation[];
}

/** The first account of Hardhat and Anvil: https://hardhat.org/hardhat-network/docs/reference */
const privateKey = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const wallet = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266';
const size = 64;

/** @param directory where the bench was bundled to */
export async function measureVault(directory: string, rounds: number, latency: number): Promise<VaultFigures> {
  const embedded = startEmbeddedAws(directory);
  const proxy = await startProxy(directory);
  const { endpoint: upstream, account, region, credentials } = await embedded.renew();
  const s3 = new S3Client({ region, endpoint: proxy.url, forcePathStyle: true, credentials });
  const measured = new Map<string, Array<{ time: number; calls: number; chain: number }>>();
  try {
    const bucket = `agentkeys-vault-${account}`;
    await proxy.tell({ upstream, latency: 0 });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const secret = new Uint8Array(size).fill(0x61);
    const measure = async (name: string, work: () => Promise<unknown>) => {
      await proxy.tell({ upstream, latency });
      const began = performance.now();
      await work();
      const time = performance.now() - began;
      const calls = await proxy.tell({ upstream, latency });
      measured.set(name, [...(measured.get(name) ?? []), { time, calls: calls.length, chain: longestChain(calls) }]);
    };
    for (let round = 0; round < rounds; round++) {
      const plain = { Bucket: bucket, Key: `plain/${round}` };
      await measure('PutObject', () => s3.send(new PutObjectCommand({ ...plain, Body: secret })));
      await measure('GetObject', async () => {
        const { Body } = await s3.send(new GetObjectCommand(plain));
        await Body?.transformToByteArray();
      });
      for (const layout of ['wallet', 'omni'] satisfies Layout[]) {
        const vault = openVault({ bucket, wallet, layout, signer: localSigner(privateKey), s3, account });
        const service = `${layout}-${round}`;
        await measure(`put, ${layout}`, () => vault.put(service, secret));
        await measure(`put --overwrite, ${layout}`, () => vault.put(service, secret, { overwrite: true }));
        await measure(`get, ${layout}`, () => vault.get(service));
        await measure(`list, ${layout}`, () => vault.list());
        await measure(`remove, ${layout}`, () => vault.remove(service));
      }
    }
  } finally {
    s3.destroy();
    proxy.close();
    embedded.close();
  }
  const operations = [...measured].map(([name, samples]) => ({
    name,
    time: spreadOf(samples.map(({ time }) => time)),
    calls: spreadOf(samples.map(({ calls }) => calls)).max,
    chain: spreadOf(samples.map(({ chain }) => chain)).max,
  }));
  return { rounds, latency, size, operations };
}
