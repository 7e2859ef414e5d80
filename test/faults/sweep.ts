/**
 * The fault sweep: runs one command once for each of its AWS calls and each way that the call can fail, then again without a disruption.
 * Each time, the account must end in the same state, and a further run must write nothing.
 *
 * All runs of a sweep share one embedded AWS, which is restored to the initial state before each. Nothing waits in real time: the account
 * uses the command's clock, and the SDK retries at once.
 */
import type { Clock } from '../../src/aws/waits.js';
import type { Fault, InterceptedCall } from '../../src/sandbox/index.js';
import { makeOperator, type Operator, quickClock } from '../support/operator.js';
import { finishUpdates, saveState, settledState } from './account.js';
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
  /** The number of disruptions injected. */
  injections: number;
  /** The runs that did not end as they must. */
  divergences: string[];
}

/** Identifies a call of a run, whatever the order of concurrent calls: the second `iam:GetRole agentkeys-ses-routing-role`. */
interface Point {
  identity: string;
  occurrence: number;
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
    return { identity, occurrence };
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
  const delays = { roleAssumable: 1_000, functionUpdate: 500 };
  const operator = await makeOperator(directory, { delays, now: clock.now });
  const { sandbox } = operator;
  const run = (others = args) => operator.run(others, { clock });

  await prepare(operator, clock);
  await finishUpdates(operator);
  const start = saveState(sandbox);

  const points: Array<Point & { mutates: boolean }> = [];
  const countCall = counter();
  const release = sandbox.intercept((call) => {
    points.push({ ...countCall(call), mutates: call.mutates });
    return undefined;
  });
  const { status, writes, stderr } = await run();
  release();
  if (status !== 0) throw new Error(stderr);
  const repeated = await run();
  const wanted = await settledState(operator, clock);

  const divergences = repeated.writes.map((write) => `undisturbed, a second run writes ${write}`);
  let injections = 0;
  for (const disruption of disruptions)
    for (const { mutates, ...point } of points) {
      if (disruption.ofWrites && !mutates) continue;
      injections += 1;
      const describe = (faults: string[]) =>
        faults.map((fault) => `${point.identity}, ${point.occurrence}: ${disruption.name}: ${fault}`);
      start.restore();
      const faults: string[] = [];
      const disrupted = await disturbed(operator, args, point, disruption, clock);
      if (disrupted === undefined) faults.push('the call was not made');
      else if (disruption.survives && disrupted.status !== 0) faults.push(`it stops: ${disrupted.stderr}`);
      if (!disruption.survives) {
        // Nothing has changed: the next run would be the undisturbed one, which has been checked.
        if (start.isCurrent()) {
          divergences.push(...describe(faults));
          continue;
        }
        const next = await run();
        if (next.status !== 0) faults.push(`the next run fails: ${next.stderr}`);
      }
      // A failed read changes nothing, so that a further run would repeat the undisturbed one.
      const further = mutates ? (await run()).writes : [];
      faults.push(...further.map((write) => `a further run writes ${write}`));
      faults.push(...difference(wanted, await settledState(operator, clock)));
      divergences.push(...describe(faults));
    }

  await operator.close();
  return { calls: points.length, writes, injections, divergences };
}

/** Runs the command with a disruption at one call. @returns undefined when the call was not made. */
async function disturbed(
  { sandbox, run }: Operator,
  args: string[],
  point: Point,
  disruption: Disruption,
  clock: Clock,
) {
  const countCall = counter();
  let meet: (call: InterceptedCall) => Fault | undefined = () => undefined;
  let attempts = 5;
  const scene: Scene = {
    sandbox,
    clock,
    run: (others) => run(others, { clock }),
    meetLater(interceptor) {
      meet = interceptor;
    },
    cutOff() {
      attempts = 1;
      meet = () => ({ kind: 'reset' });
    },
  };
  let disrupted = false;
  const release = sandbox.intercept((call) => {
    if (disrupted) return meet(call);
    const { identity, occurrence } = countCall(call);
    if (identity !== point.identity || occurrence !== point.occurrence) return undefined;
    disrupted = true;
    return disruption.inject(call, scene);
  });
  const result = await run(args, { clock, attempts: () => attempts });
  release();
  return disrupted ? result : undefined;
}

/** The lines that only one of two states contains. */
function difference(wanted: string[], have: string[]): string[] {
  if (wanted.join('\n') === have.join('\n')) return [];
  const missing = wanted.filter((line) => !have.includes(line)).map((line) => `the end lacks ${line.trim()}`);
  const surplus = have.filter((line) => !wanted.includes(line)).map((line) => `the end has ${line.trim()}`);
  const lines = [...missing, ...surplus];
  return lines.length === 0 ? ['the end has the same lines in another number or order'] : lines;
}
