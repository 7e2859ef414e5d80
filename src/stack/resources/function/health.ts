/**
 * What Lambda itself reports of a function: an update or a creation that failed, or that it is idle.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Write } from '../../../aws/writes.js';
import { type Difference, difference } from '../../../reconcile/plan.js';
import type { Names } from '../../scope.js';
import type { ExistingFunction } from './state.js';

/**
 * Whether the last update failed. GetFunction then returns the configuration that was sent, while the function runs the one before:
 * https://github.com/hashicorp/terraform-provider-aws/issues/49904
 */
export function updateFailed({ configuration }: ExistingFunction): boolean {
  return configuration.LastUpdateStatus === 'Failed';
}

/** Whether the creation failed. Lambda accepts no update then: the function has to be deleted and created again. */
export function creationFailed(existing: ExistingFunction | undefined): boolean {
  return existing?.configuration.State === 'Failed';
}

/** Lambda's reason: `the subnet has no free addresses (SubnetOutOfIPAddresses)`. */
function reasonOf(reason: string | undefined, code: string | undefined): string {
  const text = reason ?? 'no reason given';
  return code === undefined ? text : `${text} (${code})`;
}

/** Lambda's verdict on a failed creation or update as a difference; empty if neither failed. */
export function failureDifferences({ configuration }: ExistingFunction): Difference[] {
  const { State, StateReason, StateReasonCode } = configuration;
  const { LastUpdateStatus, LastUpdateStatusReason, LastUpdateStatusReasonCode } = configuration;
  if (State === 'Failed') return [difference('state', `Failed: ${reasonOf(StateReason, StateReasonCode)}`, 'Active')];
  if (LastUpdateStatus === 'Failed')
    return [
      difference(
        'last update',
        `Failed: ${reasonOf(LastUpdateStatusReason, LastUpdateStatusReasonCode)}`,
        'Successful',
      ),
    ];
  return [];
}

/** Whether Lambda reclaimed the resources of a function that was idle. The next event makes it active again. */
export function isIdle({ State }: FunctionConfiguration): boolean {
  return State === 'Inactive';
}

/** Lambda accepts no update of an idle function. An invocation makes it active; the function refuses this event. */
export function wakeUp({ functionName }: Names): Write {
  const event = { source: 'agentkeys-ses-routing', 'detail-type': 'Wake-up' };
  return { call: 'lambda:Invoke', input: { FunctionName: functionName, Payload: JSON.stringify(event) } };
}
