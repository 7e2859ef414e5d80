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
    /** Whether the role is there that an interrupted run meant to delete. */
    interimRole: boolean;
  };
  /** The account's concurrent executions; read only when some are to be reserved. */
  concurrency?: { limit: number; unreserved: number };
}

export type ExistingFunction = NonNullable<FunctionState['existing']>;
