/**
 * The account that a disturbed command runs in: put back to an earlier state, and compared with itself.
 */
import { deserialize, serialize } from 'node:v8';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import type { Clock } from '../../src/aws/waits.js';
import type { AccountState, Sandbox } from '../../src/sandbox/index.js';
import type { Operator } from '../support/operator.js';

/** The account's state as it is now, on its own. */
export function copyOfState({ state }: Sandbox): Partial<AccountState> {
  const { iam, s3, lambda, events, logs } = state;
  return deserialize(serialize({ iam, s3, lambda, events, logs }));
}

/** Keeps the account's state. @returns what puts the account back to it */
export function saveState(sandbox: Sandbox): () => void {
  const saved = serialize(copyOfState(sandbox));
  return () => void Object.assign(sandbox.state, deserialize(saved));
}

/**
 * The account once Lambda has carried out whatever it was told, line by line, for comparing two runs by: a role that was made again has
 * another id, and a time is another time. That the function is bound to the role there is, and tagged so, stays visible.
 */
export async function settledState({ sandbox, aws }: Operator, clock: Clock): Promise<string[]> {
  await clock.sleep(60_000, new AbortController().signal);
  const functions = [...sandbox.state.lambda.functions.values()];
  for (const { name } of functions) await aws.lambda.send(new GetFunctionCommand({ FunctionName: name }));
  const bound = functions.map(({ name, roleArn, boundRoleId }) => `${name} is bound to ${boundRoleId} of ${roleArn}`);
  let text = JSON.stringify([sandbox.snapshot(), bound], null, 1);
  for (const { id, name } of sandbox.state.iam.roles.values()) text = text.replaceAll(id, `the id of ${name}`);
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time').split('\n');
}
