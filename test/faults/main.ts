/**
 * Arguments: a scenario's name and an empty directory. Sweeps the scenario there and writes the report to stdout.
 */
import { scenarios } from './scenarios/index.js';
import { sweep } from './sweep.js';

const [, , name = '', directory = ''] = process.argv;
const scenario = Object.entries(scenarios).find(([one]) => one === name)?.[1];
if (scenario === undefined) throw new Error(`There is no scenario ${name}.`);
process.stdout.write(JSON.stringify(await sweep(scenario, directory)));
