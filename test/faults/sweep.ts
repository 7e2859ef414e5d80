/**
 * The fault sweep: disrupts one command at each of its AWS calls in each way that the call can fail, then runs it again without a disruption.
 * Each time, the account must end in the same state, and a further run must write nothing.
 *
 * All runs of a sweep share one embedded AWS, which is restored to the initial state before each. Nothing waits in real time: the account
 * uses the command's clock, and the SDK retries at once.
 */
import type { Clock } from '../../src/aws/waits.js';
import type { Fault, InterceptedCall } from '../../src/sandbox/index.js';
import { makeOperator, type Operator, quickClock } from '../support/operator.js';
import { finishUpdates, presentState, type SavedState, saveState, settledState } from './account.js';
import type { Disruption, Scene } from './disruptions.js';

/** A state of the account, the command to run in it, and the disruptions to inject. */
export interface Scenario {
  /** Prepares the operator's account for the command. */
  prepare(operator: Operator, clock: Clock): Promise<void>;
  /** The command. */
  args: string[];
  disruptions: Disruption[];
}

/** The result of a sweep. */
export interface Report {
  /** The number of calls that the command makes without a disruption, and its writes. */
  calls: number;
  writes: string[];
  /** The number of disruptions injected, and of the runs that met them. */
  injections: number;
  runs: number;
  /** The runs that did not end as they must. */
  divergences: string[];
}

/** Identifies a call of a run, whatever the order of concurrent calls: the second `iam:GetRole agentkeys-ses-routing-role`. */
interface Point {
  identity: string;
  occurrence: number;
  mutates: boolean;
}

/** The members of a call's input that identify its resource. */
const naming =
  /^(RoleName|PolicyName|PolicyArn|InstanceProfileName|FunctionName|StatementId|Name|Rule|ResourceARN|[rR]esourceArn|Resource|logGroupName(Prefix)?|Bucket|Key)$/;

function identityOf({ service, operation, input }: InterceptedCall): string {
  const members = Object.entries(Object(input)).filter(([name]) => naming.test(name));
  return [`${service}:${operation}`, ...members.map(([, value]) => String(value))].join(' ');
}

/** Numbers the calls of each identity in their order. */
function counter(): (call: InterceptedCall) => Point {
  const seen = new Map<string, number>();
  return (call) => {
    const identity = identityOf(call);
    const occurrence = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, occurrence);
    return { identity, occurrence, mutates: call.mutates };
  };
}

/**
 * Sweeps a scenario.
 *
 * @param directory an empty working directory for the command.
 * @throws {Error} when the command fails without a disruption.
 */
export async function sweep({ prepare, args, disruptions }: Scenario, directory: string): Promise<Report> {
  const clock = quickClock();
  const delays = { roleAssumable: 250, functionUpdate: 500 };
  const operator = await makeOperator(directory, { delays, now: clock.now });
  const { sandbox } = operator;
  const run = (others = args) => operator.run(others, { clock });

  await prepare(operator, clock);
  await finishUpdates(operator);
  const start = saveState(sandbox, clock);

  const points: Point[] = [];
  const countCall = counter();
  const release = sandbox.intercept((call) => {
    points.push(countCall(call));
    return undefined;
  });
  const { status, writes, stderr } = await run();
  release();
  if (status !== 0) throw new Error(stderr);
  const repeated = await run();
  const expected = await settledState(operator, clock);

  /** Compares the account with the end of the undisturbed run, after which a further run writes nothing. */
  async function atTheEnd(): Promise<string[]> {
    const faults = difference(expected, await settledState(operator, clock));
    if (faults.length === 0) return [];
    const further = await run();
    return [...faults, ...further.writes.map((write) => `a further run writes ${write}`)];
  }

  /** Runs the command again where a run was stopped. The command knows the account alone: it does the same from the same state. */
  const recoveries = new Map<string, string[]>();
  async function recover(): Promise<string[]> {
    const from = presentState(operator, clock);
    const known = recoveries.get(from);
    if (known !== undefined) return known;
    const next = await run();
    const faults = next.status === 0 ? [] : [`the next run fails: ${next.stderr}`];
    faults.push(...(await atTheEnd()));
    recoveries.set(from, faults);
    return faults;
  }

  /** Runs another command between two calls of the disrupted one. From the initial state, it ends in the same state each time. */
  const ends = new Map<string, SavedState>();
  async function runOther(others: string[]): Promise<void> {
    const key = others.join(' ');
    const end = ends.get(key);
    const fromStart = start.isCurrent();
    if (fromStart && end !== undefined) {
      end.restore();
      return;
    }
    await run(others);
    if (fromStart) ends.set(key, saveState(sandbox, clock));
  }

  let runs = 0;
  /** Disrupts one run at each of the points. */
  async function disrupt(disruption: Disruption, points: Point[]): Promise<string[]> {
    runs += 1;
    start.restore();
    const { status, stderr, missed } = await disturbed(operator, args, points, disruption, clock, runOther);
    const faults = missed.map(() => 'the call was not made');
    if (disruption.survives && status !== 0) faults.push(`it stops: ${stderr}`);
    faults.push(...(await (disruption.survives ? atTheEnd() : recover())));
    if (faults.length === 0) return [];
    if (points.length > 1) {
      // Which of them it was.
      const each: string[] = [];
      for (const point of points) each.push(...(await disrupt(disruption, [point])));
      return each.length > 0 ? each : faults.map((fault) => `all reads: ${disruption.name}: ${fault}`);
    }
    return points.flatMap(({ identity, occurrence }) =>
      faults.map((fault) => `${identity}, ${occurrence}: ${disruption.name}: ${fault}`),
    );
  }

  const divergences = repeated.writes.map((write) => `undisturbed, a second run writes ${write}`);
  let injections = 0;
  for (const disruption of disruptions) {
    const met = points.filter(({ mutates }) => mutates || !disruption.ofWrites);
    injections += met.length;
    // The SDK repeats a failed read, which has changed nothing: one run can survive a failure of each of its reads.
    const together = disruption.retried ? met.filter(({ mutates }) => !mutates) : [];
    const groups = [together, ...met.filter((point) => !together.includes(point)).map((point) => [point])];
    for (const group of groups) if (group.length > 0) divergences.push(...(await disrupt(disruption, group)));
  }

  await operator.close();
  return { calls: points.length, writes, injections, runs, divergences };
}

/**
 * Runs the command with a disruption at each of the points. The repetition of a disrupted call is left alone.
 *
 * @returns also the points whose call was not made.
 */
async function disturbed(
  { sandbox, run }: Operator,
  args: string[],
  points: Point[],
  disruption: Disruption,
  clock: Clock,
  runOther: Scene['run'],
) {
  const countCall = counter();
  const missed = new Set(points);
  const repeated = new Map<string, number>();
  let meet: (call: InterceptedCall) => Fault | undefined = () => undefined;
  let attempts = 5;
  const scene: Scene = {
    sandbox,
    clock,
    run: runOther,
    meetLater(interceptor) {
      meet = interceptor;
    },
    cutOff() {
      attempts = 1;
      meet = () => ({ kind: 'reset' });
    },
  };
  const release = sandbox.intercept((call) => {
    if (missed.size === 0) return meet(call);
    const repetitions = repeated.get(identityOf(call)) ?? 0;
    if (repetitions > 0) {
      repeated.set(identityOf(call), repetitions - 1);
      return undefined;
    }
    const { identity, occurrence } = countCall(call);
    const point = points.find((one) => one.identity === identity && one.occurrence === occurrence);
    if (point === undefined) return undefined;
    missed.delete(point);
    if (disruption.retried) repeated.set(identity, repetitions + 1);
    return disruption.inject(call, scene);
  });
  const { status, stderr } = await run(args, { clock, attempts: () => attempts });
  release();
  return { status, stderr, missed: [...missed] };
}

/** The lines that only one of two states contains. */
function difference(expected: string[], have: string[]): string[] {
  if (expected.join('\n') === have.join('\n')) return [];
  const missing = expected.filter((line) => !have.includes(line)).map((line) => `the end lacks ${line.trim()}`);
  const surplus = have.filter((line) => !expected.includes(line)).map((line) => `the end has ${line.trim()}`);
  const lines = [...missing, ...surplus];
  return lines.length === 0 ? ['the end has the same lines in another number or order'] : lines;
}
