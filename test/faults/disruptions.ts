/**
 * What can happen to a command at one of its AWS calls.
 */
import type { Clock } from '../../src/aws/waits.js';
import type { Fault, InterceptedCall, Sandbox } from '../../src/sandbox/index.js';
import type { Run } from '../support/operator.js';
import { copyOfState } from './account.js';

/** One way in which a run is disturbed at a call. */
export interface Disruption {
  name: string;
  /** Whether the same run is to come to its end in spite of it. What was not survives out is run again. */
  survives: boolean;
  /** Only a write has it. */
  ofWrites?: true;
  /** What meets the call. Another command can be run on the account before the call takes effect. */
  inject(call: InterceptedCall, scene: Scene): Fault | undefined | Promise<undefined>;
}

/** Where a disruption happens. */
export interface Scene {
  sandbox: Sandbox;
  clock: Clock;
  /** Runs another command on the same account. */
  run(args: string[]): Promise<Run>;
  /** Meets every later call of the run. */
  meetLater(interceptor: (call: InterceptedCall) => Fault | undefined): void;
  /** The client makes no call any more: as a kill leaves it. What is under way gets no answer, and nothing is tried again. */
  cutOff(): void;
}

const reset: Fault = { kind: 'reset' };

/** Each service's own word for "too many requests", with its status. */
const throttled: Record<string, [code: string, status: number]> = {
  s3: ['SlowDown', 503],
  lambda: ['TooManyRequestsException', 429],
};

/** What a network and a service can do. */
export const faults: Disruption[] = [
  { name: '500', survives: true, inject: () => ({ kind: 'refuse', code: 'InternalFailure', status: 500 }) },
  {
    name: 'throttled',
    survives: true,
    inject({ service }) {
      const [code, status] = throttled[service] ?? ['ThrottlingException', 400];
      return { kind: 'refuse', code, message: 'Rate exceeded', status };
    },
  },
  { name: 'connection reset', survives: true, inject: () => reset },
  // To a read, whether the request or the answer is lost is the same: it leaves nothing behind. Likewise below.
  { name: 'answer lost', survives: true, ofWrites: true, inject: () => ({ kind: 'lose-answer' }) },
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
 * Another command of this tool, run whole between two calls of the one that is swept.
 *
 * @param survives whether both can have what they want.
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

/** How long AWS goes on answering what was there before a write; milliseconds of the run's own clock. */
const lag = 3_000;

/** Eventual consistency: for a while after a write, whatever is read is as it was before it. */
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
