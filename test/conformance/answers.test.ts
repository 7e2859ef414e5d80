/**
 * Compares the embedded AWS with moto: the same calls, in the same order, on equal accounts.
 */

import t, { type Test } from 'tap';
import { operations, startSandbox } from '../../src/sandbox/index.js';
import { motoFor } from '../support/moto.js';
import { openAccount } from './account.js';
import { cases } from './cases/index.js';
import { allPlaces, motoVersion, placesFor, unknownToMoto } from './exceptions/index.js';
import { type Answer, answerOf, differencesOf } from './shape.js';

/** An account of the embedded AWS, to compare with moto's. */
async function start(t: Test) {
  const sandbox = await startSandbox({ account: '123456789012', region: 'us-east-1' });
  const { endpoint: url, region, administrator: credentials } = sandbox;
  const account = openAccount({ url, region, credentials });
  t.teardown(async () => {
    account.close();
    await sandbox.close();
  });
  /** Sends a case. @returns the operation and the answer */
  return async (send: (typeof cases)[number]['send']): Promise<[operation: string, answer: Answer]> => {
    const answer = await answerOf(send(account));
    const call = sandbox.calls.at(-1);
    return [`${call?.service}:${call?.operation}`, answer];
  };
}

t.test('every operation of the embedded AWS has its cases', async (t) => {
  const ask = await start(t);
  const asked = new Set<string>();
  for (const { send } of cases) asked.add((await ask(send))[0]);
  const all = operations.map(({ service, name }) => `${service}:${name}`);
  t.strictSame(
    all.filter((operation) => !asked.has(operation)),
    [],
    'in test/conformance/cases; what moto does not support, in unknownToMoto too',
  );
});

t.test('the answers are the same', async (t) => {
  const moto = await motoFor(t);
  if (typeof moto === 'string') return t.plan(0, moto);
  if (moto.version !== motoVersion)
    return t.plan(0, `known are the differences of moto ${motoVersion}: pip install 'moto[server]==${motoVersion}'`);
  const ask = await start(t);
  const theirs = openAccount(moto);
  t.teardown(() => theirs.close());

  const compared = new Set<string>();
  const occurred = new Set<string>();
  const unknown: string[] = [];
  for (const { title, send } of cases) {
    const answer = await answerOf(send(theirs));
    const [operation, ours] = await ask(send);
    const missing = unknownToMoto[operation];
    if (missing) {
      t.match(answer, { status: missing.status, error: String }, `moto has no ${operation}: ${missing.why}`);
      continue;
    }
    compared.add(operation);
    for (const difference of differencesOf(answer, ours)) {
      const places = placesFor(difference, operation, title);
      for (const place of places) occurred.add(place);
      const { path, moto, here } = difference;
      if (places.length === 0) unknown.push(`${operation}, ${title}: ${path}: moto ${moto}, here ${here}`);
    }
  }
  t.comment(`${cases.length} cases of ${compared.size} operations; ${occurred.size} known differences`);
  t.strictSame(unknown, [], 'no difference but the known ones');
  t.strictSame(
    allPlaces().filter((place) => !occurred.has(place)),
    [],
    'every known difference still occurs',
  );
});
