/**
 * A wallet's folder for a command: with the session that a token opens, or the credentials that are there.
 */
import { mailBucketName } from '../../agentkeys/names.js';
import { OperatorError } from '../../aws/errors.js';
import type { Folder } from '../../mailbox/bucket.js';
import { assumeDataRole } from '../../mailbox/role.js';
import type { Settings } from '../../settings/index.js';
import { identify, type Runtime, regionOf } from '../shared/session.js';
import { asOperatorError, tokenOf, walletOf } from './identity.js';

/** A wallet's folder; the commands know whose bucket it is. */
export type OwnedFolder = Folder & { account: string };

/** Finds the folder, does the work, and closes the connections whatever comes of it. */
export function withFolder<Result>(
  settings: Settings,
  { connect, clock }: Runtime,
  work: (folder: OwnedFolder) => Promise<Result>,
): Promise<Result> {
  return asOperatorError(settings, async () => {
    const now = () => new Date(clock.now());
    const token = await tokenOf(settings);
    const wallet = walletOf(token, settings.wallet, now());
    const { dataRole: roleArn, bucket } = settings;
    if (token !== undefined && roleArn === undefined)
      throw new OperatorError('A token opens a role: name it with --role-arn (DATA_ROLE_ARN).');
    let aws = connect(settings);
    try {
      if (token !== undefined && roleArn !== undefined) {
        await regionOf(aws);
        // An hour's: longer than any command lasts.
        const credentials = await assumeDataRole({ roleArn, token, sts: aws.sts, now })();
        aws.close();
        aws = connect({ ...settings, credentials });
      }
      // The role may be of another account than the bucket: whose bucket it has to be is said by --account.
      const { account: own } = await identify(aws, { ...settings, account: undefined });
      const account = settings.account ?? own;
      return await work({ s3: aws.s3, bucket: bucket ?? mailBucketName(account), wallet, account });
    } finally {
      aws.close();
    }
  });
}
