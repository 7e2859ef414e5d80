/**
 * What every command does first: creates the clients, and checks the caller's identity against --account.
 */
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Access, type Aws, createAws } from '../../aws/clients.js';
import { assertProfile } from '../../aws/credentials.js';
import { OperatorError } from '../../aws/errors.js';
import { type Clock, systemClock } from '../../aws/waits.js';
import { functionPackage } from '../../package/function-package.js';
import { partitionOf } from '../../policy/arns.js';
import type { Settings } from '../../settings/index.js';
import { type Identity, namesOf, type ReadScope, type Scope } from '../../stack/scope.js';
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

/** What a command brings with it. */
interface Session<Read> extends Runtime {
  /**
   * Reads the account. Where the settings name it, this starts beside the check of the caller's identity, to save the time. `work` gets
   * the result only if the identity is the expected one: an error of the check, or another account, counts whatever was read.
   */
  read?: (scope: ReadScope) => Promise<Read>;
}

/** Runs `work` with a scope for the settings, and always closes the connections. */
export async function withScope<Result, Read = never>(
  settings: Settings,
  host: Host,
  { connect, clock, read }: Session<Read>,
  work: (scope: Scope, current: CurrentStep, readAhead?: Promise<Read>) => Promise<Result>,
): Promise<Result> {
  const aws = connect({ ...settings, ...askingFor(host) });
  const current: CurrentStep = {};
  const onWaiting = (what: string) => current.step?.waiting(what);
  const scopeOf = (identity: Identity, signal: AbortSignal): ReadScope => {
    return { aws, clock, signal, identity, names: namesOf(settings, identity), settings, onWaiting };
  };
  const ended = new AbortController();
  try {
    aws.endReadsOn(host.signal);
    const expected = read && (await expectedIdentity(aws, settings));
    const readAhead = expected && read(scopeOf(expected, AbortSignal.any([host.signal, ended.signal])));
    // It may fail before the identity is known; if that is refused, nobody awaits it.
    readAhead?.catch(() => {});
    const [identity, code] = await Promise.all([identify(aws, settings, host), functionPackage()]);
    const usable = identity.partition === expected?.partition ? readAhead : undefined;
    return await work({ ...scopeOf(identity, host.signal), code }, current, usable);
  } finally {
    ended.abort();
    aws.close();
  }
}

/** The identity as far as the settings tell it; undefined if they don't name the account. Only AWS knows the caller's ARN. */
async function expectedIdentity(aws: Aws, { account, profile }: Settings): Promise<Identity | undefined> {
  if (account === undefined) return undefined;
  await assertProfile(profile);
  const region = await regionOf(aws);
  return { account, partition: partitionOf(region), region, caller: '' };
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
      `These credentials belong to account ${Account}, not to ${settings.account} (--account, ACCOUNT_ID). Nothing was written. Check --profile (AWS_PROFILE).`,
    );
  const [, partition = ''] = Arn.split(':');
  return { account: Account, partition, region, caller: Arn };
}
