/**
 * The retry queue: what it is called, and whether the stack uses it.
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import type { Names, StackContext } from '../../scope.js';

/** The part of the rule that shows whether a retry queue is in use. */
export type TargetsView = { targets: Target[] } | undefined;

/** The ID of the rule's target, the function. */
export const targetId = 'agentkeys-ses-routing';

/** The dead-letter queue of the rule's target, if it has one. */
export function deadLetterQueueOf(rule: TargetsView): string | undefined {
  return rule?.targets.find(({ Id }) => Id === targetId)?.DeadLetterConfig?.Arn;
}

/**
 * Whether the stack uses its retry queue: it is to have one, or has one from an earlier deploy, which a deploy with `--no-retry-queue` does
 * not take apart.
 */
export function usesRetryQueue(
  rule: TargetsView,
  { names, settings }: Pick<StackContext, 'names' | 'settings'>,
): boolean {
  return settings.retryQueue || deadLetterQueueOf(rule) === names.retryQueueArn;
}

/** The condition that limits Lambda's event source mappings, which have IDs for names, to those of the function. */
export function ofTheFunction({ functionArn }: Names) {
  return { ArnEquals: { 'lambda:FunctionArn': functionArn } };
}
