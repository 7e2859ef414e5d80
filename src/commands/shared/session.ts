/**
 * What every command does first: creates the clients, and checks the caller's identity against --account.
 */
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Access, type Aws, createAws } from '../../aws/clients.js';
import { assertProfile } from '../../aws/credentials.js';
import { OperatorError } from '../../aws/errors.js';
import { type Clock, systemClock } from '../../aws/waits.js';
import { functionPackage } from '../../package/function-package.js';
import type { Settings } from '../../settings/index.js';
import { type Identity, namesOf, type Scope } from '../../stack/scope.js';
import type { Host, Step } from '../../terminal/host.js';

/** The clients and the clock of a run; the tests and the demo pass their own. */
export interface Runtime {
  connect(access: Access): Aws;
  clock: Clock;
}

export const defaultRuntime: Runtime = { connect: createAws, clock: systemClock };

/** The step in progress, which also shows what the run is waiting for. */
export interface CurrentStep {
  step?: Step;
}

/** Runs `work` with a scope for the settings, and always closes the connections. */
export async function withScope<Result>(
  settings: Settings,
  host: Host,
  { connect, clock }: Runtime,
  work: (scope: Scope, current: CurrentStep) => Promise<Result>,
): Promise<Result> {
  const aws = connect({ ...settings, ...askingFor(host) });
  const current: CurrentStep = {};
  try {
    aws.endReadsOn(host.signal);
    const [identity, code] = await Promise.all([identify(aws, settings, host), functionPackage()]);
    const names = namesOf(settings, identity);
    const onWaiting = (what: string) => current.step?.waiting(what);
    return await work({ aws, clock, signal: host.signal, identity, names, settings, code, onWaiting }, current);
  } finally {
    aws.close();
  }
}

/** Asks on the terminal for what the credentials of a profile need. */
export function askingFor(host: Host): Pick<Access, 'mfaCode'> {
  return { mfaCode: (device) => host.ask(`MFA code for ${device}:`) };
}

/** @throws OperatorError when no region is configured. */
export function regionOf(aws: Aws): Promise<string> {
  return aws.sts.config.region().catch(() => {
    throw new OperatorError(
      'No region is configured. Specify --region (REGION, AWS_REGION), or set one in the profile.',
    );
  });
}

/**
 * The caller's identity, and the region. It is the first call of a run, so it is on the screen while it is under way.
 *
 * @throws OperatorError when the profile does not exist, no region is configured, or the account is not the one that --account names.
 */
export async function identify(aws: Aws, settings: Settings, host: Host): Promise<Identity> {
  await assertProfile(settings.profile);
  const region = await regionOf(aws);
  const step = host.step('Connect to AWS', { brief: true });
  const { Account = '', Arn = '' } = await aws.sts.send(new GetCallerIdentityCommand({})).finally(step.done);
  if (settings.account !== undefined && settings.account !== Account)
    throw new OperatorError(
      `These credentials belong to account ${Account}, not to ${settings.account} (--account, ACCOUNT_ID). Nothing was read or written. Check --profile (AWS_PROFILE).`,
    );
  const [, partition = ''] = Arn.split(':');
  return { account: Account, partition, region, caller: Arn };
}
