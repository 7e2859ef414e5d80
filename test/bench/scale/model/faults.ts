/**
 * What does not work, and when.
 */

/** What can fail. */
export type FaultKind =
  /** Lambda's API and its queue answer with 5xx. */
  | 'lambda'
  /** EventBridge may not invoke the function. */
  | 'permission'
  /** The execution role may not read or list the bucket, or not use its key: 403. */
  | 'role'
  /** S3 answers with 503; KMS down under a bucket with a key looks the same to the function. */
  | 's3'
  /** The function's reserved concurrency is 0. */
  | 'throttled';

/** A fault, in seconds since the start: at `from`, no longer at `to`. */
export interface Fault {
  kind: FaultKind;
  from: number;
  to: number;
}

export class Faults {
  constructor(readonly faults: Fault[]) {}

  active(kind: FaultKind, at: number): boolean {
    return this.faults.some((fault) => fault.kind === kind && fault.from <= at && at < fault.to);
  }
}
