/**
 * A wallet's session for a command: the one that its token opens, or the SDK's own credentials.
 */
import type { Access } from '../../aws/clients.js';
import { OperatorError } from '../../aws/errors.js';
import { assumeDataRole } from '../../mailbox/role.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { asOperatorError, tokenOf, walletOf } from './identity.js';
import { askingFor, identify, type Runtime, regionOf } from './session.js';

/** A session, and whose it is. */
export interface AgentSession {
  aws: ReturnType<Runtime['connect']>;
  /** In lower case. */
  wallet: string;
  /** The account that owns the bucket. */
  account: string;
}

/** How a role to assume is named. */
export interface RoleToAssume {
  arn: string | undefined;
  /** The flag and the variable, for the error message. */
  flags: string;
}

/** Opens the session, does the work, and closes the connections in any case. */
export function withAgentSession<Result>(
  settings: Settings,
  host: Host,
  { connect, clock }: Runtime,
  role: RoleToAssume,
  work: (session: AgentSession) => Promise<Result>,
): Promise<Result> {
  return asOperatorError(settings, async () => {
    const now = () => new Date(clock.now());
    const token = await tokenOf(settings);
    const wallet = walletOf(token, settings.wallet, now());
    if (token !== undefined && role.arn === undefined)
      throw new OperatorError(`A token needs a role to assume. Name it with ${role.flags}.`);
    const open = (more: Partial<Access> = {}) => {
      const clients = connect({ ...settings, ...askingFor(host), ...more });
      clients.endReadsOn(host.signal);
      return clients;
    };
    let aws = open();
    try {
      if (token !== undefined && role.arn !== undefined) {
        await regionOf(aws);
        // They last an hour: longer than any command.
        const credentials = await assumeDataRole({ roleArn: role.arn, token, sts: aws.sts, now })();
        aws.close();
        aws = open({ credentials });
      }
      // The role may belong to another account than the bucket: --account names the bucket's.
      const { account: own } = await identify(aws, { ...settings, account: undefined }, host);
      return await work({ aws, wallet, account: settings.account ?? own });
    } finally {
      aws.close();
    }
  });
}
