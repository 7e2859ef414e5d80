/**
 * The live checks: what is put into the bucket for them is deleted again, whatever comes of them.
 */
import type { Access, Aws } from '../../../aws/clients.js';
import { explain, nameOf, OperatorError, statusOf } from '../../../aws/errors.js';
import type { StackPlan } from '../../../stack/index.js';
import { repairsRouting } from '../../../stack/routing-path.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, group, ng, ok, skip } from '../check.js';
import { Traces } from './cleanup.js';
import { mailChecks, type ProbeOptions } from './mail.js';
import { sessionChecks } from './session.js';

export interface LiveOptions extends ProbeOptions {
  /** The agent's token; absent where none was given. */
  token: string | undefined;
  /** Makes clients with other credentials. */
  connect(access: Access): Aws;
}

const mail = 'a live probe of the mail';
const session = "a live session with an agent's token";
const tidy = 'what was put there for it is deleted again';

/**
 * Runs them, one after the other.
 *
 * @param plan what a deploy would do: while the mail's way needs mending, no probe is sent along it.
 * @throws OperatorError when AWS failed; AbortError when interrupted. What was put is deleted by then: where it could not be, an
 *   OperatorError says so.
 */
export async function liveChecks(plan: StackPlan, scope: Scope, options: LiveOptions): Promise<Check[]> {
  const traces = new Traces(scope);
  try {
    const checks = [await mailGroup(plan, scope, traces, options), await sessionGroup(scope, traces, options)];
    return [...checks, ...(await removed(traces, scope))];
  } catch (error) {
    const left = await removed(traces, scope);
    const told = left.some(({ outcome }) => outcome === 'NG') ? left.map(({ reason }) => ` ${reason}.`).join('') : '';
    if (nameOf(error) === 'AbortError') throw told === '' ? error : new OperatorError(told.trim(), { cause: error });
    throw new OperatorError(
      `${explain(error, scope.settings.endpointUrl)}${told || ' What was put into the bucket for the check is deleted again.'}`,
      { cause: error },
    );
  }
}

async function mailGroup(plan: StackPlan, scope: Scope, traces: Traces, options: LiveOptions): Promise<Check> {
  const broken = plan.entries.filter(repairsRouting);
  if (broken.length > 0) {
    const parts = broken.map(({ resource, name }) => `${resource} ${name}`).join(', ');
    return skip(mail, `the mail's way needs mending first: ${parts}`);
  }
  return orSkipped(mail, scope, async () => {
    await traces.takeOver();
    return group(mail, await mailChecks(scope, traces, options));
  });
}

/** A token that was not named but found in the environment may be for another role: it is then none of ours. */
async function sessionGroup(scope: Scope, traces: Traces, { connect, token }: LiveOptions): Promise<Check> {
  const { sources } = scope.settings;
  if (token === undefined)
    return skip(session, 'no token was given: --web-identity-token-file (AWS_WEB_IDENTITY_TOKEN_FILE)');
  return orSkipped(session, scope, async () => {
    const checks = await sessionChecks(token, scope, traces, connect);
    const refused = checks[0]?.outcome === 'NG' ? checks[0].reason : undefined;
    if (refused === undefined || sources.webIdentityTokenFile.kind === 'flag') return group(session, checks);
    return skip(session, `the token of AWS_WEB_IDENTITY_TOKEN_FILE is not an agent's: ${refused}`);
  });
}

/** What the operator may not do is no fault of the stack's. */
async function orSkipped(name: string, scope: Scope, work: () => Promise<Check>): Promise<Check> {
  try {
    return await work();
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    return skip(name, explain(error, scope.settings.endpointUrl));
  }
}

async function removed(traces: Traces, scope: Scope): Promise<Check[]> {
  if (traces.none) return [];
  const left = await traces.remove();
  const [first] = left;
  if (first === undefined) return [ok(tidy)];
  const keys = left.map(({ key }) => key).join(', ');
  return [
    ng(
      tidy,
      `left in the bucket: ${keys}: ${explain(first.error, scope.settings.endpointUrl)}`,
      `delete it: aws s3 rm s3://${scope.names.bucket}/…`,
    ),
  ];
}
