/**
 * The live checks. Whatever they put into the bucket is deleted afterwards, on any outcome.
 */
import type { Access, Aws } from '../../../aws/clients.js';
import { explain, nameOf, OperatorError, sentence } from '../../../aws/errors.js';
import type { StackPlan } from '../../../stack/index.js';
import { repairsRouting } from '../../../stack/routing-path.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, fail, group, ok, orSkipped, skip } from '../check.js';
import { ProbeObjects } from './cleanup.js';
import { mailChecks, type ProbeOptions } from './mail.js';
import { sessionChecks } from './session.js';

export interface LiveOptions extends ProbeOptions {
  /** The agent's token; absent where none was given. */
  token: string | undefined;
  /** Makes clients with other credentials. */
  connect(access: Access): Aws;
}

const mail = 'a live probe of routing';
const session = "a live session with an agent's token";
const tidy = 'the probe objects are deleted';

/**
 * Runs them, one after the other.
 *
 * @param plan what a deploy would do: while routing needs a repair, no probe is sent.
 * @throws OperatorError when AWS failed; AbortError when interrupted. The probe objects are deleted by then; an OperatorError
 *   names those that could not be.
 */
export async function liveChecks(plan: StackPlan, scope: Scope, options: LiveOptions): Promise<Check[]> {
  const objects = new ProbeObjects(scope);
  try {
    const checks = [
      ...(await mailGroup(plan, scope, objects, options)),
      ...(await sessionGroup(scope, objects, options)),
    ];
    return [...checks, ...(await removed(objects, scope))];
  } catch (error) {
    const left = await removed(objects, scope);
    const leftBehind = left.flatMap(({ reason }) => (reason === undefined ? [] : [` ${asSentence(reason)}`])).join('');
    if (nameOf(error) === 'AbortError')
      throw leftBehind === '' ? error : new OperatorError(leftBehind.trim(), { cause: error });
    throw new OperatorError(
      `${explain(error, scope.settings.endpointUrl)}${leftBehind || ' The probe objects have been deleted from the bucket.'}`,
      { cause: error },
    );
  }
}

/** Whether the probe message was routed. */
export function endOfProbe(checks: Check[]): 'done' | 'failed' | 'skipped' {
  const probe = checks.find(({ name }) => name === mail);
  return probe?.outcome === 'OK' ? 'done' : probe?.outcome === 'FAIL' ? 'failed' : 'skipped';
}

/** A check's reason as a sentence of its own. */
function asSentence(reason: string): string {
  return sentence(`${reason.charAt(0).toUpperCase()}${reason.slice(1)}`);
}

async function mailGroup(plan: StackPlan, scope: Scope, objects: ProbeObjects, options: LiveOptions): Promise<Check[]> {
  const broken = plan.entries.filter(repairsRouting);
  if (broken.length > 0) {
    const parts = broken.map(({ resource, name }) => `${resource} ${name}`).join(', ');
    return [skip(mail, `routing needs a repair first: ${parts}`)];
  }
  return orSkipped(mail, scope.settings, async () => {
    await objects.takeOver();
    return [group(mail, await mailChecks(scope, objects, options))];
  });
}

/** A token found in the environment, not named by a flag, may be for another role; then this check does not apply. */
async function sessionGroup(scope: Scope, objects: ProbeObjects, { connect, token }: LiveOptions): Promise<Check[]> {
  const { sources } = scope.settings;
  if (token === undefined)
    return [skip(session, 'no token was given: --web-identity-token-file (AWS_WEB_IDENTITY_TOKEN_FILE)')];
  return orSkipped(session, scope.settings, async () => {
    const checks = await sessionChecks(token, scope, objects, connect);
    const refused = checks[0]?.outcome === 'FAIL' ? checks[0].reason : undefined;
    if (refused === undefined || sources.webIdentityTokenFile.kind === 'flag') return [group(session, checks)];
    return [skip(session, `the token of AWS_WEB_IDENTITY_TOKEN_FILE is not an agent's: ${refused}`)];
  });
}

async function removed(objects: ProbeObjects, scope: Scope): Promise<Check[]> {
  if (objects.none) return [];
  const left = await objects.remove();
  const [first] = left;
  if (first === undefined) return [ok(tidy)];
  const keys = left.map(({ key }) => key).join(', ');
  return [
    fail(
      tidy,
      `left in the bucket: ${keys}: ${explain(first.error, scope.settings.endpointUrl)}`,
      `delete it: aws s3 rm s3://${scope.names.bucket}/…`,
    ),
  ];
}
