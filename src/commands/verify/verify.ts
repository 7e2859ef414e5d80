/**
 * `verify`: checks the stack, the isolation of the mail, and that mail is really routed.
 */
import { OperatorError } from '../../aws/errors.js';
import { renderStack } from '../../reconcile/render.js';
import type { Settings } from '../../settings/index.js';
import { withArnsOf } from '../../stack/index.js';
import { headerOf, type Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { readAndPlan, withProgress } from '../shared/read-and-plan.js';
import { type CurrentStep, defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { readTokenFile } from '../shared/token-file.js';
import { accessAnalyzerChecks } from './access-analyzer/index.js';
import { type Check, count } from './check.js';
import { isolationChecks } from './isolation/index.js';
import { endOfProbe, type LiveOptions, liveChecks } from './probe/index.js';
import { retryProbe } from './probe/retries.js';
import { readReceiving } from './receiving.js';
import { renderCheck, renderCounts } from './render.js';
import { type Verification, verificationAsJson } from './result.js';
import { retryQueueCheck } from './retry-queue.js';
import type { VerifyDocument } from './schema.js';
import { stackChecks } from './stack.js';

export interface VerifyOptions {
  /** How long to wait for the routed copy of the probe message, seconds. */
  timeout: number;
  runtime?: Runtime;
}

/** @returns the exit status. */
export async function verify(
  settings: Settings,
  host: Host,
  { timeout, runtime = defaultRuntime }: VerifyOptions,
): Promise<number> {
  const token = await agentToken(settings);
  return withScope(settings, host, runtime, async (scope, current) => {
    const verified = await verification(scope, host, current, { timeout, token, runtime });
    const document: VerifyDocument = { ...verificationAsJson(verified), header: headerOf(scope) };
    if (settings.json) host.print(JSON.stringify(document, null, 2));
    return verified.status;
  });
}

/** An agent's token, if a file was named. It is read first, so that a bad file is reported before any AWS call. */
export function agentToken({ webIdentityTokenFile }: Settings): Promise<string | undefined> {
  const flag = '--web-identity-token-file (AWS_WEB_IDENTITY_TOKEN_FILE)';
  return readTokenFile(webIdentityTokenFile, flag, 'Nothing was read or written in AWS.');
}

/** Runs all checks. Each group is printed as soon as it is complete, unless the result is printed as JSON. */
export async function verification(
  given: Scope,
  host: Host,
  current: CurrentStep,
  { timeout, token, runtime }: Required<VerifyOptions> & Pick<LiveOptions, 'token'>,
): Promise<Verification> {
  const { identity, settings, signal } = given;
  const checks: Check[] = [];
  const print = (lines: string[]) => {
    if (!settings.json) for (const line of lines) host.print(line);
  };
  const show = (more: Check[]) => {
    checks.push(...more);
    print(more.flatMap((check) => renderCheck(check, host.paint, host.width)));
  };
  print([
    'Verify agentkeys-ses-routing',
    `  account  ${identity.account} (${identity.partition}), region ${identity.region}`,
    ...renderStack(headerOf(given)),
    '',
  ]);
  const [{ observed, plan }, receiving] = await Promise.all([
    readAndPlan('deploy', host, given, current),
    readReceiving(given),
  ]);
  const scope = withArnsOf(observed, given);
  show([stackChecks(plan)]);
  const isolation = () => {
    const own = isolationChecks(observed, receiving, scope);
    return Promise.all([own, accessAnalyzerChecks(observed, own, scope)]);
  };
  show(await withProgress(host, 'Check isolation by the policies', current, isolation));
  show([receiving.check, retryQueueCheck(observed, scope)]);
  const onWaiting = (elapsed: number) =>
    current.step?.progress(() => `${Math.round(elapsed / 1_000)} s of ${timeout} s`);
  const retries = retryProbe(plan, observed.retryQueue?.url, scope);
  const live = () =>
    liveChecks(plan, scope, { timeout: timeout * 1_000, onWaiting, token, connect: runtime.connect, retries });
  try {
    signal.throwIfAborted();
    show(await withProgress(host, 'Wait for a probe message to be routed', current, live, endOfProbe));
  } catch (error) {
    if (!signal.aborted) throw error;
    const deleted = 'The probe objects have been deleted from the bucket.';
    host.warn(`Interrupted. ${error instanceof OperatorError ? error.message : deleted}`);
    return { checks, status: 130 };
  }
  print(['', renderCounts(checks)]);
  return { checks, status: count(checks).FAIL > 0 ? 1 : 0 };
}
