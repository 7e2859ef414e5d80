/**
 * The bench: this tool, as whole processes, against the embedded AWS and moto, with a latency added to each call; and, on moto,
 * the alternatives. In rounds, so that other load on the machine affects all of them.
 *
 *     npm run bench                        a table
 *     npm run --silent bench -- --json     the same and more as JSON, on stdout alone
 *     npm run bench -- --rounds 1          a quick look
 *     npm run bench -- --only function     the function's own figures alone; likewise deploy, backfill, mailbox, hostile, vault, scale
 *     npm run bench -- --node <binary>     the function's figures on another Node.js as well
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { delimiter, join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type BackfillFigures, measureBackfill } from './backfill/measure.js';
import {
  awsCliScript,
  type Contender,
  type Place,
  plainEnvironment,
  type Step,
  terraform,
  thisTool,
} from './contenders.js';
import {
  type Account,
  type Endpoint,
  type LatencyProxy,
  startEmbeddedAws,
  startMoto,
  startProxy,
} from './endpoints.js';
import { type FunctionFigures, measureFunction } from './function/measure.js';
import { type HostileFigures, measureHostile } from './mailbox/hostile.js';
import { type MailboxFigures, measureMailbox } from './mailbox/measure.js';
import { figuresOf, type Sample, sampleOf } from './measure/figures.js';
import { runProcess } from './measure/run-process.js';
import { measureStartUp } from './measure/start-up.js';
import { type DeployFigures, type Report, renderReport, type Section } from './report.js';
import { measureScale } from './scale/measure.js';
import { measureVault, type VaultFigures } from './vault/measure.js';

/** Milliseconds: a call from a workstation to a region not far away. */
const latency = 40;
const roundsByDefault = 5;
/** The others take half a minute and more a round. */
const roundsOfOthers = 2;
const startUpRuns = 15;
const mailboxRounds = 20;
const vaultRounds = 20;

/** What `--only` can name. */
const parts = ['deploy', 'function', 'backfill', 'mailbox', 'hostile', 'vault', 'scale'] as const;

export interface BenchOptions {
  repository: string;
  /** A folder for temporary files; the caller empties it. */
  directory: string;
  args: string[];
}

/** One contender on one endpoint, and what was measured so far. */
interface Match {
  contender: Contender;
  endpoint: Endpoint;
  rounds: number;
  measured: Map<string, { step: Step; samples: Sample[]; operations: string[] }>;
}

/** @returns 0 when every command succeeded, at any speed; 1 otherwise. */
export async function bench({ repository, directory, args }: BenchOptions): Promise<number> {
  const flags = {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    node: { type: 'string', multiple: true, default: [] },
  } satisfies ParseArgsConfig['options'];
  const { json, rounds: wanted, only, node } = parseArgs({ args, options: flags }).values;
  if (!['', ...parts].includes(only)) throw new Error(`--only takes one of ${parts.join(', ')}, not ${only}`);
  const takes = (part: (typeof parts)[number]) => only === '' || only === part;
  // The SDK's warning about this version of Node.js would appear in the table.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const machine = `Node.js ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} before the start`;
  const remarks: string[] = [];

  const deploy = takes('deploy')
    ? await benchDeploy(repository, directory, Number(wanted) || roundsByDefault, remarks)
    : undefined;
  const ofFunction = takes('function') ? await benchFunction(repository, directory, node) : undefined;
  const backfill = takes('backfill') ? await benchBackfill(repository, directory, wanted === '1', remarks) : undefined;
  const mailbox = takes('mailbox') ? await benchMailbox(repository, directory, Number(wanted)) : undefined;
  const hostile = takes('hostile') ? benchHostile(directory) : undefined;
  const vault = takes('vault') ? await benchVault(directory, Number(wanted)) : undefined;
  const scale = takes('scale') ? await measureScale(repository, directory, say) : undefined;
  const report: Report = {
    machine,
    latency,
    remarks,
    ...(deploy === undefined ? {} : { deploy }),
    ...(ofFunction === undefined ? {} : { ofFunction }),
    ...(backfill === undefined ? {} : { backfill }),
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(hostile === undefined ? {} : { hostile }),
    ...(vault === undefined ? {} : { vault }),
    ...(scale === undefined ? {} : { scale }),
  };
  const text = json ? JSON.stringify(report, null, 2) : renderReport(report).join('\n');
  process.stdout.write(`${text}\n`);
  return remarks.length === 0 ? 0 : 1;
}

function benchFunction(repository: string, directory: string, others: string[]): Promise<FunctionFigures> {
  say('the function');
  return measureFunction({ repository, directory, nodes: [process.execPath, ...others], runs: startUpRuns });
}

function benchMailbox(repository: string, directory: string, wanted: number): Promise<MailboxFigures> {
  say('the mailbox');
  return measureMailbox(repository, directory, wanted || mailboxRounds);
}

function benchVault(directory: string, wanted: number): Promise<VaultFigures> {
  say('the vault');
  return measureVault(directory, wanted || vaultRounds, latency);
}

function benchHostile(directory: string): HostileFigures {
  say('hostile messages');
  return measureHostile(directory);
}

async function benchBackfill(
  repository: string,
  directory: string,
  quick: boolean,
  remarks: string[],
): Promise<BackfillFigures> {
  say('backfill');
  const figures = await measureBackfill({ repository, directory, quick });
  for (const { messages, right } of figures.runs)
    if (!right) remarks.push(`backfill of ${messages} messages did not route them all, or others`);
  return figures;
}

/** Measures the commands, and their start-up. */
async function benchDeploy(
  repository: string,
  directory: string,
  rounds: number,
  remarks: string[],
): Promise<DeployFigures> {
  const env = plainEnvironment(pathWithPythons());
  const proxy = await startProxy(directory);
  const embedded = startEmbeddedAws(directory);
  const moto = await startMoto(repository, env);
  try {
    const place: Place = { repository, directory, env, endpoint: proxy.url };
    const ours = thisTool(place);
    const matches: Match[] = [match(ours, embedded, rounds)];
    const skipped: Section[] = [];
    for (const contender of [ours, awsCliScript(place), terraform(place)]) {
      const why = typeof moto === 'string' ? moto : await contender.missing();
      if (typeof moto === 'string' || why !== undefined)
        skipped.push({ contender: contender.name, endpoint: 'moto', figures: [], skipped: String(why) });
      else matches.push(match(contender, moto, contender === ours ? rounds : Math.min(rounds, roundsOfOthers)));
    }

    for (let round = 0; round < rounds; round++) {
      for (const one of matches.filter((each) => round < each.rounds)) {
        say(`round ${round + 1} of ${one.rounds}: ${one.contender.name} on ${one.endpoint.name}`);
        await play(one, place, proxy, round, remarks);
      }
    }
    say('start-up');
    const startUp = measureStartUp(repository, env, startUpRuns);
    return { sections: [...matches.map(section), ...skipped], startUp };
  } finally {
    proxy.close();
    embedded.close();
    if (typeof moto !== 'string') moto.close();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function match(contender: Contender, endpoint: Endpoint, times: number): Match {
  return { contender, endpoint, rounds: times, measured: new Map() };
}

/** One round of a contender: its steps one after the other, on a fresh account. */
async function play(
  { contender, endpoint, measured }: Match,
  { directory, env }: Place,
  proxy: LatencyProxy,
  round: number,
  remarks: string[],
): Promise<void> {
  const account = await endpoint.renew();
  const cwd = await mkdtemp(join(directory, 'work-'));
  const options = { cwd, env: { ...env, ...access(account, proxy), ...contender.env(account) } };
  const order = { upstream: account.endpoint, latency };
  for (const step of await contender.steps(account)) {
    await proxy.tell(order);
    const { status, seconds, peakMiB, output } = await runProcess(step.file, step.args, options);
    const calls = await proxy.tell(order);
    const known = measured.get(step.name) ?? {
      step,
      samples: [],
      operations: calls.map(({ service, operation }) => `${service}:${operation}`),
    };
    measured.set(step.name, known);
    const sample = sampleOf(seconds, calls, peakMiB);
    known.samples.push(sample);
    const what = `${contender.name} on ${endpoint.name}, ${step.name}, round ${round + 1}`;
    if (status !== 0)
      remarks.push(`${what}: ended with ${status}: ${output.trim().split('\n').slice(-12).join('\n  ')}`);
    if (step.readOnly && sample.writing > 0) {
      const writes = calls.filter(({ mutates }) => mutates).map(({ service, operation }) => `${service}:${operation}`);
      remarks.push(`${what}: changed something: ${writes.join(', ')}`);
    }
  }
}

function access({ region, credentials }: Account, proxy: LatencyProxy): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
}

function section({ contender, endpoint, measured }: Match): Section {
  const figures = [...measured.values()].map(({ step, samples, operations }) =>
    figuresOf(step.name, samples, step.aim, operations),
  );
  return { contender: contender.name, endpoint: endpoint.name, figures };
}

/**
 * The PATH with Python's own folder in front: a version manager puts a shell script before every Python program, whose time is
 * not the AWS CLI's.
 */
function pathWithPythons(): string {
  const path = process.env.PATH ?? '';
  try {
    const folder = execFileSync('python3', ['-c', 'import sys, os; print(os.path.dirname(sys.executable))']);
    return [String(folder).trim(), path].join(delimiter);
  } catch {
    return path;
  }
}
