/**
 * Arguments: an empty directory and the names of scenarios. Sweeps the scenarios there and writes their reports to stdout, one a line.
 */
import { scenarios } from './scenarios/index.js';
import { sweep } from './sweep.js';

const [, , directory = '', ...names] = process.argv;
for (const name of names) {
  const scenario = Object.entries(scenarios).find(([one]) => one === name)?.[1];
  if (scenario === undefined) throw new Error(`There is no scenario ${name}.`);
  process.stdout.write(`${JSON.stringify(await sweep(scenario, directory))}\n`);
}
