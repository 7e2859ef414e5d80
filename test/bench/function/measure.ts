/**
 * The function's own figures: its size, how long it takes to start and to decide, and what a message costs.
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { functionPackage } from '../../../src/package/function-package.js';
import { type Spread, spreadOf } from '../measure/figures.js';
import { costOfMessages, type MessageCost } from './calls.js';
import type { DecisionTimes } from './decisions.js';

/** What one Node.js makes of it. */
export interface NodeFigures {
  /** `v24.9.0` */
  version: string;
  runs: number;
  /** A process that does nothing, milliseconds. */
  bareNode: Spread;
  /** A process that loads the function's bundle, milliseconds. */
  bundle: Spread;
  /** The same of a bundle with the SDK's own client. */
  untrimmed: Spread;
  /** Of the medians of all fixtures, microseconds. */
  decision: Spread;
}

export interface FunctionFigures {
  /** Bytes. */
  sizes: { bundle: number; zip: number; untrimmed: number };
  nodes: NodeFigures[];
  messages: MessageCost[];
}

export interface FunctionPlace {
  repository: string;
  /** Where the bench was bundled to, with the untrimmed bundle in it. */
  directory: string;
  /** The Node.js binaries to measure with. */
  nodes: string[];
  /** How often each process is started. */
  runs: number;
}

/** What Lambda and the stack would set. Nothing is called. */
const environment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_SESSION_TOKEN: 'none',
  BUCKET: 'agentkeys-mail-111122223333',
  ACCOUNT_ID: '111122223333',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** @throws {Error} when a process fails. */
export async function measureFunction({ repository, directory, nodes, runs }: FunctionPlace): Promise<FunctionFigures> {
  const bundle = join(repository, 'dist/handler/index.cjs');
  const untrimmed = join(directory, 'untrimmed.cjs');
  const fixtures = join(repository, 'fixtures/messages');
  return {
    sizes: {
      bundle: statSync(bundle).size,
      zip: (await functionPackage(repository)).zip.length,
      untrimmed: statSync(untrimmed).size,
    },
    nodes: nodes.map((node) => {
      const loaded = { bareNode: '0', bundle: requireOf(bundle), untrimmed: requireOf(untrimmed) };
      const decisions = execFileSync(node, [join(directory, 'function/decisions.mjs'), fixtures]);
      const times: DecisionTimes[] = JSON.parse(String(decisions));
      return {
        version: String(execFileSync(node, ['--version'])).trim(),
        runs,
        ...startsInTurn(node, loaded, runs),
        decision: spreadOf(times.map(({ microseconds }) => spreadOf(microseconds).median)),
      };
    }),
    messages: await costOfMessages(fixtures),
  };
}

const requireOf = (path: string) => `require(${JSON.stringify(path)})`;

/** Starts each in turn, so that other load on the machine affects all. The files are cached in memory by then. */
function startsInTurn<Name extends string>(
  node: string,
  scripts: Record<Name, string>,
  runs: number,
): Record<Name, Spread> {
  const names = Object.keys(scripts) as Name[];
  const times = new Map(names.map((name): [Name, number[]] => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, milliseconds] of times) {
      const started = performance.now();
      execFileSync(node, ['-e', scripts[name]], { env: environment });
      milliseconds.push(performance.now() - started);
    }
  }
  const spreads = [...times].map(([name, milliseconds]): [Name, Spread] => [name, spreadOf(milliseconds)]);
  return Object.fromEntries(spreads) as Record<Name, Spread>;
}
