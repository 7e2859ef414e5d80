/**
 * What is read of the function.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';

export interface FunctionState {
  existing?: {
    configuration: FunctionConfiguration;
    tags: Record<string, string>;
    reservedConcurrency?: number;
    eventInvoke: { maximumRetryAttempts: number; maximumEventAge: number };
    /** Whether an interrupted run left the interim role. */
    interimRole: boolean;
  };
  /** The account's concurrent executions; read only if a reservation is requested. */
  concurrency?: { limit: number; unreserved: number };
}

export type ExistingFunction = NonNullable<FunctionState['existing']>;
