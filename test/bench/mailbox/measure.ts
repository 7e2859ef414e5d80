/**
 * The latency of a message: from its put into the bucket until `waitForMail` returns its link.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { INBOUND_PREFIX, routedKey } from '../../../handler/mail/address.js';
import { createAws } from '../../../src/aws/clients.js';
import { agentToken, operatorNames } from '../../../src/commands/demo/operator-account.js';
import { assumeDataRole, signupAddress, waitForMail } from '../../../src/mailbox/index.js';
import { addressedTo } from '../../support/signup-mail.js';
import { plainEnvironment } from '../contenders.js';
import { startEmbeddedAws } from '../endpoints.js';
import { type Spread, spreadOf } from '../measure/figures.js';
import { runProcess } from '../measure/run-process.js';
import { type FolderFigures, measureFolders } from './folders.js';

export interface MailboxFigures {
  rounds: number;
  /** Milliseconds between two polls. */
  interval: number;
  /** Milliseconds, by where the message is put. */
  folder: Spread;
  inbound: Spread;
  /** Large folders. */
  folders: FolderFigures[];
}

const interval = 250;

/**
 * @param repository whose built tool deploys the function.
 * @param directory where the bench was bundled to.
 */
export async function measureMailbox(repository: string, directory: string, rounds: number): Promise<MailboxFigures> {
  const embedded = startEmbeddedAws(directory);
  const { endpoint, account, region, bucket, credentials } = await embedded.renew();
  const aws = createAws({ region, endpointUrl: endpoint, credentials });
  try {
    await deploy(repository, directory, { endpoint, region, ...credentials });
    const message = (await readFile(join(repository, 'fixtures/signups/html-qp-soft-breaks.eml'))).toString('latin1');
    const roleArn = `arn:aws:iam::${account}:role/${operatorNames.dataRole}`;
    const wait = async (wallet: string, put: () => Promise<unknown>): Promise<number> => {
      const token = agentToken(wallet, Math.floor(Date.now() / 1_000) + 600);
      const session = assumeDataRole({ roleArn, token, sts: aws.sts });
      const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials: session });
      try {
        const extract = { link: /verify\?/ };
        const found = waitForMail({ bucket, wallet, extract, s3, timeoutMs: 60_000, pollIntervalMs: interval });
        // Mail arrives at any time between two polls.
        await pause(interval + Math.random() * interval);
        const began = performance.now();
        await put();
        await found;
        return performance.now() - began;
      } finally {
        s3.destroy();
      }
    };

    const folder: number[] = [];
    const inbound: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const put = (Key: string, Body: Buffer) => aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      const id = `bench${round}`;
      const [one, other] = [walletOf(2 * round), walletOf(2 * round + 1)];
      folder.push(await wait(one, () => put(routedKey(one, id), Buffer.from(message, 'latin1'))));
      const body = Buffer.from(addressedTo(signupAddress({ wallet: other }), message), 'latin1');
      inbound.push(await wait(other, () => put(INBOUND_PREFIX + id, body)));
    }
    const other = await readFile(join(repository, 'fixtures/signups/text-plain.eml'));
    const folders = await measureFolders(other, Buffer.from(message, 'latin1'));
    return { rounds, interval, folder: spreadOf(folder), inbound: spreadOf(inbound), folders };
  } finally {
    aws.close();
    embedded.close();
  }
}

async function deploy(
  repository: string,
  cwd: string,
  access: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string },
): Promise<void> {
  const env = {
    ...plainEnvironment(process.env.PATH ?? ''),
    AWS_ENDPOINT_URL: access.endpoint,
    AWS_REGION: access.region,
    AWS_ACCESS_KEY_ID: access.accessKeyId,
    AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
  };
  const args = [join(repository, 'dist/bin/agentkeys-ses-routing.js'), 'deploy', '--yes'];
  const { status, output } = await runProcess(process.execPath, args, { cwd, env });
  if (status !== 0) throw new Error(`deploy ended with ${status}: ${output.slice(-2_000)}`);
}

function walletOf(n: number): string {
  return `0x${n.toString(16).padStart(40, '0')}`;
}
