/**
 * The disruptions of a command at one of its AWS calls.
 */
import type { Clock } from '../../src/aws/waits.js';
import type { Fault, InterceptedCall, Sandbox } from '../../src/sandbox/index.js';
import { copyOfState } from './account.js';

/** One way to disrupt a run at a call. */
export interface Disruption {
  name: string;
  /** Whether the run must complete in spite of it; otherwise the command is run again. */
  survives: boolean;
  /** Whether the SDK repeats the call. */
  retried?: true;
  /** Whether it applies to writes only. */
  ofWrites?: true;
  /** Returns the fault that the call meets. It can run another command on the account before the call takes effect. */
  inject(call: InterceptedCall, scene: Scene): Fault | undefined | Promise<undefined>;
}

/** Where a disruption happens. */
export interface Scene {
  sandbox: Sandbox;
  clock: Clock;
  /** Runs another command on the same account. */
  run(args: string[]): Promise<void>;
  /** Intercepts every later call of the run. */
  meetLater(interceptor: (call: InterceptedCall) => Fault | undefined): void;
  /** Ends the client's calls, as a kill does: calls under way get no answer, and nothing is retried. */
  cutOff(): void;
}

const reset: Fault = { kind: 'reset' };

/** Each service's throttling error, with its status. */
const throttled: Record<string, [code: string, status: number]> = {
  s3: ['SlowDown', 503],
  lambda: ['TooManyRequestsException', 429],
};

/** Faults of the network and of a service. */
export const faults: Disruption[] = [
  {
    name: '500',
    survives: true,
    retried: true,
    inject: () => ({ kind: 'refuse', code: 'InternalFailure', status: 500 }),
  },
  {
    name: 'throttled',
    survives: true,
    retried: true,
    inject({ service }) {
      const [code, status] = throttled[service] ?? ['ThrottlingException', 400];
      return { kind: 'refuse', code, message: 'Rate exceeded', status };
    },
  },
  { name: 'connection reset', survives: true, retried: true, inject: () => reset },
  // For a read, a lost request and a lost answer are the same: neither changes anything. The same holds for "cut off after".
  { name: 'answer lost', survives: true, retried: true, ofWrites: true, inject: () => ({ kind: 'lose-answer' }) },
  {
    name: 'access denied',
    survives: false,
    inject: () => ({ kind: 'refuse', code: 'AccessDenied', message: 'not authorized', status: 403 }),
  },
  {
    name: 'cut off before',
    survives: false,
    inject(_call, { cutOff }) {
      cutOff();
      return reset;
    },
  },
  {
    name: 'cut off after',
    survives: false,
    ofWrites: true,
    inject(_call, { cutOff }) {
      cutOff();
      return { kind: 'lose-answer' };
    },
  },
];

/**
 * Runs another command of this tool, start to end, between two calls of the one under test.
 *
 * @param survives whether both commands can succeed.
 */
export function race(args: string[], survives: boolean): Disruption {
  return {
    name: `${args.join(' ')} comes between`,
    survives,
    async inject(_call, { run }) {
      await run(args);
      return undefined;
    },
  };
}

/** How long reads return the state from before a write; milliseconds of the run's own clock. */
const lag = 3_000;

/** Eventual consistency: for a while after a write, reads return the state from before it. */
export const lateReads: Disruption = {
  name: `reads lag ${lag / 1_000} s behind it`,
  survives: true,
  ofWrites: true,
  inject(_call, { sandbox, clock, meetLater }) {
    const state = copyOfState(sandbox);
    const end = clock.now() + lag;
    meetLater(({ mutates }) => (mutates || clock.now() >= end ? undefined : { kind: 'stale', state }));
    return undefined;
  },
};
