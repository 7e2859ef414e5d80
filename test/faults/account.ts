/**
 * The account that a disturbed command runs in: saving, restoring and comparing its state.
 */
import { deserialize, serialize } from 'node:v8';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import type { Clock } from '../../src/aws/waits.js';
import type { AccountState, Sandbox } from '../../src/sandbox/index.js';
import type { Operator, QuickClock } from '../support/operator.js';
import { contentOf } from '../support/saved-account.js';

/** A copy of the account's present state. */
export function copyOfState(sandbox: Sandbox): Partial<AccountState> {
  return deserialize(serialize(contentOf(sandbox)));
}

/** A state of the account that a sweep returns to. */
export interface SavedState {
  /** Puts the account and its clock back to it. */
  restore(): void;
  /** Whether both are in it, to the byte. */
  isCurrent(): boolean;
}

/** Saves the account's state and the time. */
export function saveState(sandbox: Sandbox, clock: QuickClock): SavedState {
  const saved = serialize(contentOf(sandbox));
  const time = clock.now();
  return {
    restore() {
      Object.assign(sandbox.state, deserialize(saved));
      clock.set(time);
    },
    isCurrent: () => clock.now() === time && serialize(contentOf(sandbox)).equals(saved),
  };
}

/** Lets Lambda finish its updates: the embedded AWS does so when a function is read after the update's end. */
export async function finishUpdates({ sandbox, aws }: Operator): Promise<void> {
  for (const FunctionName of sandbox.state.lambda.functions.keys())
    await aws.lambda.send(new GetFunctionCommand({ FunctionName }));
}

/**
 * The account once Lambda has finished its updates, line by line, for comparing the ends of two runs. Ids of roles and times are left out:
 * they differ from run to run. Which role the function is bound to and tagged with stays visible.
 */
export async function settledState(operator: Operator, clock: Clock): Promise<string[]> {
  await clock.sleep(60_000, new AbortController().signal);
  await finishUpdates(operator);
  return withoutIds(operator.sandbox, [operator.sandbox.snapshot(), bindings(operator.sandbox)])
    .replaceAll(isoTime, 'a time')
    .split('\n');
}

/**
 * All of the present account that a command can depend on: what {@link settledState} compares, what AWS has not finished, and how long ago
 * things happened.
 */
export function presentState({ sandbox }: Operator, clock: Clock): string {
  const now = clock.now();
  const { iam, lambda, delays } = sandbox.state;
  const updating = [...lambda.functions.values()].map(({ name, settlesAt }) => [name, Math.max(0, settlesAt - now)]);
  const propagating = [...iam.roles.values()].map(({ name, created }) => [
    name,
    Math.max(0, created.getTime() + delays.roleAssumable - now),
  ]);
  return withoutIds(sandbox, [sandbox.snapshot(), bindings(sandbox), updating, propagating]).replaceAll(
    isoTime,
    (time) => `${Math.round((now - Date.parse(time)) / 1_000)} s ago`,
  );
}

const isoTime = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** The role that each function is bound to. */
function bindings({ state }: Sandbox): string[] {
  return [...state.lambda.functions.values()].map(
    ({ name, roleArn, boundRoleId }) => `${name} is bound to ${boundRoleId} of ${roleArn}`,
  );
}

function withoutIds({ state }: Sandbox, value: unknown): string {
  let text = JSON.stringify(value, null, 1);
  for (const { id, name } of state.iam.roles.values()) text = text.replaceAll(id, `the id of ${name}`);
  return text;
}
