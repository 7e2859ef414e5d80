/**
 * The account that a disturbed command runs in: saving, restoring and comparing its state.
 */
import { deserialize, serialize } from 'node:v8';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import type { Clock } from '../../src/aws/waits.js';
import type { AccountState, Sandbox } from '../../src/sandbox/index.js';
import type { Operator } from '../support/operator.js';

/** A copy of the account's present state. */
export function copyOfState({ state }: Sandbox): Partial<AccountState> {
  const { iam, s3, lambda, events, logs } = state;
  return deserialize(serialize({ iam, s3, lambda, events, logs }));
}

/** A state of the account that a sweep returns to. */
export interface SavedState {
  /** Puts the account back to it. */
  restore(): void;
  /** Whether the account is in it, to the byte. */
  isCurrent(): boolean;
}

/** Saves the account's state. */
export function saveState(sandbox: Sandbox): SavedState {
  const saved = serialize(copyOfState(sandbox));
  return {
    restore: () => void Object.assign(sandbox.state, deserialize(saved)),
    isCurrent: () => serialize(copyOfState(sandbox)).equals(saved),
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
  const { sandbox } = operator;
  await clock.sleep(60_000, new AbortController().signal);
  await finishUpdates(operator);
  const functions = [...sandbox.state.lambda.functions.values()];
  const bound = functions.map(({ name, roleArn, boundRoleId }) => `${name} is bound to ${boundRoleId} of ${roleArn}`);
  let text = JSON.stringify([sandbox.snapshot(), bound], null, 1);
  for (const { id, name } of sandbox.state.iam.roles.values()) text = text.replaceAll(id, `the id of ${name}`);
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time').split('\n');
}
