/**
 * A wallet's folder for a command: with the session that a token opens, or the SDK's own credentials.
 */
import { mailBucketName } from '../../agentkeys/names.js';
import { OperatorError } from '../../aws/errors.js';
import { type Folder, walletFolder } from '../../mailbox/bucket.js';
import { assumeDataRole } from '../../mailbox/role.js';
import type { Settings } from '../../settings/index.js';
import { asOperatorError, tokenOf, walletOf } from '../shared/identity.js';
import { identify, type Runtime, regionOf } from '../shared/session.js';

/** A wallet's folder; the commands know the bucket's account. */
export type WalletFolder = Folder & { wallet: string; account: string };

/** Finds the folder, does the work, and closes the connections in any case. */
export function withFolder<Result>(
  settings: Settings,
  { connect, clock }: Runtime,
  work: (folder: WalletFolder) => Promise<Result>,
): Promise<Result> {
  return asOperatorError(settings, async () => {
    const now = () => new Date(clock.now());
    const token = await tokenOf(settings);
    const wallet = walletOf(token, settings.wallet, now());
    const { dataRole: roleArn, bucket } = settings;
    if (token !== undefined && roleArn === undefined)
      throw new OperatorError('A token needs a role to assume: name it with --role-arn (DATA_ROLE_ARN).');
    let aws = connect(settings);
    try {
      if (token !== undefined && roleArn !== undefined) {
        await regionOf(aws);
        // They last an hour: longer than any command.
        const credentials = await assumeDataRole({ roleArn, token, sts: aws.sts, now })();
        aws.close();
        aws = connect({ ...settings, credentials });
      }
      // The role may belong to another account than the bucket: --account names the bucket's.
      const { account: own } = await identify(aws, { ...settings, account: undefined });
      const account = settings.account ?? own;
      const folder = walletFolder({ s3: aws.s3, bucket: bucket ?? mailBucketName(account), wallet, account });
      return await work({ ...folder, wallet, account });
    } finally {
      aws.close();
    }
  });
}
