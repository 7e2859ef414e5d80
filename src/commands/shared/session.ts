/**
 * What every command does first: makes the clients, asks AWS who is calling, and holds that against what the operator said.
 */
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Access, type Aws, createAws } from '../../aws/clients.js';
import { OperatorError } from '../../aws/errors.js';
import { type Clock, systemClock } from '../../aws/waits.js';
import { functionPackage } from '../../package/function-package.js';
import type { Settings } from '../../settings/index.js';
import { type Identity, namesOf, type Scope } from '../../stack/scope.js';
import type { Host, Step } from '../../terminal/host.js';

/** What a run stands on; the tests and the demo hand in their own. */
export interface Runtime {
  connect(access: Access): Aws;
  clock: Clock;
}

export const defaultRuntime: Runtime = { connect: createAws, clock: systemClock };

/** Runs `work` with a scope for the settings, and closes the connections whatever comes of it. */
export async function withScope<Result>(
  settings: Settings,
  host: Host,
  { connect, clock }: Runtime,
  work: (scope: Scope, waiting: { step?: Step }) => Promise<Result>,
): Promise<Result> {
  const aws = connect(settings);
  // Whoever is at work shows what AWS is waited for.
  const waiting: { step?: Step } = {};
  try {
    const [identity, code] = await Promise.all([identify(aws, settings), functionPackage()]);
    const names = namesOf(settings, identity);
    const onWaiting = (what: string) => waiting.step?.waiting(what);
    return await work({ aws, clock, signal: host.signal, identity, names, settings, code, onWaiting }, waiting);
  } finally {
    aws.close();
  }
}

/** @throws OperatorError when no region is known. */
export function regionOf(aws: Aws): Promise<string> {
  return aws.sts.config.region().catch(() => {
    throw new OperatorError('No region is known. Name it with --region (REGION, AWS_REGION), or in the profile.');
  });
}

/**
 * Who calls, where.
 *
 * @throws OperatorError when no region is known, or the account isn't the one that was named.
 */
export async function identify(aws: Aws, settings: Settings): Promise<Identity> {
  const region = await regionOf(aws);
  const { Account = '', Arn = '' } = await aws.sts.send(new GetCallerIdentityCommand({}));
  if (settings.account !== undefined && settings.account !== Account)
    throw new OperatorError(
      `These credentials are of account ${Account}, not of ${settings.account} (--account, ACCOUNT_ID). Nothing was read or written. Check --profile (AWS_PROFILE).`,
    );
  const [, partition = ''] = Arn.split(':');
  return { account: Account, partition, region, caller: Arn };
}
