/**
 * A wallet's folder for a command.
 */
import { mailBucketName } from '../../agentkeys/names.js';
import { type Folder, walletFolder } from '../../mailbox/bucket.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { withAgentSession } from '../shared/agent-session.js';
import type { Runtime } from '../shared/session.js';

/** A wallet's folder; the commands know the bucket's account. */
export type WalletFolder = Folder & { wallet: string; account: string };

/** Finds the folder, does the work, and closes the connections in any case. */
export function withFolder<Result>(
  settings: Settings,
  host: Host,
  runtime: Runtime,
  work: (folder: WalletFolder) => Promise<Result>,
): Promise<Result> {
  const role = { arn: settings.dataRole, flags: '--role-arn (DATA_ROLE_ARN)' };
  return withAgentSession(settings, host, runtime, role, async ({ aws, wallet, account }) => {
    const bucket = settings.bucket ?? mailBucketName(account, settings.stack);
    return work({ ...walletFolder({ s3: aws.s3, bucket, wallet, account }), wallet, account });
  });
}
